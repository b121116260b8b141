import assert from "node:assert/strict";
import { test } from "node:test";
import { Endless, Passed } from "./endless.ts";

/** As Stryker's instrumented code counts a place. */
function pass({ coverage }: Passed, id: string, test?: string): void {
  const { static: outside } = coverage;
  const into = test === undefined ? outside : (coverage.perTest[test] ??= {});
  into[id] = (into[id] ?? 0) + 1;
}

test("what is passed is counted as Stryker counts it, within and outside of tests", () => {
  const passed = new Passed();
  pass(passed, "1");
  for (let times = 0; times < 2; times += 1) pass(passed, "2", "halves");
  assert.deepEqual({ ...passed.coverage.static }, { 1: 1 });
  assert.deepEqual(passed.coverage.perTest, { halves: { 2: 2 } });
  assert.equal(passed.isEndless, false);
});

test("a test that passes more than the most is broken off, also where it passes no active mutant (defect: half an hour for each endless loop)", () => {
  const passed = new Passed(10);
  passed.begin();
  for (let times = 0; times < 10; times += 1) pass(passed, "1", "halves");
  assert.equal(passed.isEndless, false);
  assert.throws(() => pass(passed, "1", "halves"), Endless);
  assert.equal(passed.isEndless, true);
  passed.begin();
  assert.equal(passed.isEndless, false);
  assert.doesNotThrow(() => pass(passed, "1", "halves"));
});
