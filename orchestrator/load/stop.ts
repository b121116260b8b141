import type { LedgerEnd } from "../history/ledger.ts";
import type { Kube } from "../kube/kube.ts";
import { filesOf, SUMMARY, type LoadFile } from "./files.ts";
import { ask, readPodState, shown, type LoadPod } from "./pod.ts";
import { poll, within, type Waiting } from "./waiting.ts";

/** What a load leaves behind. Lists are by the pods' numbers. */
export interface LoadEnd {
  /** The merged ledger's last line. */
  readonly end: LedgerEnd;
  /**
   * k6's end-of-test summary, JSON: with one pod as k6 wrote it, with several a merged one (mergeSummaries). Undefined when a k6 ended
   * without one (it was killed, or failed).
   */
  readonly summary: string | undefined;
  /** What goes into the run's folder: the summary, k6's dashboards, and with several pods each one's summary too. */
  readonly files: readonly LoadFile[];
  /**
   * k6's exit code; with several pods the first that tells of a failure, if any does. It tells only whether k6 ran: 103
   * stopped by us, 0 or 99 ended by itself (99: a threshold was crossed, which 103 hides), all else means that the load is
   * no evidence. Threshold results are in the summary.
   */
  readonly exitCode: number;
  readonly exitCodes: readonly number[];
}

const STOP = JSON.stringify({ data: { type: "status", id: "default", attributes: { stopped: true } } });
/** What tells k6 to stop; of k6's own port. */
export const STOP_REQUEST = { method: "PATCH", path: "/v1/status", body: STOP } as const;
/** A dashboard has some MB. */
const FILE_MS = 20_000;

/**
 * Ends the load, unless it has ended already, and gets everything out of its pods, which then complete. Requests in flight are not
 * waited for. All pods are told at once, and none is let go before all have given what they have: the Job ends with the first that is.
 *
 * Rejects with a DeadlineError when a k6 does not end within `stopMs`, or its files cannot be had within `filesMs`, and with the reason why a
 * ledger could not be followed to its end; the others are then followed to theirs all the same.
 */
export async function stopLoad(
  kube: Pick<Kube, "podProxy" | "waitFor">,
  pods: readonly LoadPod[],
  {
    followed,
    ended,
    stopMs,
    filesMs,
    ...waiting
  }: Waiting & {
    /** The end of each pod's ledger as its follower sees it. */
    readonly followed: readonly Promise<LedgerEnd>[];
    /** The end of the merged one. */
    readonly ended: Promise<LedgerEnd>;
    readonly stopMs: number;
    readonly filesMs: number;
  },
): Promise<LoadEnd> {
  const { clock, signal } = waiting;
  const startMs = clock.monoMs();
  const settled = followed.map((each) => each.then(Boolean, () => false));
  await Promise.all(pods.map((pod, index) => stopPod(kube, pod, settled[index], { ...waiting, deadlineMs: stopMs })));
  const remainingMs = Math.max(1, stopMs - (clock.monoMs() - startMs));
  const what = "The end of the ledger after the load was stopped";
  await within(Promise.all(settled), what, remainingMs, () => "a ledger that goes on", waiting);
  const [end, ...ends] = await Promise.all([ended, ...followed]);

  const left = await Promise.all(pods.map((pod) => leftIn(kube, pod, { ...waiting, deadlineMs: filesMs })));
  // Everything is here, so this is only a courtesy: unheard, a pod completes when its time to linger is over.
  await Promise.all(
    pods.map((pod, index) => {
      const path = `/ack?after=${String(ends[index]?.seq ?? 0)}`;
      return ask(kube, pod, { port: pod.ledgerPort, method: "POST", path }, signal);
    }),
  );
  const exitCodes = left.map(({ exitCode }) => exitCode);
  const files = filesOf(left);
  const summary = files.find(({ name }) => name === SUMMARY)?.text;
  return { end, summary, files, exitCode: worstOf(exitCodes), exitCodes };
}

/** Said once more until it is heard, or the pod's ledger has come to its end some other way: stopping a stopped test changes nothing. */
async function stopPod(
  kube: Pick<Kube, "podProxy">,
  pod: LoadPod,
  settled: Promise<boolean> | undefined,
  waiting: Waiting & { readonly deadlineMs: number },
): Promise<void> {
  let over = false;
  void settled?.then(() => {
    over = true;
  });
  await poll(`The load's stop in pod ${pod.name}`, waiting, async () => {
    if (over) return { done: undefined };
    const answer = await ask(kube, pod, { port: pod.k6Port, ...STOP_REQUEST }, waiting.signal);
    return answer.status === 200 ? { done: undefined } : { seen: shown(answer) };
  });
}

/** What a pod has when its k6 has ended. */
interface Left {
  readonly exitCode: number;
  readonly summary: string | undefined;
  readonly dashboard: string | undefined;
}

async function leftIn(
  kube: Pick<Kube, "podProxy" | "waitFor">,
  pod: LoadPod,
  waiting: Waiting & { readonly deadlineMs: number },
): Promise<Left> {
  const exitCode = await kube.waitFor(
    { apiVersion: "v1", kind: "Pod" },
    { namespace: pod.namespace, fieldSelector: `metadata.name=${pod.name}` },
    {
      what: `The end of k6 in pod ${pod.name} after the end of its ledger`,
      deadlineMs: waiting.deadlineMs,
      predicate: ([object]) => {
        const state = object === undefined ? undefined : readPodState(object).containers.get("k6");
        return state?.is === "terminated" ? state.exitCode : undefined;
      },
      describe: ([object]) => (object === undefined ? "no pod" : readPodState(object).described),
      signal: waiting.signal,
    },
  );
  const file = (name: string): Promise<string | undefined> =>
    poll(`${name} of pod ${pod.name}`, waiting, async () => {
      const request = { port: pod.ledgerPort, method: "GET", path: `/files/${name}`, timeoutMs: FILE_MS } as const;
      const answer = await ask(kube, pod, request, waiting.signal);
      if (answer.status === 200) return { done: answer.body };
      // Not there, or not whole, and k6 has ended: it will not come.
      if (answer.status === 202) return { done: undefined };
      return { seen: shown(answer) };
    });
  return { exitCode, summary: await file("k6-summary.json"), dashboard: await file("k6-dashboard.html") };
}

function worstOf(exitCodes: readonly number[]): number {
  return exitCodes.find((code) => code !== 103 && code !== 0) ?? exitCodes.find((code) => code !== 0) ?? 0;
}
