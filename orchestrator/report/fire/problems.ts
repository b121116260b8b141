import type { ShotFacts } from "./fire.ts";

/** How a run under fire must end. */
export type ExpectedEnd =
  { readonly killed: true } | { readonly exitCodes: readonly number[]; readonly withinSeconds: number | null };

/** As long as `npm run analyze` may take, s: a hundred times what a recording of a short run costs. */
export const ANALYZE_SECONDS = 60;

/** Of sysexits.h: from here on an exit code is no verdict. */
const FIRST_ERROR = 64;
const USAGE = 64;

/** Everything that is not as it must be when a runner was hit, each as a sentence; empty where all held. What the next run finds counts once it is known. */
export function problemsOf(facts: ShotFacts, expected: ExpectedEnd): string[] {
  const { processes, outside, next } = facts;
  return [
    ...endProblems(facts, expected),
    ...recordingProblems(facts),
    ...(processes.length === 0 ? [] : [`Processes of it must end with it; still there: ${processes.join(", ")}.`]),
    ...(outside.length === 0 ? [] : [`Nothing must be written beside its folder; received ${outside.join(", ")}.`]),
    ...(next === null || next.worked ? [] : [`The next run, ${next.by}, must work without help: ${next.why ?? ""}`]),
    ...(next === null || next.left.length === 0
      ? []
      : [`Nothing of it must be left when ${next.by} was set up; received ${next.left.join(", ")}.`]),
  ];
}

function endProblems({ ended, recording }: ShotFacts, expected: ExpectedEnd): string[] {
  if ("killed" in expected) return [];
  const { exitCode, seconds, said, namesNext } = ended;
  const { exitCodes, withinSeconds } = expected;
  const found: string[] = [];
  if (ended.killed || exitCode === null) return ["The run must end by itself; it had to be killed."];
  if (!exitCodes.includes(exitCode)) {
    found.push(`The exit code must be ${exitCodes.join(" or ")}; received ${exitCode}.`);
  }
  if (withinSeconds !== null && seconds > withinSeconds) {
    found.push(`The run must end within ${withinSeconds} s; it took ${seconds.toFixed(0)} s.`);
  }
  if (exitCode >= FIRST_ERROR) {
    const [message] = said;
    if (said.length !== 1 || message === undefined) {
      found.push(`Its last words must be one sentence; received ${said.length} lines: ${said.join(" | ")}`);
    }
    if (!namesNext) found.push(`Its last words must name the next command; received ${message ?? "nothing"}`);
  } else if (recording.verdict === "none") {
    found.push(`A run that ends with exit code ${exitCode} must leave its verdict; there is no run.json.`);
  }
  return found;
}

function recordingProblems({ recording, analysis }: ShotFacts): string[] {
  const { exitCode, verdict, said, seconds } = analysis;
  if (recording.verdict === "unreadable") return ["run.json must be whole or not there; it cannot be read."];
  if (exitCode === null)
    return [`analyze must end within ${ANALYZE_SECONDS} s; it went on after ${seconds.toFixed(0)} s.`];
  if (exitCode === USAGE) {
    if (recording.runId !== null) return [`The recording must be readable; analyze says: ${said}`];
    return /^zerodrop: [^\n]+\.$/.test(said)
      ? []
      : [`analyze must say in one sentence what is missing; received ${said}`];
  }
  if (exitCode > USAGE || verdict === null) return [`analyze must not fail; exit code ${exitCode}: ${said}`];
  if (!recording.complete && (verdict === "pass" || verdict === "known")) {
    return [`A recording without its end must not be a ${verdict}: ${said}`];
  }
  if (recording.verdict !== "none" && recording.verdict !== verdict) {
    return [`analyze must say what the run said; received ${verdict} for ${recording.verdict}.`];
  }
  return [];
}
