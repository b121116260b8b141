import type { Clock } from "../../kube/clock.ts";
import type { Kube } from "../../kube/kube.ts";

/** An API server of which one kind's watch can be made deaf. */
export interface Deafened {
  /** To be watched through in place of the API server itself. */
  readonly kube: Kube;
  /** From now on nothing is told of the kind, for `ms`; then it is listed anew, as after a watch that was too far behind to be resumed. */
  goDeaf(ms: number): void;
}

/**
 * Lets everything through but a kind's watch, which can be ended and begun anew after a while. What came and went meanwhile was never told: whoever
 * records through it has a hole there, and is told of it as of every other.
 */
export function deafened(kube: Kube, kind: string, clock: Clock): Deafened {
  let deaf = new AbortController();
  let untilMs = -Infinity;
  const watch: Kube["watch"] = async (ref, selector, onEvent, options) => {
    if (ref.kind !== kind) return kube.watch(ref, selector, onEvent, options);
    for (;;) {
      await kube.watch(ref, selector, onEvent, { ...options, signal: AbortSignal.any([options.signal, deaf.signal]) });
      if (options.signal.aborted) return;
      const sinceMs = clock.monoMs();
      await clock.sleep(untilMs - sinceMs, options.signal).catch(() => undefined);
      if (options.signal.aborted) return;
      onEvent({ type: "gap", how: "relisted", reason: "the watch was made deaf", forMs: clock.monoMs() - sinceMs });
    }
  };
  return {
    kube: new Proxy(kube, {
      get: (target, name) => {
        if (name === "watch") return watch;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    }),
    goDeaf(ms) {
      untilMs = clock.monoMs() + ms;
      const before = deaf;
      deaf = new AbortController();
      before.abort(new Error("The watch was made deaf."));
    },
  };
}
