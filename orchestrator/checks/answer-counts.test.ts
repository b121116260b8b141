import assert from "node:assert/strict";
import { test } from "node:test";
import type { LedgerLine } from "../history/ledger.ts";
import { AnswerCounts } from "./answer-counts.ts";
import { NEW, OLD, planOf, START_MS, StoryWriter } from "./testing.ts";

/** The rows that a writer was told, as told and in that order. */
function countsOf({ rows }: StoryWriter): AnswerCounts {
  const counts = new AnswerCounts();
  for (const [index, row] of rows.entries()) {
    const line: LedgerLine = { ...row, seq: index + 1 };
    counts.observe(line);
  }
  return counts;
}

const told = (): StoryWriter => new StoryWriter(planOf());

test("a pair first answered when its earliest request started, also where its row comes later", () => {
  const counts = countsOf(
    told()
      .answered(START_MS + 300, NEW, "v2", 5)
      .answered(START_MS + 100, NEW, "v2", 2)
      .answered(START_MS + 200, NEW, "v2", 4),
  );
  assert.deepEqual(counts.pairs(), [{ version: "v2", cluster: NEW, count: 11, firstMs: START_MS + 100 }]);
});

test("a failure that names who gave it is an answer of that pair, but no good one", () => {
  const counts = countsOf(told().at(2).failed({ version: "v2", cluster: NEW }));
  assert.deepEqual(counts.pairs(), [{ version: "v2", cluster: NEW, count: 0, firstMs: START_MS + 2000 }]);
});

test("a failure that does not name both version and RayCluster is nobody's (defect: a gateway's 503 taken for the answer of a side)", () => {
  for (const named of [{ version: "v2" }, { cluster: NEW }, {}]) {
    assert.deepEqual(countsOf(told().failed(named).failures(3, named)).pairs(), []);
  }
});

test("good answers are told in the order of names, however the versions and RayClusters came", () => {
  const sides = [
    ["v1", OLD],
    ["v2", NEW],
    ["v2", OLD],
    ["v3", NEW],
  ] as const;
  const expected = JSON.stringify({ v1: { [OLD]: 1 }, v2: { [OLD]: 1, [NEW]: 1 }, v3: { [NEW]: 1 } });
  for (const order of [sides, sides.toReversed(), [...sides.slice(2), ...sides.slice(0, 2)]]) {
    const story = told();
    for (const [version, cluster] of order) story.answered(START_MS, cluster, version, 1);
    assert.equal(JSON.stringify(countsOf(story).byVersion()), expected);
  }
});
