import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { CHECKOUT } from "../../../scripts/artefacts/cache.ts";
import { withUnpacked } from "../../../scripts/recordings.ts";
import { readRecorded } from "../../cli/recorded.ts";
import { loadProof, proofNames } from "../proof-files.ts";
import { sizeOf } from "./sizes.ts";

const proofs = await Promise.all(
  (await proofNames(CHECKOUT)).map((name) => loadProof(name, { root: CHECKOUT, what: "A proof" })),
);
const upgrade = await withUnpacked(join(CHECKOUT, "test/recordings/all-kinds-pass"), readRecorded);

for (const proof of proofs) {
  const size = sizeOf(proof);
  test(`${proof.name}: its size is told, or why it has none (defect: an empty cell in the table)`, () => {
    assert.ok(size !== undefined);
    if ("why" in size) {
      assert.equal(proof.boundaryOf, undefined, "a sabotage without a size has no boundary");
      assert.doesNotMatch(size.why, /\.$/);
      return;
    }
    const own = size.own(proof);
    assert.ok(own !== size.none, "it must do something");
    assert.equal(own, Number((Math.round(own / size.step) * size.step).toPrecision(12)), "in whole steps");
    const { size: possible, because } = size.possible(upgrade);
    assert.ok(Number.isFinite(possible) && possible > 0, because);
  });
  if (size === undefined || "why" in size) continue;
  test(`${proof.name}: a size makes another recording, also the smallest one (defect: a size that says nothing)`, () => {
    const own = size.own(proof);
    const least = size.none + Math.sign(own - size.none) * size.step;
    const whole = size.derive(upgrade, own);
    assert.notDeepEqual(whole, upgrade);
    // A stretch that is too short for any request changes nothing.
    const small = size.derive(upgrade, least);
    assert.equal(small.plan.runId, upgrade.plan.runId);
  });
}
