import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { realClock } from "../kube/clock.ts";
import { cpuTicksIn, pollNodeCpu } from "./node-cpu.ts";
import type { Unstamped } from "./sink.ts";

test("the line of all CPUs is read, and guests are counted once (defect: more than all of the time)", () => {
  const stat = "cpu  100 2 30 4000 50 6 7 80 90 1\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 5\n";
  assert.deepEqual(cpuTicksIn(stat), { busy: 145, idle: 4050, stolen: 80 });
});

test("what is no such line is refused (defect: an old kernel stole nothing)", () => {
  for (const stat of ["", "cpu0 1 1 1 1 1 1 1 1\n", "cpu  1 2 3 4 5 6 7\n", "cpu  a b c d e f g h\n"]) {
    assert.throws(() => cpuTicksIn(stat), /\/proc\/stat/, stat);
  }
});

test("a kernel is asked at once, and one that cannot be asked is a poll that is not ok (defect: a run that ends for want of a figure)", async () => {
  const seen: Unstamped[] = [];
  const parts = { sink: (line: Unstamped) => seen.push(line), clock: realClock, signal: AbortSignal.timeout(20_000) };
  {
    await using _own = await pollNodeCpu({ name: "own", stat: () => readFile("/proc/stat", "utf8") }, parts);
    await using _gone = await pollNodeCpu({ name: "gone", stat: () => Promise.reject(new Error("no /proc")) }, parts);
  }
  const [own, gone] = seen;
  assert.ok(own?.type === "poll" && own.ok && own.subject === "own");
  assert.deepEqual(gone, {
    ...{ type: "poll", poll: "node-cpu", subject: "gone", ok: false },
    data: { error: "no /proc" },
  });
});
