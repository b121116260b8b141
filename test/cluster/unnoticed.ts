import assert from "node:assert/strict";
import type { RunResult } from "../../orchestrator/judge/run-result.ts";

/** The one finding that a run may have, in its two forms, see docs/findings. */
const STARTUP_RACE = /known defect kuberay-(blue-green-startup-race|weight-before-endpoint)/;

/**
 * Asserts that a run ended as it does where nothing is wrong: by a pass, or by exactly the declared start-up race and nothing else. `mayLoseRequests` where
 * all traffic is moved at once, so that clients may notice the race.
 */
export function assertUnnoticed(
  { verdict, checks }: Pick<RunResult, "verdict" | "checks">,
  code: number | null,
  { mayLoseRequests = false }: { readonly mayLoseRequests?: boolean } = {},
): void {
  const broken = checks.filter((check) => check.verdict !== "pass" && check.verdict !== "not-applicable");
  const told = broken.map(({ id, message }) => `${id}: ${message}`);
  if (code !== 3) {
    assert.deepEqual([code, verdict, told], [0, "pass", []]);
    return;
  }
  assert.equal(verdict, "known");
  assert.ok(broken.some(({ id }) => id === "traffic-only-to-ready"));
  for (const check of broken) {
    assert.equal(check.verdict, "known", told.join("; "));
    assert.match(check.message, STARTUP_RACE);
    assert.ok(mayLoseRequests || check.id === "traffic-only-to-ready", check.message);
  }
}
