import type { LedgerEnd } from "../history/ledger.ts";
import type { Kube } from "../kube/kube.ts";
import { ask, readPodState, shown, type LoadPod } from "./pod.ts";
import { poll, within, type Waiting } from "./waiting.ts";

/** What a load leaves behind. */
export interface LoadEnd {
  /** The ledger's last line. */
  readonly end: LedgerEnd;
  /** k6's end-of-test summary as k6 wrote it, JSON; undefined when k6 ended without one (it was killed, or failed). */
  readonly summary: string | undefined;
  /**
   * k6's exit code. It tells only whether k6 ran: 103 stopped by us, 0 or 99 ended by itself (99: a threshold was
   * crossed, which 103 hides), all else means that the load is no evidence. Threshold results are in the summary.
   */
  readonly exitCode: number;
}

const STOP = JSON.stringify({ data: { type: "status", id: "default", attributes: { stopped: true } } });

/**
 * Ends the load, unless it has ended already, and gets everything out of its pod, which then completes. Requests in
 * flight are not waited for. Rejects with a DeadlineError when k6 does not end within `stopMs`, or its summary
 * cannot be had within `filesMs`.
 */
export async function stopLoad(
  kube: Pick<Kube, "podProxy" | "waitFor">,
  pod: LoadPod,
  {
    ended,
    stopMs,
    filesMs,
    ...waiting
  }: Waiting & {
    /** The end of the ledger as the follower sees it. */
    readonly ended: Promise<LedgerEnd>;
    readonly stopMs: number;
    readonly filesMs: number;
  },
): Promise<LoadEnd> {
  const { clock, signal } = waiting;
  const startMs = clock.monoMs();
  let hasEnded = false;
  const settling = ended.finally(() => {
    hasEnded = true;
  });
  // Awaited below; until then a rejection has somewhere to go.
  settling.catch(() => undefined);

  // Said once more until it is heard: stopping a stopped test changes nothing.
  await poll("The load's stop", { ...waiting, deadlineMs: stopMs }, async () => {
    if (hasEnded) return { done: undefined };
    const answer = await ask(kube, pod, { port: pod.k6Port, method: "PATCH", path: "/v1/status", body: STOP }, signal);
    return answer.status === 200 ? { done: undefined } : { seen: shown(answer) };
  });
  const remainingMs = Math.max(1, stopMs - (clock.monoMs() - startMs));
  const end = await within(
    settling,
    "The end of the ledger after the load was stopped",
    remainingMs,
    "a ledger that goes on",
    waiting,
  );

  const exitCode = await kube.waitFor(
    { apiVersion: "v1", kind: "Pod" },
    { namespace: pod.namespace, fieldSelector: `metadata.name=${pod.name}` },
    {
      what: "The end of k6 after the end of its ledger",
      deadlineMs: filesMs,
      predicate: ([object]) => {
        const state = object === undefined ? undefined : readPodState(object).containers.get("k6");
        return state?.is === "terminated" ? state.exitCode : undefined;
      },
      describe: ([object]) => (object === undefined ? "no pod" : readPodState(object).described),
      signal,
    },
  );
  const summary = await poll("k6's summary", { ...waiting, deadlineMs: filesMs }, async () => {
    const request = { port: pod.ledgerPort, method: "GET", path: "/files/k6-summary.json" } as const;
    const answer = await ask(kube, pod, request, signal);
    if (answer.status === 200) return { done: answer.body };
    // Not there, or not whole, and k6 has ended: it will not come.
    if (answer.status === 202) return { done: undefined };
    return { seen: shown(answer) };
  });
  // Everything is here, so this is only a courtesy: unheard, the pod completes when its time to linger is over.
  await ask(kube, pod, { port: pod.ledgerPort, method: "POST", path: `/ack?after=${String(end.seq)}` }, signal);
  return { end, summary, exitCode };
}
