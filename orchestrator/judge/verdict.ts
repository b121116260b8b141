import type { FindingVerdict } from "../checks/check.ts";

/** A run's verdict, worst first. */
export const VERDICTS = ["fail", "invalid", "known", "pass"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What the process exits with. `--accept known` is the command line's business. */
export const EXIT_CODES: Readonly<Record<Verdict, number>> = { pass: 0, fail: 1, invalid: 2, known: 3 };

/**
 * The worst of all findings. What was witnessed counts from every check; that evidence is missing or a check not applicable
 * counts, as invalid, only where the check is required.
 */
export function worstOf(
  findings: readonly { readonly verdict: FindingVerdict; readonly required: boolean }[],
): Verdict {
  const verdicts = findings.map(({ verdict, required }): Verdict => {
    if (verdict === "not-applicable" || verdict === "invalid") return required ? "invalid" : "pass";
    return verdict;
  });
  return VERDICTS.find((verdict) => verdicts.includes(verdict)) ?? "invalid";
}
