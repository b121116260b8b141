import { abortReason } from "../../kube/clock.ts";
import type { Clock } from "../../kube/clock.ts";

/** For tests only: a clock on which a sleep is over at once, and which then is so much later; or, while it holds, only when it is aborted. */
export class ManualClock implements Clock {
  /** Ms of every sleep, in order. */
  readonly slept: number[] = [];
  holding = false;
  #ms = 0;

  monoMs(): number {
    return this.#ms;
  }

  wallMs(): number {
    return 1_795_661_142_000 + this.#ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms);
    if (this.holding) {
      const aborted = Promise.withResolvers<undefined>();
      if (signal?.aborted === true) aborted.resolve(undefined);
      signal?.addEventListener("abort", () => {
        aborted.resolve(undefined);
      });
      await aborted.promise;
    }
    if (signal?.aborted === true) throw abortReason(signal);
    this.#ms += ms;
  }
}
