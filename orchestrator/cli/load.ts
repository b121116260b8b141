import { join } from "node:path";
import { outputsOf } from "../plan/out-k6.ts";
import { withHeaderSecrets } from "../plan/own-secrets.ts";
import { SUMMARY_MD } from "../report/markdown.ts";
import type { Report } from "../report/report.ts";
import { REPORT_HTML } from "../report/html/page.tsx";
import { RUN_JSON } from "../report/run-json.ts";
import { terminalReport } from "../report/terminal.ts";
import type { LoadCommand } from "./args.ts";
import { dryRunText } from "./dry-run.ts";
import { exitCodeOfVerdict } from "./exit.ts";
import { preparedLoad, whatIsPrepared } from "./prepare-cluster.ts";
import type { Progress } from "./progress.ts";
import { planLoad, seedOf } from "./request.ts";
import { runPlan, type Judged } from "./run-plan.ts";
import { targetOf } from "./run-target.ts";
import { StageKeeper } from "./stage-keeper.ts";
import { started, type Places } from "./started.ts";
import { appendStepSummary } from "./step-summary.ts";

export interface LoadParts extends Places {
  readonly progress: Progress;
  readonly print: (text: string) => void;
  readonly colour: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** How a run is made; a real one when left out. */
  readonly run?: typeof runPlan;
}

/** `npm run load`: one run, from plan to verdict. Resolves to the exit code. */
export async function runLoad(command: LoadCommand, parts: LoadParts): Promise<number> {
  const { progress, run = runPlan } = parts;
  const now = new Date();
  const seed = seedOf(now);
  const outputs = outputsOf(command.outK6, parts.env);
  const from = { ...parts, now, seed, outK6: outputs.names };
  const planned = await planLoad(command, from);
  if (command.dryRun) {
    const { preparation } = planned;
    const prepares = preparation === undefined ? [] : await whatIsPrepared(preparation, parts);
    parts.print(dryRunText(command, planned, undefined, prepares));
    return 0;
  }
  const { plan, out } = await preparedLoad(planned, parts, () => planLoad(command, { ...from, prepared: true }));
  const outK6 = withHeaderSecrets(outputs, plan, parts.env);
  const note = (text: string): void => progress.note(text);
  const onJudged = async ({ result, recording, hasPage }: Judged): Promise<void> => {
    const report: Report = command.json
      ? RUN_JSON
      : terminalReport({
          colour: parts.colour,
          recording,
          started,
          ...(hasPage && { page: join(recording, REPORT_HTML) }),
        });
    parts.print(report.text(result));
    await appendStepSummary(SUMMARY_MD.text(result), { env: parts.env, note });
  };
  const target = targetOf(plan, parts.env);
  const stages = new StageKeeper({ note, useNode: (what) => target.use(what) });
  const { judged, error } = await run({ plan, out, outK6, keep: command.keep }, { ...parts, stages, onJudged });
  if (judged === undefined || error !== undefined) throw error;
  return exitCodeOfVerdict(judged.result.verdict, command.acceptKnown);
}
