import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { CHECKOUT } from "../../scripts/artefacts/cache.ts";
import { withUnpacked } from "../../scripts/recordings.ts";
import { loadProof, proofNames } from "./proof-files.ts";
import { course, REAL } from "./derive/course.ts";
import { historyOf } from "./derive/sizes.ts";
import { judgeRecorded, readRecorded } from "../cli/recorded.ts";

const kept = (name: string) => withUnpacked(join(CHECKOUT, "test/recordings", name), readRecorded);
const recordings = { upgrade: await kept("all-kinds-pass"), rollback: await kept("rollback-passes") };

test("a course that is written anew as the real operator takes it passes (defect: what is seen below is the altering's own doing)", () => {
  assert.equal(judgeRecorded(course(recordings.upgrade, REAL)).verdict, "pass");
});

for (const name of await proofNames(CHECKOUT)) {
  const proof = await loadProof(name, { root: CHECKOUT, what: "A proof" });
  const { sabotage, scenario, expect } = proof;
  if (!("mutant" in sabotage)) continue;
  test(`${name}: the real operator's recording, altered as the mutant would have it, is judged as expected`, () => {
    const alter = historyOf(proof);
    assert.ok(alter !== undefined, `What ${sabotage.mutant} makes of a recording must be told.`);
    const { verdict, checks } = judgeRecorded(alter(recordings[scenario === "rollback" ? "rollback" : "upgrade"]));
    const failing = checks.filter((check) => check.verdict === "fail").map(({ id }) => id);
    assert.equal(verdict, expect.verdict);
    assert.deepEqual(
      {
        missed: expect.fails.filter((id) => !failing.includes(id)),
        wrong: expect.not.filter((id) => failing.includes(id)),
      },
      { missed: [], wrong: [] },
    );
  });
}
