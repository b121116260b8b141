/** For tests only: runs that are made of nothing but their plan and a verdict, in a root folder of their own. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { JUDGE_VERSION } from "../../judge/judge.ts";
import { KNOWN_DEFECTS } from "../../judge/known-defects.ts";
import type { RunResult } from "../../judge/run-result.ts";
import type { Verdict } from "../../judge/verdict.ts";
import type { Plan } from "../../plan/plan.ts";
import { runJson } from "../../report/run-json.ts";
import { runResult } from "../../report/testing.ts";
import type { PlannedRun, Ran } from "../run-plan.ts";
import type { Progress } from "../progress.ts";

const PROJECT = join(import.meta.dirname, "../../..");

/** A root like the project's own, with its scenarios and versions, and results of its own. */
export async function fakeRoot(): Promise<{ readonly root: string } & AsyncDisposable> {
  const root = await mkdtemp(join(tmpdir(), "zerodrop-runs-"));
  await mkdir(join(root, "results"));
  for (const name of ["scenarios", "versions.json"]) await symlink(join(PROJECT, name), join(root, name));
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}

/** A result of a run of this plan on this machine. */
export function resultOf({ runId, versions, scenario }: Plan, verdict: Verdict): RunResult {
  const base = runResult();
  return {
    ...base,
    runId,
    verdict,
    judge: { version: JUDGE_VERSION, knownDefects: KNOWN_DEFECTS.version },
    sentence: `The run of ${scenario} came to ${verdict}.`,
    change: { ...base.change, scenario },
    environment: { ...base.environment, versions: { ...versions }, cpus: cpus().length },
  };
}

/** Leaves what a run would leave in its folder, as far as others read it. */
export async function leaveRun({ plan, out }: Pick<PlannedRun, "plan" | "out">, verdict: Verdict): Promise<Ran> {
  await mkdir(out, { recursive: true });
  await writeFile(join(out, "plan.json"), JSON.stringify(plan));
  const result = resultOf(plan, verdict);
  await writeFile(join(out, "run.json"), runJson(result));
  return { judged: { result, recording: out, hasPage: false }, error: undefined };
}

/** A progress of which the notes are kept. */
export function quietProgress(notes: string[]): Progress {
  const phase = { update: ignore, news: ignore, done: ignore, fail: ignore };
  return {
    phase: () => phase,
    note: (text) => notes.push(text),
    block: () => ({ changed: ignore, [Symbol.dispose]: ignore }),
    [Symbol.dispose]: ignore,
  };
}

function ignore(): void {
  // Nobody looks.
}
