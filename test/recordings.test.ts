import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import { runResultSchema } from "../orchestrator/judge/run-result.ts";
import { judgeKept, keptRecordings } from "../scripts/recordings.ts";

/** Verdict of each kept recording: what its name says. */
const VERDICTS: Readonly<Record<string, string>> = {
  "aggressive-passes": "pass",
  "all-kinds-pass": "pass",
  "all-traffic-before-endpoint": "known",
  "rollback-passes": "pass",
  "start-up-race-is-known": "known",
  "stall-fails": "fail",
  "operator-restart-fails": "fail",
  "killed-is-invalid": "invalid",
  "restart-upgrades-old-cluster": "known",
  "promoted-cluster-loses-head": "known",
  "new-head-without-replicas": "known",
  "old-side-starts-replica": "known",
  "gateway-behind-its-route": "known",
  "suspended-cluster-promoted": "known",
  "change-back-at-once": "known",
  "weight-on-lost-side": "known",
  "rollback-waits-for-head": "known",
  "in-place-update-strands-requests": "known",
};

test("every kind of verdict has a recording of a real run", async () => {
  const kept = (await keptRecordings()).map((directory) => basename(directory)).sort();
  assert.deepEqual(kept, Object.keys(VERDICTS).sort());
});

for (const directory of await keptRecordings()) {
  const name = basename(directory);
  test(`${name}: the same bytes as when its verdict was written (defect: a judge that judges otherwise under the same version)`, async () => {
    const kept = await readFile(join(directory, "run.json"), "utf8");
    assert.equal(
      await judgeKept(directory),
      kept,
      "raise JUDGE_VERSION, run `npm run judge:again`, and look at what changed",
    );
    assert.equal(runResultSchema.parse(JSON.parse(kept)).verdict, VERDICTS[name]);
  });
}
