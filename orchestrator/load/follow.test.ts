import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LedgerLine } from "../history/ledger.ts";
import type { Clock } from "../kube/clock.ts";
import type { ProxyRequest } from "../kube/kube.ts";
import { DeadlineError } from "../plan/errors.ts";
import { followLedger } from "./follow.ts";

const POD = { namespace: "zerodrop", name: "load-x", k6Port: 6565, ledgerPort: 6566 };

const heartbeat = (seq: number): string =>
  `${JSON.stringify({ type: "heartbeat", seq, atMs: 1, settledMs: 1, issued: 0, answered: 0, failed: 0, hanging: 0, inFlight: 0, oldestStartMs: null, dropped: 0 })}\n`;
const end = (seq: number): string =>
  `${JSON.stringify({ type: "end", seq, atMs: 1, issued: 0, answered: 0, failed: 0, hanging: 0, interrupted: 0, dropped: 0 })}\n`;

type Answer = { status: number; body: string } | Error;

/** Follows a ledger that gives these answers, the last one again and again, on a clock that only sleeping moves. */
async function follow(
  answers: Answer[],
  outageMs = 1_000,
): Promise<{ lines: LedgerLine[]; asked: string[]; endSeq: number }> {
  const lines: LedgerLine[] = [];
  const asked: string[] = [];
  let nowMs = 0;
  const clock: Clock = {
    monoMs: () => nowMs,
    wallMs: () => nowMs,
    sleep: (ms) => {
      nowMs += ms;
      return Promise.resolve();
    },
  };
  const kube = {
    podProxy: ({ path }: ProxyRequest): Promise<{ status: number; body: string }> => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(path);
      return answer === undefined || answer instanceof Error
        ? Promise.reject(answer ?? new Error("none"))
        : Promise.resolve(answer);
    },
  };
  const { seq: endSeq } = await followLedger(kube, POD, {
    clock,
    signal: new AbortController().signal,
    onLine: (line) => lines.push(line),
    outageMs,
  });
  return { lines, asked, endSeq };
}

const ok = (...lines: string[]): Answer => ({ status: 200, body: lines.join("") });

describe("followLedger", () => {
  it("asks for what follows the last line it has, and hands on each line once", async () => {
    // Would catch: a wrong place after an answer that was lost, empty, or cut off in the middle of a line.
    const { lines, asked, endSeq } = await follow([
      ok(heartbeat(1), heartbeat(2)),
      new Error("socket hang up"),
      { status: 503, body: "no endpoints" },
      ok(),
      ok(heartbeat(3), heartbeat(4).slice(0, 20)),
      ok(heartbeat(4), end(5)),
    ]);
    assert.deepEqual(
      lines.map(({ seq }) => seq),
      [1, 2, 3, 4, 5],
    );
    assert.equal(endSeq, 5);
    assert.deepEqual(
      asked.map((path) => /after=(\d+)/.exec(path)?.[1]),
      ["0", "2", "2", "2", "2", "3"],
    );
  });

  it("gives up on an outage longer than allowed, saying what was seen last", async () => {
    // Would catch: waiting for ever; and an outage summed up over a whole run.
    await assert.rejects(follow([ok(heartbeat(1)), { status: 502, body: "bad gateway" }]), (error) => {
      assert.ok(error instanceof DeadlineError);
      assert.match(
        error.message,
        /ledger of the load's pod load-x after 1 was awaited for 1\.0 s; last seen: status 502 \(bad gateway\)/,
      );
      return true;
    });
    const short = [new Error("reset"), new Error("reset"), new Error("reset")];
    const many = Array.from({ length: 20 }, (_, index) => [...short, ok(heartbeat(index + 1))]).flat();
    assert.equal((await follow([...many, ok(end(21))])).lines.length, 21);
  });

  it("rejects at once what repetition cannot mend", async () => {
    // Would catch: a gap in the ledger taken for an outage, or a line of unknown kind passed on or over.
    await assert.rejects(
      follow([{ status: 410, body: "rows before 3 were acknowledged and are gone" }]),
      /after line 0: status 410 \(rows before 3/,
    );
    await assert.rejects(follow([ok(heartbeat(1), heartbeat(3))]), /line 2 was expected, 3 came/);
    await assert.rejects(follow([ok(heartbeat(1), heartbeat(1))]), /line 2 was expected, 1 came/);
    await assert.rejects(follow([ok('{"type":"odd","seq":1}\n')]), /a line that is none after 0/);
    await assert.rejects(follow([ok("<html>\n")]), /a line that is none after 0/);
  });
});
