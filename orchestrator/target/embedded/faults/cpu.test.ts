import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { limitIn } from "./cpu.ts";

/** A folder with the files of a container's cgroup. */
async function cgroup(files: Readonly<Record<string, string>>) {
  const path = await mkdtemp(join(tmpdir(), "zerodrop-cgroup-"));
  const write = (file: string, text: string): Promise<void> => writeFile(join(path, file), text);
  for (const [file, text] of Object.entries(files)) await write(file, `${text}\n`);
  const read = async (file: string): Promise<string> => (await readFile(join(path, file), "utf8")).trim();
  return { path, read, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

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
