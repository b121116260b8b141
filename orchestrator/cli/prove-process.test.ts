import assert from "node:assert/strict";
import { mkdtemp, rm, watch } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { planOf } from "../checks/testing.ts";
import { InterruptedError } from "./interrupt.ts";
import { runProofProcess } from "./prove-process.ts";

const SCRIPT = new URL("./testing/fake-proof-process.ts", import.meta.url);
const job = (name: string) => ({ name, record: "{}", plan: planOf(), out: "/o", home: "/r", cwd: "here" });
/** Time for a process to start. */
const STARTS_MS = 60_000;
const never = new AbortController().signal;

test("a process is given its job, and what it says at its end is read", async () => {
  assert.deepEqual(await runProofProcess(job("ends"), never, SCRIPT), {
    code: 0,
    signal: null,
    report: { broke: "here", notDone: null, after: null },
  });
});

test("one that was killed has said nothing, and ends nobody else (defect: the sabotage takes the proofs along)", async () => {
  const ended = await runProofProcess(job("kills-itself"), never, SCRIPT);
  assert.deepEqual(ended, { code: null, signal: "SIGKILL", report: undefined });
});

test("a bug in it is an exit code and no report", async () => {
  const { code, report } = await runProofProcess(job("is-a-bug"), never, SCRIPT);
  assert.deepEqual([code, report], [1, undefined]);
});

test("an interruption reaches it as the signal it was, and it is waited for (defect: a cluster that nobody tidies up)", async () => {
  const root = await mkdtemp(join(tmpdir(), "zerodrop-proof-"));
  try {
    const interrupt = new AbortController();
    const there = watch(root, { signal: AbortSignal.timeout(STARTS_MS) });
    const running = runProofProcess({ ...job("waits"), out: join(root, "waiting") }, interrupt.signal, SCRIPT);
    for await (const { filename } of there) if (filename === "waiting") break;
    interrupt.abort(new InterruptedError("SIGTERM"));
    assert.deepEqual(await running, {
      code: 0,
      signal: null,
      report: { broke: "InterruptedError: Interrupted by SIGTERM.", notDone: null, after: null },
    });
  } finally {
    await rm(root, { recursive: true });
  }
});

test("the real process says why a plan cannot be run, and leaves no folder (defect: it cannot be started at all)", async () => {
  const record = JSON.stringify({
    description: "It is killed.",
    group: "evidence",
    sabotage: { kind: "runner-killed", when: "trigger" },
    expect: { verdict: "invalid" },
  });
  // Refused before anything is touched: the cluster has other versions.
  const plan = planOf(undefined, { versions: { kubernetes: "0.0.0" } });
  const { code, report } = await runProofProcess({ ...job("real"), record, plan }, never);
  assert.equal(code, 0);
  assert.match(report?.broke ?? "", /^versions\.\w+ must be .* on the embedded cluster/);
  assert.deepEqual([report?.notDone, report?.after], [null, null]);
});
