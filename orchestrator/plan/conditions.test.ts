import assert from "node:assert/strict";
import { test } from "node:test";
import { expectedConditions, matchConditions } from "./conditions.ts";

const progress = expectedConditions("upgrade", false)["UpgradeInProgress"] ?? [];

test("the values in order are complete, fewer are unfinished, others differ", () => {
  assert.deepEqual(matchConditions(["False", "True", "False"], progress), { kind: "complete" });
  assert.deepEqual(matchConditions(["False", "True"], progress), { kind: "unfinished", next: "False" });
  assert.deepEqual(matchConditions([], progress), { kind: "unfinished", next: "False" });
  assert.deepEqual(matchConditions(["True"], progress), { kind: "differs", index: 0 });
  assert.deepEqual(matchConditions(["False", "True", "False", "True"], progress), { kind: "differs", index: 3 });
});

test("a value that may be unseen may be missing, in the middle and at the end", () => {
  const expected = [
    { status: "False", mayBeUnseen: false },
    { status: "True", mayBeUnseen: true },
    { status: "False", mayBeUnseen: true },
  ] as const;
  assert.deepEqual(matchConditions(["False"], expected), { kind: "complete" });
  assert.deepEqual(matchConditions(["False", "True"], expected), { kind: "complete" });
  assert.deepEqual(matchConditions(["False", "Unknown"], expected), { kind: "differs", index: 1 });
});

test("a condition that must never be True may be there and False", () => {
  assert.deepEqual(matchConditions(["False"], []), { kind: "complete" });
  assert.deepEqual(matchConditions(["False", "True"], []), { kind: "differs", index: 1 });
});

test("a change that stays where it is never upgrades, and a way back is told of and taken away (defect: an in-place change waits for an upgrade)", () => {
  const inPlace = expectedConditions("in-place", false);
  assert.deepEqual(matchConditions(["False", "True"], inPlace["UpgradeInProgress"] ?? []), {
    kind: "differs",
    index: 1,
  });
  const third = expectedConditions("third", true)["RollbackInProgress"] ?? [];
  assert.deepEqual(matchConditions(["True", "absent"], third), { kind: "complete" });
  assert.deepEqual(matchConditions(["True"], third), { kind: "unfinished", next: "absent" });
  assert.deepEqual(matchConditions(["True", "False"], third), { kind: "differs", index: 1 });
});

test("a value that may be unseen in the middle is passed over, and what comes after it still counts (defect: a watch that was a moment late differs)", () => {
  const expected = [
    { status: "False", mayBeUnseen: false },
    { status: "True", mayBeUnseen: true },
    { status: "absent", mayBeUnseen: false },
  ] as const;
  assert.deepEqual(matchConditions(["False", "absent"], expected), { kind: "complete" });
  assert.deepEqual(matchConditions(["False", "True"], expected), { kind: "unfinished", next: "absent" });
  assert.deepEqual(matchConditions(["False", "absent", "True"], expected), { kind: "differs", index: 2 });
});

test("every way of a change has its conditions, and none of them is Suspended (defect: what stays in place need not say that nothing is upgraded)", () => {
  const seen = (...statuses: string[]): object[] => statuses.map((status) => ({ status, mayBeUnseen: false }));
  for (const way of ["in-place", "steady"] as const) {
    assert.deepEqual(expectedConditions(way, false), {
      Ready: seen("True"),
      UpgradeInProgress: seen("False"),
      RollbackInProgress: [],
      Suspended: [],
    });
  }
  for (const way of ["upgrade", "rollback", "cancelled", "third"] as const) {
    assert.deepEqual(expectedConditions(way, true), {
      Ready: seen("True"),
      UpgradeInProgress: seen("False", "True", "False"),
      RollbackInProgress: seen("True", "absent"),
      Suspended: [],
    });
  }
});
