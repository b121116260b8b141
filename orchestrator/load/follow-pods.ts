import type { LedgerEnd, LedgerLine } from "../history/ledger.ts";
import { LedgerMerge } from "../history/merge-ledgers.ts";
import type { Kube } from "../kube/kube.ts";
import { FirstStart } from "./first-start.ts";
import { followLedger } from "./follow.ts";
import type { LoadPod } from "./pod.ts";
import { within, type Waiting } from "./waiting.ts";

/** Pods that were let go together and run for the same time end by themselves within this, ms. */
const TOGETHER_MS = 5_000;

export interface Following {
  /** By pod, its own ledger's end. */
  readonly followed: readonly Promise<LedgerEnd>[];
  /** By pod, the start of its first request. */
  readonly started: readonly Promise<number>[];
  /** The merged ledger's end. */
  readonly ended: Promise<LedgerEnd>;
  /** To be aborted when the end is asked for. */
  readonly stopping: AbortController;
}

/**
 * Follows every pod's ledger and hands on the merged one. When a pod's cannot be followed to its end, what waited for it is handed on
 * too before that rejects, and the others' rows from then on as they come.
 */
export function followPods(
  kube: Pick<Kube, "podProxy">,
  pods: readonly LoadPod[],
  waiting: Waiting & { readonly onLine: (line: LedgerLine) => void; readonly outageMs: number },
): Following {
  const merge = new LedgerMerge(pods.length);
  const merged = Promise.withResolvers<LedgerEnd>();
  const stopping = new AbortController();
  const followers = pods.map((pod, index) => {
    const first = new FirstStart();
    const started = Promise.withResolvers<number>();
    const followed = followLedger(kube, pod, {
      ...waiting,
      onLine(line) {
        const atMs = first.observe(line);
        if (atMs !== undefined) started.resolve(atMs);
        for (const each of merge.observe(index, line)) {
          waiting.onLine(each);
          if (each.type === "end") merged.resolve(each);
        }
      },
    }).catch((error: unknown) => {
      handOn(merge.breakOff(), waiting.onLine);
      throw error;
    });
    followed.catch((error: unknown) => {
      started.reject(error);
    });
    started.promise.catch(() => undefined);
    return { followed, started: started.promise };
  });
  const followed = followers.map((each) => each.followed);
  const ended = endTogether(followed, pods, { ...waiting, stopping: stopping.signal }).then(() => merged.promise);
  ended.catch(() => undefined);
  return { followed, started: followers.map(({ started }) => started), ended, stopping };
}

/** Resolves when every ledger has ended. A pod that ends long before the others without being told to was not whole. */
async function endTogether(
  followed: readonly Promise<LedgerEnd>[],
  pods: readonly LoadPod[],
  { stopping, ...waiting }: Waiting & { readonly stopping: AbortSignal },
): Promise<void> {
  const all = Promise.all(followed);
  // Awaited below, unless the first of them rejects before.
  all.catch(() => undefined);
  const first = await Promise.race(followed.map((each, index) => each.then(() => index)));
  if (stopping.aborted) await all;
  else {
    const what = `The end of the other pods' ledgers after that of pod ${pods[first]?.name ?? ""}, which nobody had stopped,`;
    await within(all, what, TOGETHER_MS, () => "ledgers that go on", waiting);
  }
}

/** Hands on lines of a load whose ledger has failed already, which is what is to be told, and not that nobody takes them any more. */
function handOn(lines: readonly LedgerLine[], onLine: (line: LedgerLine) => void): void {
  try {
    for (const line of lines) onLine(line);
  } catch {
    // Whoever has closed the recording wants no more of it.
  }
}
