import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LedgerAccount } from "../history/ledger-account.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { podLedger } from "../history/testing/pod-ledger.ts";
import { realClock } from "../kube/clock.ts";
import type { ProxyRequest } from "../kube/kube.ts";
import { followPods, type Following } from "./follow-pods.ts";

const T0 = 1_700_000_000_000;

const podsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    namespace: "zerodrop",
    name: `load-${String(index)}`,
    k6Port: 6565,
    ledgerPort: 6566,
  }));

/** Follows pods that answer with these ledgers, each line by line; after its last one, a ledger without an end is cut short. */
function follow(ledgers: readonly LedgerLine[][], onLine: (line: LedgerLine) => void): Following {
  const podProxy = ({ pod, path }: ProxyRequest): Promise<{ status: number; body: string }> => {
    const after = Number(/after=(\d+)/.exec(path)?.[1]);
    const line = ledgers[Number(pod.slice(-1))]?.[after];
    return Promise.resolve(
      line === undefined
        ? { status: 410, body: "the ledger was cut short" }
        : { status: 200, body: `${JSON.stringify(line)}\n` },
    );
  };
  const signal = AbortSignal.timeout(10_000);
  return followPods({ podProxy }, podsOf(ledgers.length), { clock: realClock, signal, outageMs: 1_000, onLine });
}

const failuresAt = (startsMs: readonly number[], endMs: number): LedgerLine[] =>
  podLedger(
    startsMs.map((ms) => ({ startMs: T0 + ms, forMs: 5, fate: "failed" })),
    { beginMs: T0, endMs: T0 + endMs },
  );

describe("followPods", () => {
  it("hands on one ledger and its end", async () => {
    // Would catch: an end told before it was handed on, or a pod's own one.
    const lines: LedgerLine[] = [];
    const { ended, started } = follow([failuresAt([100], 300), failuresAt([150], 350)], (line) => lines.push(line));
    const end = await ended;
    assert.equal(lines.at(-1), end);
    assert.equal(end.failed, 2);
    assert.deepEqual(await Promise.all(started), [T0 + 100, T0 + 150]);
    const account = new LedgerAccount();
    for (const line of lines) account.observe(line);
    assert.ok(account.whole);
  });

  it("hands on what a pod that died had seen, and all that the others see", async () => {
    // Would catch: a failure that was witnessed and is in no recording, because its pod died before its next heartbeat; the other pods'
    // rows lost with it.
    const lines: LedgerLine[] = [];
    const dead = failuresAt([100, 210], 399).slice(0, -1);
    const other = failuresAt([110, 500, 900], 1_000);
    const { followed, ended } = follow([other, dead], (line) => lines.push(line));
    await assert.rejects(ended, /load-1 .*cut short/);
    await assert.rejects(followed[1] ?? Promise.resolve(), /load-1 .*cut short/);
    await followed[0];
    const starts = lines.flatMap((line) => (line.type === "failed" ? [line.startMs - T0] : []));
    assert.deepEqual(
      starts.toSorted((a, b) => a - b),
      [100, 110, 210, 500, 900],
    );
    assert.ok(lines.every(({ seq, type }, index) => seq === index + 1 && type !== "end"));
  });

  it("rejects with what ended the following, though nobody takes lines any more", async () => {
    // Would catch: the reason hidden by the recording's complaint that it was closed.
    let refused = 0;
    const [row] = failuresAt([-10], 300);
    assert.ok(row?.type === "failed");
    const { followed } = follow([[row], []], () => {
      refused += 1;
      throw new Error("A line came after the recording was closed.");
    });
    for (const each of followed) await assert.rejects(each, /cut short/);
    assert.equal(refused, 1);
  });
});
