import type { Clock } from "../../kube/clock.ts";
import type { Kube, WatchEvent } from "../../kube/kube.ts";

/** An API server of which one kind's watches can be made deaf. */
interface Deafened {
  /** To be watched through in place of the API server itself. */
  readonly kube: Kube;
  /** From now on nothing is told of the kind, for `ms`; then it is listed anew, as after a watch that was too far behind to be resumed. */
  goDeaf(ms: number): void;
}

/**
 * Lets everything through but a kind's watches, which can be ended and begun anew after a while. What came and went meanwhile was never told: whoever
 * records through it has a hole there, and is told of it as `watchKind` tells of every other, right before the new list's objects.
 */
export function deafened(kube: Kube, kind: string, clock: Clock): Deafened {
  let deaf = new AbortController();
  let fromMs = -Infinity;
  let untilMs = -Infinity;
  const watch: Kube["watch"] = async (ref, selector, onEvent, options) => {
    if (ref.kind !== kind) {
      await kube.watch(ref, selector, onEvent, options);
      return;
    }
    const { signal } = options;
    let sinceMs: number | undefined;
    let synced = false;
    for (;;) {
      const ended = deaf.signal;
      const onHeard = (event: WatchEvent): void => {
        // What was on its way when the watch was ended is not told any more.
        if (ended.aborted) return;
        if (sinceMs !== undefined && synced) {
          const forMs = clock.monoMs() - sinceMs;
          onEvent({ type: "gap", how: "relisted", reason: "the resource version was too old", forMs });
        }
        sinceMs = undefined;
        if (event.type === "synced") synced = true;
        onEvent(event);
      };
      await kube.watch(ref, selector, onHeard, { ...options, signal: AbortSignal.any([signal, ended]) });
      if (isAborted(signal)) return;
      sinceMs ??= fromMs;
      try {
        await clock.sleep(Math.max(0, untilMs - clock.monoMs()), signal);
      } catch {
        return;
      }
    }
  };
  return {
    kube: new Proxy(kube, {
      get: (target, name): unknown => {
        if (name === "watch") return watch;
        const value: unknown = Reflect.get(target, name, target);
        // A class's own methods know their fields only by themselves.
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    }),
    goDeaf(ms) {
      fromMs = clock.monoMs();
      untilMs = fromMs + ms;
      const before = deaf;
      deaf = new AbortController();
      before.abort(new Error("The watch was made deaf."));
    },
  };
}

/** A call, because the compiler takes a property it has seen once for settled. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
