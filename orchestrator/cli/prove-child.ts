/** The process of one proof: a job on stdin, a report on stdout, progress on stderr. `npm run prove` starts it; a sabotage may kill it. */
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { IMAGES } from "../../scripts/artefacts/list.ts";
import { realClock } from "../kube/clock.ts";
import { outputsOf } from "../plan/out-k6.ts";
import { parseProof } from "../prove/proof.ts";
import { sabotageOf, type SabotageFacts } from "../prove/sabotage.ts";
import { replaceFile } from "../recording/replace-file.ts";
import { rootError } from "./exit.ts";
import { interruptible } from "./interrupt.ts";
import { createProgress, isLive } from "./progress.ts";
import { proofJobSchema, type ProofReport } from "./prove-job.ts";
import { SABOTAGE_JSON } from "./prove-result.ts";
import { runPlan } from "./run-plan.ts";
import { StageKeeper } from "./stage-keeper.ts";

async function run(): Promise<ProofReport> {
  const { name, record, plan, out, home, cwd } = proofJobSchema.parse(JSON.parse(await text(process.stdin)));
  using interrupt = interruptible();
  const live = isLive(process.stderr, process.env);
  const colour = (process.env["NO_COLOR"] ?? "") === "";
  using progress = createProgress({ stream: process.stderr, now: () => performance.now(), live, colour });
  const note = (line: string): void => progress.note(line);
  const tell = (facts: SabotageFacts): Promise<void> =>
    replaceFile(join(out, SABOTAGE_JSON), `${JSON.stringify(facts, null, 2)}\n`);
  const sabotage = sabotageOf(parseProof(record, name), {
    images: { mutants: IMAGES["kuberay-mutants"], saboteur: IMAGES.saboteur },
    clock: realClock,
    lastWords: tell,
  });
  // Nobody is told what comes next: the application is staged anew for each proof, as an operator that is put back has forgotten what another one did.
  const stages = new StageKeeper({ note });
  const { judged, error } = await runPlan(
    { plan, out, outK6: outputsOf([], process.env), keep: false },
    { home, cwd, progress, signal: interrupt.signal, stages, tampering: sabotage.tampering },
  );
  const went = error === undefined ? null : sentenceOf(error);
  if (judged === undefined) return { broke: went ?? "The run ended without a verdict.", notDone: null, after: null };
  try {
    await tell(await sabotage.done());
    return { broke: null, notDone: null, after: went };
  } catch (reason) {
    return { broke: null, notDone: sentenceOf(reason), after: went };
  }
}

function sentenceOf(error: unknown): string {
  const root = rootError(error);
  return root instanceof Error ? root.message : String(root);
}

process.stdout.write(`${JSON.stringify(await run())}\n`);
