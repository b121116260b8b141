import { access } from "node:fs/promises";
import { join } from "node:path";
import type { RunResult } from "../judge/run-result.ts";
import type { Plan } from "../plan/plan.ts";
import type { Proof } from "../prove/proof.ts";
import { replaceFile } from "../recording/replace-file.ts";
import { RUN_JSON } from "../report/run-json.ts";
import { SYMBOLS } from "../report/symbols.ts";
import type { Progress } from "./progress.ts";
import type { ProofProcessEnding } from "./prove-job.ts";
import { runProofProcess } from "./prove-process.ts";
import { provedRunIn, SABOTAGE_JSON, type ProvedRun } from "./prove-result.ts";
import type { RunEnding } from "./run-loop.ts";
import { tellRecording, writeReports } from "./told-recording.ts";

export interface ProofRunParts {
  readonly home: string;
  readonly cwd: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Runs a proof in a process of its own. */
  readonly runProcess?: typeof runProofProcess;
}

/** Runs a proof and says what it came to, by what its process has left. Rejects, or resolves to an error, when it is no run with the sabotage. */
export async function runProof(
  { proof, plan, out }: { readonly proof: Proof; readonly plan: Plan; readonly out: string },
  { home, cwd, progress, signal, runProcess = runProofProcess }: ProofRunParts,
): Promise<RunEnding<ProvedRun>> {
  const { name, ...record } = proof;
  const ended = await runProcess({ name, record: JSON.stringify(record), plan, out, home, cwd }, signal);
  const broke = await whyNot(ended, out);
  // The process was told to end as well.
  if (signal.aborted && broke !== undefined) return { result: undefined, error: signal.reason };
  const result = await provedRunIn(out, proof.expect, { broke, judge: (folder) => judged(folder, progress) });
  const { why, came } = result.outcome;
  progress.note(
    `${came === "caught" ? SYMBOLS.pass : SYMBOLS.fail} ${name}, ${came}${why === null ? "." : `: ${why}`}`,
  );
  const after = ended.report?.after ?? null;
  return { result, error: signal.aborted ? signal.reason : after === null ? undefined : new Error(after) };
}

/** Why a run proves nothing, as far as its end tells. A process that was killed has told of the sabotage before, if that is what killed it. */
async function whyNot({ code, signal, report }: ProofProcessEnding, out: string): Promise<string | undefined> {
  if (report !== undefined) return report.broke ?? report.notDone ?? undefined;
  if (signal === "SIGKILL" && (await exists(join(out, SABOTAGE_JSON)))) return undefined;
  const how = signal === null ? `with exit code ${String(code)}` : `by ${signal}`;
  return `The run's process was ended ${how}, and not by the sabotage.`;
}

/** The verdict on a recording; a run whose process was killed gets its reports too. */
async function judged(folder: string, progress: Progress): Promise<RunResult> {
  const told = await tellRecording(folder);
  if (!(await exists(join(folder, RUN_JSON.file)))) {
    await writeReports(
      told,
      { recording: folder, folder },
      { write: (name, text) => replaceFile(join(folder, name), text), note: (text) => progress.note(text) },
    );
  }
  return told.result;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
