/** For tests only: what the process of a proof leaves behind, in the way that a story goes. */
import { mkdir, truncate, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { aggressiveUpgrade, START_MS, withObservations } from "../../checks/testing.ts";
import { runJson } from "../../report/run-json.ts";
import type { ProofJob, ProofProcessEnding } from "../prove-job.ts";
import { judgeRecording } from "../judge-recording.ts";
import { recordStory } from "./record-story.ts";

/**
 * How a proof's process ends: `done`, with a verdict and an account of its sabotage; `not-done`, with a verdict alone; `broke`, before there was one; `kills-itself`,
 * with an account and half a recording; `killed`, with half a recording; `interrupted`.
 */
export type ProofEnd = "done" | "not-done" | "broke" | "kills-itself" | "killed" | "interrupted";

export const NOT_DONE = "The sabotage was not done: the run ended before it began.";
export const BROKE = "The image is not there.";

/**
 * Leaves what a proof's process would. The recording is that of an upgrade of another RayService than the plan's: by the judge the change never began, so that
 * `converged` fails and nothing of clients does.
 */
export async function endProof(job: ProofJob, end: ProofEnd, cores = cpus().length): Promise<ProofProcessEnding> {
  const { out, plan } = job;
  const report = { broke: null, notDone: null, after: null };
  const reported = (told: Partial<typeof report> | { broke: string } | { notDone: string }): ProofProcessEnding => ({
    code: 0,
    signal: null,
    report: { ...report, ...told },
  });
  if (end === "broke" || end === "interrupted") {
    // A run that is cut short leaves what it has.
    await mkdir(out);
    await writeFile(join(out, "plan.json"), JSON.stringify(plan));
    return reported({ broke: end === "broke" ? BROKE : "Interrupted by SIGINT." });
  }
  const story = withObservations({ ...aggressiveUpgrade().finish(), plan }, (line) =>
    line.type === "environment"
      ? { ...line, facts: { ...line.facts, nodes: [{ name: "node", cpus: String(cores) }] } }
      : line,
  );
  await recordStory(story, out);
  if (end === "kills-itself" || end === "killed") {
    for (const file of ["history.ndjson", "ledger.ndjson"]) await truncate(join(out, file), 5_000);
    if (end === "kills-itself") await tellSabotage(out);
    return { code: null, signal: "SIGKILL", report: undefined };
  }
  await writeFile(join(out, "run.json"), runJson(await judgeRecording(out)));
  if (end === "not-done") return reported({ notDone: NOT_DONE });
  await tellSabotage(out);
  return reported({});
}

async function tellSabotage(out: string): Promise<void> {
  const facts = { what: "Something was done.", begunMs: START_MS + 9_000, endedMs: null, count: 7, details: {} };
  await writeFile(join(out, "sabotage.json"), JSON.stringify(facts));
}
