import assert from "node:assert/strict";
import { test } from "node:test";
import { cgroup } from "../testing/cgroup.ts";
import { limitIn } from "./cpu.ts";

const STAT = "nr_periods 10\nnr_throttled 4\nthrottled_time 5";

for (const [version, v2, files, limited] of [
  [
    "v1",
    false,
    { "cpu.cfs_period_us": "50000", "cpu.cfs_quota_us": "-1" },
    { "cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "5000" },
  ],
  ["v2", true, { "cpu.max": "max 50000" }, { "cpu.max": "5000 100000" }],
] as const) {
  void test(`cgroup ${version}: a container has its part of a CPU until it is over, and then what it had (defect: k6 stays starved, or never was)`, async () => {
    await using folder = await cgroup({ ...files, "cpu.stat": STAT });
    const limit = await limitIn(folder.path, 5, v2);
    for (const [file, text] of Object.entries(limited)) assert.equal(await folder.read(file), text);
    await folder.write("cpu.stat", STAT.replace("nr_throttled 4", "nr_throttled 30"));
    assert.equal(await limit.throttledPeriods(), 26);
    await limit[Symbol.asyncDispose]();
    for (const [file, text] of Object.entries(files)) assert.equal(await folder.read(file), text);
  });
}

void test("what has been limited of one that cannot be limited whole is put back (defect: half a limit stays)", async () => {
  await using folder = await cgroup({ "cpu.cfs_period_us": "50000", "cpu.stat": STAT });
  await assert.rejects(limitIn(folder.path, 5, false), { code: "ENOENT" });
  assert.equal(await folder.read("cpu.cfs_period_us"), "50000");
});
