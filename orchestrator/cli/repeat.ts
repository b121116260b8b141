import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { RunResult } from "../judge/run-result.ts";
import type { Verdict } from "../judge/verdict.ts";
import { UsageError } from "../plan/errors.ts";
import { outputsOf } from "../plan/out-k6.ts";
import { withHeaderSecrets } from "../plan/own-secrets.ts";
import { outcomeOf } from "../report/matrix/outcome.ts";
import { flakeRateOf } from "../report/repeats/flake-rate.ts";
import { repeatsOf, type Repeatable } from "../report/repeats/repeat-identity.ts";
import { repeatsJson, repeatsMarkdown, repeatsText, type RepeatedRun } from "../report/repeats/repeats-report.ts";
import { SYMBOLS } from "../report/symbols.ts";
import type { LoadCommand } from "./args.ts";
import { dryRunText } from "./dry-run.ts";
import { exitCodeOfError, exitCodeOfVerdict, rootError, worstExitCode } from "./exit.ts";
import { InterruptedError } from "./interrupt.ts";
import type { LoadParts } from "./load.ts";
import { momentsAfter } from "./moments.ts";
import { checkOut } from "./out.ts";
import { expectedRun, pastRuns } from "./past-runs.ts";
import { preparedLoad, whatIsPrepared } from "./prepare-cluster.ts";
import { planLoad, seedOf, type PlannedLoad } from "./request.ts";
import { runPlan } from "./run-plan.ts";
import { targetOf } from "./run-target.ts";
import { StageKeeper } from "./stage-keeper.ts";
import { appendStepSummary } from "./step-summary.ts";

export interface RepeatParts extends LoadParts {
  /** Columns of the terminal. */
  readonly width: number;
  /** Wall ms; the system's when left out. */
  readonly now?: () => number;
}

/**
 * `npm run load -- --repeat N`: the same plan N times on one cluster, each run in a folder of its own; with `--resume` those on record count towards N. A run that
 * could not be run does not end the others; one that the cluster or the plan refuses does, as all would be, and so does an interruption, after what was done has
 * been told. Resolves to the worst of the runs' exit codes.
 */
export async function runRepeat(command: LoadCommand, parts: RepeatParts): Promise<number> {
  const { root, cwd, home, progress, env, signal, run = runPlan } = parts;
  const asked = command.repeat ?? 1;
  const outputs = outputsOf(command.outK6, env);
  const moments = momentsAfter(parts.now ?? (() => Date.now()));
  const base = command.out === undefined ? undefined : resolve(cwd, command.out);
  if (base !== undefined && !command.resume) await checkOut(base);
  const first = moments();
  const seed = seedOf(first);
  const planAt = async (now: Date, prepared: boolean): Promise<PlannedLoad> => {
    const out = base === undefined ? undefined : await freeFolder(base);
    return planLoad(
      { ...command, out },
      { root, cwd, home, now, seed, outK6: outputs.names, env: parts.env, prepared },
    );
  };
  let planned = await planAt(first, false);
  const there = command.resume ? repeatsOf(expectedRun(planned.plan), await pastRuns(home, base)).slice(-asked) : [];
  if (command.dryRun) {
    const { preparation } = planned;
    const prepares = preparation === undefined ? [] : await whatIsPrepared(preparation, parts);
    parts.print(dryRunText(command, planned, { repeat: asked, onRecord: there.length }, prepares));
    return 0;
  }
  if (there.length < asked) planned = await preparedLoad(planned, parts, () => planAt(first, true));

  const note = (text: string): void => progress.note(text);
  const target = targetOf(planned.plan, parts.env);
  const stages = new StageKeeper({ note, useNode: (what) => target.use(what) });
  const runs: RepeatedRun[] = [];
  const verdicts: Verdict[] = there.map(({ result }) => result.verdict);
  const codes = verdicts.map((verdict) => exitCodeOfVerdict(verdict, command.acceptKnown));
  let last: RunResult | undefined;
  let interrupted: InterruptedError | undefined;
  while (there.length + runs.length < asked && interrupted === undefined) {
    if (runs.length > 0) planned = await planAt(moments(), true);
    const { plan, out } = planned;
    progress.note(`Run ${String(there.length + runs.length + 1)} of ${String(asked)}: ${plan.runId}`);
    const { judged, error } = await run(
      { plan, out, outK6: withHeaderSecrets(outputs, plan, env), keep: command.keep },
      { home, cwd, progress, signal, stages, env: parts.env },
    );
    const cause = rootError(error);
    if (cause instanceof InterruptedError) interrupted = cause;
    if (judged !== undefined) {
      last = judged.result;
      const { verdict, sentence } = judged.result;
      verdicts.push(verdict);
      codes.push(exitCodeOfVerdict(verdict, command.acceptKnown));
      progress.note(`${SYMBOLS[verdict]} ${verdict}: ${sentence}`);
    }
    if (error !== undefined && interrupted === undefined) {
      codes.push(exitCodeOfError(error));
      progress.note(`${SYMBOLS.fail} ${messageOf(cause)}`);
    }
    // A run that was cut short is none.
    if (judged === undefined && interrupted !== undefined) break;
    const outcome = judged === undefined ? null : outcomeOf(judged.result);
    runs.push({ recording: judged?.recording ?? out, outcome, error: error === undefined ? null : messageOf(cause) });
    if (cause instanceof UsageError) break;
  }

  const { plan } = planned;
  const like: Repeatable =
    last === undefined ? expectedRun(plan) : { plan, environment: last.environment, judge: last.judge.version };
  const onRecord = repeatsOf(like, await pastRuns(home, base)).map(({ result }) => result.verdict);
  const report = {
    plan: `${plan.scenario}, ${plan.strategy.name}`,
    ...{ asked, resumed: there.length, runs },
    rate: flakeRateOf(verdicts),
    accumulated: flakeRateOf(onRecord),
  };
  parts.print(command.json ? repeatsJson(report) : repeatsText(report, parts));
  await appendStepSummary(repeatsMarkdown(report), { env, note });
  if (interrupted !== undefined) throw interrupted;
  return worstExitCode(codes);
}

/** DIR/N, with the lowest number above all that are there. */
async function freeFolder(base: string): Promise<string> {
  const names = await readdir(base).catch((): string[] => []);
  const numbers = names.filter((name) => /^\d{1,6}$/.test(name)).map(Number);
  return join(base, String(Math.max(0, ...numbers) + 1));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
