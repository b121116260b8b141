import assert from "node:assert/strict";
import { test } from "node:test";
import { Order } from "./order.ts";

const MUTATED = "orchestrator/plan/step.ts";
const OWN = { id: "orchestrator/plan/step.test.ts steps", file: "orchestrator/plan/step.test.ts" };
const ROOM = { id: "orchestrator/plan/seed.test.ts seeds", file: "orchestrator/plan/seed.test.ts" };
const SLOW = { id: "orchestrator/judge/judge.test.ts slow", file: "orchestrator/judge/judge.test.ts" };
const QUICK = { id: "orchestrator/judge/judge.test.ts quick", file: "orchestrator/judge/judge.test.ts" };
const ALL = [SLOW, QUICK, ROOM, OWN];

function ids(order: Order, mutated = MUTATED): readonly string[] {
  return order.tests(ALL, mutated).map(({ id }) => id.replace(/^.* /, ""));
}

test("the module's own tests come first, then its room's, then the others, the quickest of them first (defect: every mutant waits for the slowest)", () => {
  const order = new Order();
  order.took(SLOW.id, 900);
  order.took(QUICK.id, 3);
  order.took(OWN.id, 5000);
  assert.deepEqual(ids(order), ["steps", "seeds", "quick", "slow"]);
});

test("what noticed mutants of the same file comes before all others, the latest first, and only for that file", () => {
  const order = new Order();
  order.noticed(MUTATED, SLOW.id);
  order.noticed(MUTATED, ROOM.id);
  assert.deepEqual(ids(order), ["seeds", "slow", "steps", "quick"]);
  order.noticed(MUTATED, SLOW.id);
  assert.deepEqual(ids(order), ["slow", "seeds", "steps", "quick"]);
  assert.deepEqual(ids(order, "orchestrator/plan/other.ts").slice(0, 2), ["seeds", "steps"]);
});

test("of files that are loaded anew, that of the latest notice comes first, then the module's own", () => {
  const order = new Order();
  const files = [SLOW.file, ROOM.file, OWN.file];
  assert.deepEqual(order.files(files, MUTATED), [OWN.file, ROOM.file, SLOW.file]);
  order.noticed(MUTATED, QUICK.id);
  assert.deepEqual(order.files(files, MUTATED), [SLOW.file, OWN.file, ROOM.file]);
});

test("a mutant meets all of its module's own tests, and the quickest hundred of the others (defect: each survivor costs all the tests there are)", () => {
  const order = new Order();
  const tests = (file: string, count: number) =>
    Array.from({ length: count }, (_, nth) => ({ id: `${file} ${nth}`, file }));
  const own = tests(OWN.file, 120);
  const others = tests(QUICK.file, 120);
  for (const [nth, { id }] of others.entries()) order.took(id, nth);
  const met = order.tests([...others.toReversed(), ...own], MUTATED);
  assert.equal(met.filter(({ file }) => file === OWN.file).length, 120);
  assert.deepEqual(
    met.slice(120).map(({ id }) => id),
    others.slice(0, 100).map(({ id }) => id),
  );
});
