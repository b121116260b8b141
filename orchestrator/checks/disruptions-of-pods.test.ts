import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LedgerLine } from "../history/ledger.ts";
import { LedgerMerge } from "../history/merge-ledgers.ts";
import { FLUSH_MS, podLedger, type Asked } from "../history/testing/pod-ledger.ts";
import { aggressiveUpgrade, findingOf, mixedPlan, MIX, START_MS } from "./testing.ts";

/** The stop of every story. */
const STOP_MS = START_MS + 79_100;
const BEGIN_MS = STOP_MS - 50 * FLUSH_MS;
const POLL_MS = 500;

const asked = (client: string, everyMs: number): Asked[] =>
  Array.from({ length: Math.floor((STOP_MS - 50 - BEGIN_MS) / everyMs) }, (_, index) => ({
    startMs: BEGIN_MS + index * everyMs,
    forMs: 12,
    fate: "answered",
    client,
  }));

/** A pod's last seconds: a request of steady each 30 ms, and of fresh seldom, and those named. */
function pod(...more: Asked[]): LedgerLine[] {
  return podLedger([...asked("steady", 30), ...asked("fresh", 4_000), ...more], {
    beginMs: BEGIN_MS,
    endMs: STOP_MS + 5,
  });
}

/** The ledgers merged as polls hand them over, in which the second pod's answers come late by `lagMs`. */
function merged(ledgers: readonly LedgerLine[][], lagMs: number): LedgerLine[] {
  const merge = new LedgerMerge(ledgers.length);
  const heard = ledgers.flatMap((lines, index) => {
    let flushedMs = Infinity;
    const backwards = lines.toReversed().map((line) => {
      if (line.type === "heartbeat" || line.type === "end") flushedMs = line.atMs;
      const heardMs = Math.ceil(flushedMs / POLL_MS) * POLL_MS + index * (100 + lagMs);
      return { line, index, heardMs };
    });
    return backwards.toReversed();
  });
  return heard
    .toSorted((one, other) => one.heardMs - other.heardMs)
    .flatMap(({ line, index }) => merge.observe(index, line));
}

function judged(ledger: readonly LedgerLine[]): ReturnType<typeof findingOf> {
  const story = aggressiveUpgrade(mixedPlan({}, MIX.slice(0, 2))).finish();
  return findingOf("disruption-windows", { ...story, ledger });
}

describe("disruption-windows on a load of several pods", () => {
  it("passes a clean run, however late one pod is heard", () => {
    // Would catch: requests of the pod that is heard first counted as of when the other was heard, so that what had waited for 10 ms at
    // the stop seems to have waited for as long as the other pod's rows were late.
    const last = { startMs: STOP_MS - 10, forMs: Infinity, fate: "answered", client: "fresh" } as const;
    for (const lagMs of [0, 500, 1_000, 1_500, 3_000]) {
      const finding = judged(merged([pod(last), pod()], lagMs));
      assert.equal(finding.verdict, "pass", `${String(lagMs)} ms late: ${finding.message}`);
    }
  });

  it("sees a request that the stop cut off after 5 s, whichever pod's it was", () => {
    // Would catch: a request without an answer that vanishes with the end of its pod, as the other's heartbeat comes after it.
    const stuck = { startMs: STOP_MS - 5_000, forMs: Infinity, fate: "answered", client: "steady" } as const;
    for (const pods of [[pod(stuck)], [pod(stuck), pod()], [pod(), pod(stuck)]]) {
      for (const lagMs of [0, 1_000]) {
        const { verdict, message } = judged(merged(pods, lagMs));
        assert.equal(verdict, "fail", message);
        assert.match(message, /^Clients were not served for 5\.\d s .*\(unanswered\)/);
      }
    }
  });
});
