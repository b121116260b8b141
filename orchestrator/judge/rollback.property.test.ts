import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NEW, OLD, type Story } from "../checks/testing.ts";
import { recordedRollback, rollbacks, type Rollback } from "../checks/testing/generated-rollbacks.ts";
import { judged, notPassing } from "./testing.ts";

/** Histories of each property. */
const HISTORIES = 60;

function changed(
  name: string,
  expected: Readonly<Record<string, string>>,
  story: (rollback: Rollback) => Story,
  of: fc.Arbitrary<Rollback> = rollbacks,
): void {
  test(name, () => {
    fc.assert(
      fc.property(of, (rollback) => {
        const result = judged(story(rollback));
        const told = result.checks.map(({ id, message }) => `${id}: ${message}`).join("\n");
        assert.deepEqual(notPassing(result), expected, told);
      }),
      { numRuns: HISTORIES },
    );
  });
}

changed(
  "every rollback by the operator's algorithm passes, wherever it begins and however it is told",
  {},
  (rollback) => recordedRollback(rollback),
);

changed(
  "the new version by the old side on the way back fails version-isolation alone",
  { "version-isolation": "fail" },
  (rollback) => swapped(recordedRollback(rollback), OLD, "v2"),
);

changed(
  "the old version by the new side before the patch fails version-isolation alone",
  { "version-isolation": "fail" },
  (rollback) => swapped(recordedRollback(rollback), NEW, "v1"),
  // Long enough that its first row has certainly ended before the patch.
  rollbacks.map((rollback) => ({ ...rollback, patchAfter: 1.5 })),
);

/** One row of a side, its last one or the new side's first one, with a version that it may not give then. */
function swapped(story: Story, cluster: string, version: string): Story {
  const rows = story.ledger.filter((line) => line.type === "answered" && line.cluster === cluster);
  const row = cluster === NEW ? rows[0] : rows.at(-1);
  return { ...story, ledger: story.ledger.map((line) => (line === row ? { ...line, version } : line)) };
}

changed(
  "one percent of capacity too little on the way back fails step-sequence alone",
  { "step-sequence": "fail" },
  (rollback) =>
    recordedRollback(rollback, (text) =>
      text.replace(/\|(\d+),/, (_, capacity: string) => `|${Math.max(0, Number(capacity) - 1)},`),
    ),
  rollbacks.filter(({ surge }) => surge > 1),
);
