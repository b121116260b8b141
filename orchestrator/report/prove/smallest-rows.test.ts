import assert from "node:assert/strict";
import { test } from "node:test";
import { withRun } from "../matrix/matrix.ts";
import type { Prove } from "./prove.ts";
import { proveOccasion } from "./prove-rows.ts";
import type { Found } from "./smallest.ts";
import { smallestCells, sizeText } from "./smallest-rows.ts";
import { proveOfAll } from "./testing/proves.ts";

const FOUND: Found = {
  kind: "found",
  by: ["zero-failures"],
  ...{ unit: "ms", of: "of answers with status 503", own: 200, missed: 4, caught: 5, tried: 9 },
  ...{ why: "zero-failures must fail; it is pass: …", judge: "7", recording: "kept" },
  possible: { size: 4.9, because: "a request begins every 5 ms" },
};

/** The first proof was caught, the second was missed, the third caught; with what was found of the first, and what the others are. */
function withFound(found: Found, boundaries: Readonly<Record<number, number>> = {}): Prove {
  let prove = withRun(proveOfAll(), 0, { smallest: found });
  const { name = "" } = prove.runs[0]?.proof ?? {};
  for (const [index, size] of Object.entries(boundaries)) {
    const { unit } = found;
    prove = withRun(prove, Number(index), { smallest: { kind: "boundary", of: name, size, unit } });
  }
  return prove;
}

const caughtCell = (prove: Prove): string | undefined => {
  const [run] = prove.runs;
  return run === undefined ? undefined : smallestCells(run, prove.runs)?.caught;
};

test("a size is confirmed only by a real run at it that was caught (defect: a mark for what was computed alone)", () => {
  const plain = "5 ms of answers with status 503";
  assert.equal(caughtCell(withFound(FOUND)), plain, "its own run was 40 times as large");
  assert.equal(caughtCell(withFound(FOUND, { 1: 5 })), plain, "a run at it that was missed");
  assert.equal(caughtCell(withFound(FOUND, { 2: 6 })), plain, "a run that was larger");
  assert.equal(caughtCell(withFound(FOUND, { 4: 5 })), plain, "a run that is under way");
  assert.equal(caughtCell(withFound(FOUND, { 2: 5 })), `${plain} ✔`);
  assert.equal(caughtCell(withFound({ ...FOUND, own: 5 })), `${plain} ✔`, "its own run");
});

test("where less is larger a run at less confirms nothing (defect: 2 requests/s confirm 9)", () => {
  const rate: Found = { ...FOUND, unit: "requests/s", own: 2, missed: 10, caught: 9 };
  assert.ok(!caughtCell(withFound(rate))?.includes("✔"));
  assert.ok(caughtCell(withFound(rate, { 2: 9 }))?.includes("✔"));
});

test("what has no size, what is a boundary and what was never caught say so (defect: a dash that may mean anything)", () => {
  const none = withRun(proveOfAll(), 0, { smallest: { kind: "none", why: "one step, which is left out or is not" } });
  assert.equal(caughtCell(none), "no size: one step, which is left out or is not");
  const prove = withFound(FOUND, { 2: 5 });
  const third = prove.runs[2];
  assert.ok(third !== undefined);
  assert.equal(smallestCells(third, prove.runs)?.caught, "the boundary of short-503: 5 ms");
  assert.equal(
    caughtCell(withFound({ ...FOUND, caught: null, missed: 200 })),
    "none: not even 200 ms of answers with status 503",
  );
});

test("sizes have three figures and their unit, and the table says how they were found (defect: 1 requests)", () => {
  assert.equal(sizeText(1, "request"), "1 request");
  assert.equal(sizeText(0, "request"), "0 requests");
  assert.equal(sizeText(1050.4, "ms"), "1,050 ms");
  assert.equal(sizeText(0.41667, "s"), "0.417 s");
  const occasion = Object.fromEntries(proveOccasion(withFound(FOUND)));
  assert.match(occasion["smallest sizes"] ?? "", /derived from kept, by judge 7/);
  assert.equal(Object.fromEntries(proveOccasion(proveOfAll()))["smallest sizes"], undefined);
});
