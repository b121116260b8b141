import { counted, number } from "../history/words.ts";
import type { CheckResult, RunResult } from "./run-result.ts";
import type { Verdict } from "./verdict.ts";

/** The verdict and its reason as one plain sentence. */
export function sentenceOf(
  verdict: Verdict,
  checks: readonly CheckResult[],
  load: RunResult["load"],
  change: RunResult["change"],
): string {
  const requests = counted(load.requests, "request");
  switch (verdict) {
    case "pass": {
      const took = change.seconds === null ? "" : ` of ${change.seconds.toFixed(1)} s`;
      const through = `${requests} through ${article(change.strategy.name)} ${change.scenario}${took}`;
      const used = usedOf(checks);
      return used === null ? `No client noticed: ${through}, none failed.` : `Within its budget: ${through}, ${used}.`;
    }
    case "known":
      return `A known upstream defect was witnessed, and nothing else: ${reasonOf(checks, ["known"])}`;
    case "invalid":
      return `The evidence is too weak to judge: ${reasonOf(checks, ["invalid", "not-applicable"])}`;
    case "fail":
      return `Clients noticed, or could have: ${reasonOf(checks, ["fail"])}`;
  }
}

/** What a pass used of its budget; null when it used nothing. */
function usedOf(checks: readonly CheckResult[]): string | null {
  const figure = (check: CheckResult["id"], name: string): number => {
    const value = checks.find(({ id }) => id === check)?.figures[name];
    return typeof value === "number" ? value : 0;
  };
  const seconds = figure("disruption-windows", "used");
  const failures = figure("zero-failures", "used");
  if (failures === 0 && seconds === 0) return null;
  const allowed = figure("zero-failures", "budget");
  return `${number(failures)} failed or hung of ${number(allowed)} allowed, ${seconds.toFixed(1)} s not served of ${figure("disruption-windows", "budget").toFixed(1)} s allowed`;
}

function reasonOf(checks: readonly CheckResult[], verdicts: readonly CheckResult["verdict"][]): string {
  const concerned = checks.filter(
    ({ verdict, required }) => verdicts.includes(verdict) && (required || verdict === "fail" || verdict === "known"),
  );
  // Where the recording itself is not whole, that is why other checks cannot judge.
  const first = concerned.find(({ id }) => id === "recording-complete") ?? concerned[0];
  if (first === undefined) return "no check gave a reason.";
  const others = concerned.length === 1 ? "" : ` (and ${counted(concerned.length - 1, "other check")})`;
  return `${lowerFirst(first.message).replace(/\.$/, "")} [${first.id}]${others}.`;
}

/** A message goes on after a colon; names keep their capitals. */
function lowerFirst(message: string): string {
  return /^(The|None|No|Load|There|Traffic|Warm-up|Every|Somebody|A) /.test(message)
    ? message.charAt(0).toLowerCase() + message.slice(1)
    : message;
}

function article(name: string): string {
  return `${/^[aeiou]/i.test(name) ? "an" : "a"} ${name}`;
}
