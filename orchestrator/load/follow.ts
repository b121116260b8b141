import type { Kube } from "../kube/kube.ts";
import { ledgerLineSchema, type LedgerEnd, type LedgerLine } from "../history/ledger.ts";
import { DeadlineError } from "../plan/errors.ts";
import { ask, shown, type LoadPod } from "./pod.ts";
import type { Waiting } from "./waiting.ts";

/** How long the holder collects rows for one answer: two calls a second through the API server, half a second of delay. */
const COLLECT_MS = 500;
/** Time before the next call when one did not get through. */
const PAUSE_MS = 200;
/** Answers that no repetition will change: a wrong question, rows that do not exist yet, rows that are gone. */
const FINAL_STATUSES: readonly number[] = [400, 404, 409, 410];

/**
 * Hands every line of a pod's ledger to `onLine`, in order and each once, until the `end` line, and returns that. Each call
 * asks for what follows the last line that was handed on, so an answer that was lost is given again.
 *
 * Calls may fail for `outageMs` on end, then it rejects with a DeadlineError. It rejects at once with an Error when a
 * line is not the ledger's or not the next one, and with the reason of the signal when that aborts.
 */
export async function followLedger(
  kube: Pick<Kube, "podProxy">,
  pod: LoadPod,
  {
    clock,
    signal,
    onLine,
    outageMs,
  }: Waiting & { readonly onLine: (line: LedgerLine) => void; readonly outageMs: number },
): Promise<LedgerEnd> {
  let last = 0;
  let heardMs = clock.monoMs();
  for (;;) {
    const answer = await ask(
      kube,
      pod,
      {
        port: pod.ledgerPort,
        method: "GET",
        path: `/rows?after=${String(last)}&wait=${String(COLLECT_MS)}`,
        timeoutMs: COLLECT_MS + 5_000,
      },
      signal,
    );
    if (answer.status === 200) {
      heardMs = clock.monoMs();
      for (const line of linesOf(answer.body, last, pod.name)) {
        onLine(line);
        last = line.seq;
        if (line.type === "end") return line;
      }
      continue;
    }
    if (FINAL_STATUSES.includes(answer.status)) {
      throw new Error(
        `The ledger of the load's pod ${pod.name} cannot be read on after line ${String(last)}: ${shown(answer)}.`,
      );
    }
    if (clock.monoMs() - heardMs > outageMs) {
      throw new DeadlineError(
        `The next line of the ledger of the load's pod ${pod.name} after ${String(last)}`,
        outageMs,
        shown(answer),
      );
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}

/** The whole lines of an answer, checked. What follows the last newline was cut off, and will be asked for again. */
function* linesOf(body: string, after: number, pod: string): Generator<LedgerLine> {
  let last = after;
  for (const text of body.split("\n").slice(0, -1)) {
    const line = readLine(text);
    if (line === undefined)
      throw new Error(
        `The ledger of the load's pod ${pod} has a line that is none after ${String(last)}: ${text.slice(0, 300)}`,
      );
    if (line.seq !== last + 1) {
      throw new Error(
        `The ledger of the load's pod ${pod} is broken: line ${String(last + 1)} was expected, ${String(line.seq)} came.`,
      );
    }
    last = line.seq;
    yield line;
  }
}

function readLine(text: string): LedgerLine | undefined {
  try {
    return ledgerLineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
