import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { recordedTurns, turned, type Turned } from "../checks/testing/generated-turns.ts";
import { OLD, type Story } from "../checks/testing.ts";
import type { Goal } from "../plan/steps.ts";
import { judged, notPassing } from "./testing.ts";

/** Histories of each property. */
const HISTORIES = 40;

const WAYS = [
  ["cancelled", ["before", "after"], "cancelled"],
  ["turned to a third spec", ["third"], "third"],
  ["taken back", ["before"], undefined],
] as const satisfies readonly (readonly [string, readonly Goal[], string | undefined])[];

/** Whether a weight lasted long enough to tell it from another is a matter of the rate, not of the way. */
function judgedBut(story: Story): { verdicts: Record<string, string>; told: string } {
  const result = judged(story);
  const told = result.checks.map(({ id, message }) => `${id}: ${message}`).join("\n");
  const verdicts = notPassing(result);
  if (verdicts["share-matches-weight"] === "invalid") delete verdicts["share-matches-weight"];
  // With a single move there is no interval.
  if (verdicts["interval-respected"] === "not-applicable") delete verdicts["interval-respected"];
  return { verdicts, told };
}

function changed(
  name: string,
  goals: readonly Goal[],
  expected: Readonly<Record<string, string>>,
  story: (turns: Turned) => Story | null,
  of: (turns: Turned) => boolean = () => true,
): void {
  test(name, () => {
    fc.assert(
      fc.property(turned(goals).filter(of), (turns) => {
        const made = story(turns);
        fc.pre(made !== null);
        const { verdicts, told } = judgedBut(made);
        assert.deepEqual(verdicts, expected, told);
      }),
      { numRuns: HISTORIES },
    );
  });
}

for (const [name, goals, way] of WAYS) {
  changed(
    `every change that is ${name} by the operator's algorithm passes, whenever the goal is set`,
    goals,
    {},
    (turns) => {
      const story = recordedTurns(turns);
      if (story !== null) assert.equal(judged(story).change.way, way);
      return story;
    },
  );

  changed(
    `the new version by the old side in a change that is ${name} fails version-isolation alone`,
    goals,
    { "version-isolation": "fail" },
    (turns) => {
      const story = recordedTurns(turns);
      const rows = story?.ledger.filter((line) => line.type === "answered" && line.cluster === OLD) ?? [];
      const row = rows.at(-1);
      return story === null
        ? null
        : { ...story, ledger: story.ledger.map((line) => (line === row ? { ...line, version: "v2" } : line)) };
    },
  );

  changed(
    `one percent of capacity too little in a change that is ${name} fails step-sequence alone`,
    goals,
    { "step-sequence": "fail" },
    (turns) =>
      recordedTurns(turns, (text) =>
        text.replace(/\|(\d+),0$/, (_, capacity: string) => `|${String(Math.max(0, Number(capacity) - 1))},0`),
      ),
    ({ surge }) => surge > 1,
  );
}
