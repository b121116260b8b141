import assert from "node:assert/strict";
import { test } from "node:test";
import { scaleIn } from "./pod-cgroups.ts";
import { cgroup } from "./testing/cgroup.ts";

for (const [version, v2, file, weights] of [
  ["v1", false, "cpu.shares", { "174": "44", "4": "2" }],
  ["v2", true, "cpu.weight", { "100": "25", "3": "1" }],
] as const) {
  test(`cgroup ${version}: a pod has a part of its weight, never less than the kernel takes, and then its own again (defect: a pod that stays slow)`, async () => {
    for (const [own, part] of Object.entries(weights)) {
      await using folder = await cgroup({ [file]: own });
      const scaled = await scaleIn(folder.path, 1 / 4, v2);
      assert.equal(await folder.read(file), part);
      await scaled?.[Symbol.asyncDispose]();
      assert.equal(await folder.read(file), own);
    }
  });
}

test("a pod that is gone is not scaled", async () => {
  await using folder = await cgroup({});
  assert.equal(await scaleIn(folder.path, 1 / 4, false), undefined);
});
