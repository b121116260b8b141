import type { CheckId } from "../plan/plan.ts";
import type { Figures, Finding, Violation } from "./check.ts";

/**
 * Violations kept per finding; `figures.violations` has the exact count. Large enough for every request of a three-second
 * outage at more than 3,000 requests/s, because a known defect may explain a finding only if it explains all of them.
 */
export const MOST_VIOLATIONS = 10_000;

export function pass(id: CheckId, message: string, figures: Figures): Finding {
  return { id, verdict: "pass", message, figures, violations: [] };
}

/** The evidence is too weak to judge. */
export function invalid(id: CheckId, message: string, figures: Figures = {}): Finding {
  return { id, verdict: "invalid", message, figures, violations: [] };
}

export function notApplicable(id: CheckId, message: string, figures: Figures = {}): Finding {
  return { id, verdict: "not-applicable", message, figures, violations: [] };
}

/** Something was witnessed that must not happen: `violations`, of which there were `count` in all. */
export function fail(
  id: CheckId,
  message: string,
  figures: Figures,
  violations: readonly Violation[],
  count = violations.length,
): Finding {
  return {
    id,
    verdict: "fail",
    message,
    figures: { ...figures, violations: count },
    violations: violations.slice(0, MOST_VIOLATIONS),
  };
}

/** Something that must be there is not in the recording. A fail only as far as the recording has no hole where it could be. */
export function missing(
  id: CheckId,
  message: string,
  figures: Figures,
  violations: readonly Violation[],
  where: "between" | "until-the-end" = "until-the-end",
): Finding {
  return { ...fail(id, message, figures, violations), fromMissing: where };
}
