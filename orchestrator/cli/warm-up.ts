import type { LedgerLine } from "../history/ledger.ts";
import { beginSteady, stepSteady } from "../load/steady.ts";
import type { SteadyState } from "../load/steady.ts";
import { DeadlineError } from "../plan/errors.ts";
import { plannedClients, type Plan } from "../plan/plan.ts";
import type { Recording } from "../recording/writer.ts";

/** Follows the ledger until the load is steady; every reading is recorded. */
export class WarmUp {
  readonly #recording: Recording;
  readonly #plan: Plan;
  readonly #steady = Promise.withResolvers<undefined>();
  #state: SteadyState | undefined;
  #tell: (text: string) => void = () => undefined;
  #last = "no reading yet";

  constructor({ recording, plan }: { readonly recording: Recording; readonly plan: Plan }) {
    this.#recording = recording;
    this.#plan = plan;
    this.#state = beginSteady({ clients: plannedClients(plan), consecutive: plan.load.warmUpSeconds });
  }

  onLine(line: LedgerLine): void {
    if (this.#state === undefined) return;
    const { state, readings } = stepSteady(this.#state, line);
    for (const reading of readings) {
      this.#recording.observe({ type: "warm-up-reading", ...reading });
      const { warmUpSeconds } = this.#plan.load;
      const waits = reading.streak === warmUpSeconds && !state.isSteady ? ", latencies not stable yet" : "";
      this.#last = `${String(reading.requests)} requests/s, ${String(reading.failed)} failed, ${String(reading.streak)} of ${String(warmUpSeconds)} steady seconds${waits}`;
      this.#tell(this.#last);
    }
    this.#state = state.isSteady ? undefined : state;
    if (state.isSteady) this.#steady.resolve(undefined);
  }

  /** Rejects with a DeadlineError that carries the last reading, or with the signal's reason. */
  async steady(deadline: number, signal: AbortSignal, tell: (text: string) => void): Promise<void> {
    this.#tell = tell;
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => undefined);
    const timer = setTimeout(() => {
      ended.reject(new DeadlineError("Steady load", deadline, this.#last));
    }, deadline);
    const onAbort = (): void => {
      ended.reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      if (signal.aborted) onAbort();
      await Promise.race([this.#steady.promise, ended.promise]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  }
}
