import { altered, changedAtMs, closed, failing } from "./hurt.ts";
import { NO_ANSWER } from "./failures.ts";
import type { Recorded } from "./recorded.ts";

/** The kind of client whose answers are held longest by design, and for how long, ms. */
export const HELD = { client: "long", ms: 6000 } as const;

/** A latency's bucket (history/ledger.ts): its logarithm by this base. */
const LN_GAMMA = Math.log(1.01 / 0.99);
const bucketOf = (ms: number): string => String(Math.ceil(Math.log(ms) / LN_GAMMA));

/**
 * What began within 3.1 s, from 1 s after the change on, was answered after so many times as long; of the answers that are held longest one was begun then. Beyond
 * its client's deadline it was none.
 */
export function latencyTimes(recorded: Recorded, factor: number): Recorded {
  const whom = { fromS: 1, toS: 4.1 };
  const later = Math.round(Math.log(factor) / LN_GAMMA);
  const quick = altered(recorded, { ...whom, is: isQuick }, (line) => [
    {
      ...line,
      latency: Object.fromEntries(
        Object.entries(line.latency).map(([bucket, count]) => [String(Number(bucket) + later), count]),
      ),
    },
  ]);
  const held = { fromS: 1, times: 1, is: ({ client }: { client: string }) => client === HELD.client };
  const deadlineMs = recorded.plan.load.mix?.find(({ client }) => client === HELD.client)?.requestTimeoutMs ?? 0;
  const tookMs = HELD.ms * factor;
  if (tookMs <= deadlineMs) {
    return altered(quick, held, (line) => [{ ...line, latency: { [bucketOf(tookMs)]: line.count } }]);
  }
  return failing(quick, held, { ...NO_ANSWER, outcome: "hanging", durationMs: deadlineMs + HANGING_MS });
}

/** How long after its deadline a request is given up, ms. */
const HANGING_MS = 5000;

function isQuick({ client }: { readonly client: string }): boolean {
  return client !== HELD.client && client !== "stream";
}

/** For so many ms, from 1 s after the change on, there was no answer; what was begun meanwhile got its own at the end of that. */
export function answersLate(recorded: Recorded, ms: number): Recorded {
  const fromMs = changedAtMs(recorded) + 1000;
  const toMs = fromMs + ms;
  const late = ({ type, ...line }: Recorded["ledger"][number] & { type: "answered" }) =>
    ({ type, ...line, latency: { [bucketOf(toMs - line.binMs)]: line.count } }) as const;
  const held = recorded.ledger.filter((line) => line.type === "answered" && line.binMs >= fromMs && line.binMs < toMs);
  const ledger = recorded.ledger.filter((line) => !held.includes(line));
  const at = ledger.findIndex((line) => line.type === "heartbeat" && line.atMs > toMs + TOLD_MS);
  const told = held.flatMap((line) => (line.type === "answered" ? [late(line)] : []));
  // What waits is not settled.
  const settled = ledger.map((line) =>
    line.type === "heartbeat" && line.atMs >= fromMs && line.atMs <= toMs + TOLD_MS
      ? { ...line, settledMs: Math.min(line.settledMs, fromMs), oldestStartMs: fromMs, inFlight: 300 }
      : line,
  );
  return closed({ ...recorded, ledger: [...settled.slice(0, at), ...told, ...settled.slice(at)] });
}

/** Until an answer is on record, ms. */
const TOLD_MS = 100;
