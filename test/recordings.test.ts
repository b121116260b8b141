import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import { readInto } from "../orchestrator/cli/judge-recording.ts";
import { createJudge } from "../orchestrator/judge/judge.ts";
import { runResultSchema } from "../orchestrator/judge/run-result.ts";
import { openRecordingForReading } from "../orchestrator/recording/reader.ts";
import { judgeKept, keptRecordings, withUnpacked } from "../scripts/recordings.ts";

/** Verdict of each kept recording: what its name says. */
const VERDICTS: Readonly<Record<string, string>> = {
  "aggressive-passes": "pass",
  "all-kinds-pass": "pass",
  "all-traffic-before-endpoint": "known",
  "contour-answers-503": "known",
  "contour-data-plane-away": "known",
  "contour-passes": "pass",
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

test("what Contour's Envoy drew is more than turns would be off (defect: a gateway called random that is not, or a tolerance that would let chance pass for turns)", async () => {
  const directory = (await keptRecordings()).find((one) => basename(one) === "contour-passes");
  assert.ok(directory !== undefined);
  const { checks } = await withUnpacked(directory, async (unpacked) => {
    const recording = await openRecordingForReading(unpacked);
    const gateway = { ...recording.plan.gateway, splitModel: "deterministic" as const };
    const judge = createJudge({ ...recording.plan, gateway }, recording.k6Summary);
    await readInto(recording, [judge]);
    return judge.finish();
  });
  assert.deepEqual(
    checks.filter(({ verdict }) => verdict === "fail").map(({ id }) => id),
    ["share-matches-weight"],
  );
});
