import { DeadlineError } from "../plan/errors.ts";
import { abortReason } from "./clock.ts";
import type { Kube, KindRef, KubeObject, Selector } from "./kube.ts";

export interface Wait<T> {
  what: string;
  deadlineMs: number;
  predicate: (objects: KubeObject[]) => T | undefined;
  describe: (objects: KubeObject[]) => string;
  signal?: AbortSignal;
}

/**
 * `Kube.waitFor` in terms of a watch. The predicate is asked when the list is complete and after every event from then on;
 * during a relist it is not, because half a list is no state.
 */
export async function waitByWatch<T>(
  watch: Kube["watch"],
  kind: KindRef,
  selector: Selector,
  wait: Wait<T>,
): Promise<T> {
  const done = new AbortController();
  const deadline = AbortSignal.timeout(Math.max(1, Math.round(wait.deadlineMs)));
  const signals = wait.signal === undefined ? [done.signal, deadline] : [done.signal, deadline, wait.signal];
  let objects = new Map<string, KubeObject>();
  let listing = new Map<string, KubeObject>();
  let synced = false;
  /** Written by the listener below. */
  const outcome: { everSynced: boolean; found?: { value: T } } = { everSynced: false };

  const watching = watch(
    kind,
    selector,
    (event) => {
      // Events already on their way when the wait was over are nobody's.
      if (outcome.found !== undefined) return;
      switch (event.type) {
        case "listed":
          if (synced) {
            synced = false;
            listing = new Map();
          }
          listing.set(keyOf(event.object), event.object);
          return;
        case "gap":
          if (event.how === "relisted") {
            synced = false;
            listing = new Map();
          }
          return;
        case "synced":
          objects = listing;
          synced = true;
          outcome.everSynced = true;
          break;
        case "deleted":
          objects.delete(keyOf(event.object));
          break;
        case "added":
        case "modified":
          objects.set(keyOf(event.object), event.object);
          break;
      }
      const value = wait.predicate([...objects.values()]);
      if (value !== undefined) {
        outcome.found = { value };
        done.abort();
      }
    },
    { signal: AbortSignal.any(signals), outageMs: wait.deadlineMs },
  );
  await watching;
  if (outcome.found !== undefined) return outcome.found.value;
  if (wait.signal?.aborted === true) throw abortReason(wait.signal);
  const seen = outcome.everSynced ? wait.describe([...objects.values()]) : "no answer of the API server yet";
  throw new DeadlineError(wait.what, wait.deadlineMs, seen);
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
