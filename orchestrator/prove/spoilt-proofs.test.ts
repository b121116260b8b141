import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { CHECKOUT } from "../../scripts/artefacts/cache.ts";
import { withUnpacked } from "../../scripts/recordings.ts";
import { loadProof, proofNames } from "./proof-files.ts";
import { judgeRecorded, readRecorded } from "../cli/recorded.ts";
import { historyOf } from "./derive/sizes.ts";

const upgrade = await withUnpacked(join(CHECKOUT, "test/recordings/all-kinds-pass"), readRecorded);
/** Of which nothing can be told by altering: what k6 does when it is starved only a real run shows. */
const NOT_DERIVED = ["k6-starved"];

for (const name of await proofNames(CHECKOUT)) {
  const proof = await loadProof(name, { root: CHECKOUT, what: "A proof" });
  const { sabotage, expect } = proof;
  if ("mutant" in sabotage || NOT_DERIVED.includes(name)) continue;
  test(`${name}: a real recording, altered as the sabotage would have it, is judged as expected`, () => {
    const alter = historyOf(proof);
    assert.ok(alter !== undefined, `What ${name} makes of a recording must be told.`);
    const { verdict, checks } = judgeRecorded(alter(upgrade));
    const of = (wanted: string) => checks.filter((check) => check.verdict === wanted).map(({ id }) => id);
    const [failing, invalid] = [of("fail"), of("invalid")];
    const seen = {
      verdict,
      missed: expect.fails.filter((id) => !failing.includes(id)),
      wrong: expect.not.filter((id) => failing.includes(id)),
      valid: expect.invalid.filter((id) => !invalid.includes(id)),
    };
    assert.deepEqual(seen, { verdict: expect.verdict, valid: [], missed: [], wrong: [] });
  });
}
