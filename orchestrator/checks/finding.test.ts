import assert from "node:assert/strict";
import { test } from "node:test";
import type { Violation } from "./check.ts";
import { fail, invalid, missing, MOST_VIOLATIONS, notApplicable, pass } from "./finding.ts";

const ID = "zero-failures";
const ONE: Violation = { atMs: 5, cause: "failed-request", facts: { status: 503 } };

test("a finding carries its verdict, its sentence and its figures, and no violation unless something was witnessed", () => {
  const figures = { requests: 3 };
  const rest = { id: ID, message: "Said.", violations: [] };
  assert.deepEqual(pass(ID, "Said.", figures), { ...rest, verdict: "pass", figures });
  assert.deepEqual(invalid(ID, "Said.", figures), { ...rest, verdict: "invalid", figures });
  assert.deepEqual(invalid(ID, "Said."), { ...rest, verdict: "invalid", figures: {} });
  assert.deepEqual(notApplicable(ID, "Said.", figures), { ...rest, verdict: "not-applicable", figures });
  assert.deepEqual(notApplicable(ID, "Said."), { ...rest, verdict: "not-applicable", figures: {} });
});

test("a fail tells its violations and how many there were in all, beside its own figures", () => {
  assert.deepEqual(fail(ID, "Said.", { requests: 3 }, [ONE]), {
    id: ID,
    verdict: "fail",
    message: "Said.",
    figures: { requests: 3, violations: 1 },
    violations: [ONE],
  });
  assert.deepEqual(fail(ID, "Said.", {}, [ONE], 7).figures, { violations: 7 });
});

test("violations are kept up to a bound, and counted beyond it (defect: a recording of an outage that no memory holds)", () => {
  const violations = (count: number): Violation[] => Array.from({ length: count }, (_, atMs) => ({ ...ONE, atMs }));
  const whole = fail(ID, "Said.", {}, violations(MOST_VIOLATIONS));
  assert.deepEqual([whole.violations.length, whole.figures["violations"]], [10_000, 10_000]);
  const more = fail(ID, "Said.", {}, violations(MOST_VIOLATIONS + 1));
  assert.deepEqual([more.violations.length, more.figures["violations"]], [10_000, 10_001]);
  // The first ones.
  assert.deepEqual([more.violations[0]?.atMs, more.violations.at(-1)?.atMs], [0, 9_999]);
});

test("what is missing is a fail that says where, by default until the record's end", () => {
  const plain = fail(ID, "Said.", { requests: 3 }, [ONE]);
  assert.deepEqual(missing(ID, "Said.", { requests: 3 }, [ONE]), { ...plain, fromMissing: "until-the-end" });
  assert.deepEqual(missing(ID, "Said.", { requests: 3 }, [ONE], "between"), { ...plain, fromMissing: "between" });
});
