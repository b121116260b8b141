import { counted, number } from "../history/words.ts";
import { hasBudget, throughText } from "./change-words.ts";
import type { CheckResult, RunResult } from "./run-result.ts";
import type { Verdict } from "./verdict.ts";

/** The verdict and its reason as one plain sentence; where there was a budget, with what was used of it. */
export function sentenceOf(
  verdict: Verdict,
  checks: readonly CheckResult[],
  load: RunResult["load"],
  change: RunResult["change"],
): string {
  switch (verdict) {
    case "pass":
      return passText(load, change);
    case "known":
      return `A known upstream defect was witnessed, and nothing else: ${reasonOf(checks, ["known"])}${usedText(change)}.`;
    case "invalid":
      return `The evidence is too weak to judge: ${reasonOf(checks, ["invalid", "not-applicable"])}${usedText(change)}.`;
    case "fail":
      return `Clients noticed, or could have: ${reasonOf(checks, ["fail"])}${usedText(change)}.`;
  }
}

function passText(load: RunResult["load"], change: RunResult["change"]): string {
  const through = `${counted(load.requests, "request")} ${throughText(change)}`;
  const { budget } = change;
  if (budget === undefined || !hasBudget(change)) return `No client noticed: ${through}, none failed.`;
  const { failedRequests, disruptedSeconds, used } = budget;
  const [failures, seconds] = [used?.failedRequests ?? 0, used?.disruptedSeconds ?? 0];
  const allowed = `${counted(failedRequests, "request")} and ${disruptedSeconds.toFixed(1)} s`;
  if (failures === 0 && seconds === 0) {
    return `No client noticed: ${through}, none failed, and nothing was used of the budget of ${allowed}.`;
  }
  return `Within its budget: ${through}, ${number(failures)} failed or hung of ${number(failedRequests)} allowed, ${seconds.toFixed(1)} s not served of ${disruptedSeconds.toFixed(1)} s allowed.`;
}

/** What was used of a budget, after a reason; empty where there was none, or where that is not known. */
function usedText(change: RunResult["change"]): string {
  const { budget } = change;
  if (budget === undefined || !hasBudget(change)) return "";
  const { failedRequests, disruptedSeconds, used } = budget;
  const part = (value: string | null, of: string): string => `${value ?? "an unknown number"} of ${of}`;
  const requests = used?.failedRequests ?? null;
  const seconds = used?.disruptedSeconds ?? null;
  if (requests === null && seconds === null) return "";
  return `; used of the budget: ${part(requests === null ? null : number(requests), counted(failedRequests, "request"))}, ${part(seconds === null ? null : seconds.toFixed(1), `${disruptedSeconds.toFixed(1)} s`)}`;
}

function reasonOf(checks: readonly CheckResult[], verdicts: readonly CheckResult["verdict"][]): string {
  const concerned = checks.filter(
    ({ verdict, required }) => verdicts.includes(verdict) && (required || verdict === "fail" || verdict === "known"),
  );
  // Where the recording itself is not whole, that is why other checks cannot judge.
  const first = concerned.find(({ id }) => id === "recording-complete") ?? concerned[0];
  if (first === undefined) return "no check gave a reason";
  const others = concerned.length === 1 ? "" : ` (and ${counted(concerned.length - 1, "other check")})`;
  return `${lowerFirst(first.message).replace(/\.$/, "")} [${first.id}]${others}`;
}

/** A message goes on after a colon; names keep their capitals. */
function lowerFirst(message: string): string {
  return /^(The|None|No|Load|There|Traffic|Warm-up|Every|Somebody|A) /.test(message)
    ? message.charAt(0).toLowerCase() + message.slice(1)
    : message;
}
