import { join, relative } from "node:path";
import { IMAGES } from "../../scripts/artefacts/list.ts";
import { realClock } from "../kube/clock.ts";
import type { Clock } from "../kube/clock.ts";
import type { Kube } from "../kube/kube.ts";
import { deadlineMs } from "../plan/deadlines.ts";
import { outputsOf, secretsOf } from "../plan/out-k6.ts";
import type { K6Outputs } from "../plan/out-k6.ts";
import type { Plan } from "../plan/plan.ts";
import { collectLogs } from "../record/logs.ts";
import { openRecording } from "../recording/writer.ts";
import type { Recording } from "../recording/writer.ts";
import { SUMMARY_MD } from "../report/markdown.ts";
import type { Report } from "../report/report.ts";
import { REPORT_HTML } from "../report/html/page.tsx";
import { RUN_JSON } from "../report/run-json.ts";
import { terminalReport } from "../report/terminal.ts";
import { MANAGED_BY } from "../stage/labels.ts";
import { removeLeftovers } from "../stage/remove.ts";
import { stageApplication } from "../stage/stage.ts";
import { up, useCluster } from "../target/embedded/embedded.ts";
import { layoutOf } from "../target/embedded/layout.ts";
import type { LoadCommand } from "./args.ts";
import { clusterProgress } from "./cluster.ts";
import { applicationOf, refuseOtherVersions, whatIsCreated } from "./embedded-request.ts";
import { exitCodeOfVerdict } from "./exit.ts";
import { InterruptedError } from "./interrupt.ts";
import { linkLatest, openOut } from "./out.ts";
import type { Progress } from "./progress.ts";
import { planLoad } from "./request.ts";
import { leaseOf, SYSTEM_NAMESPACE } from "./run-lease.ts";
import { runUnderLoad } from "./run.ts";
import { appendStepSummary } from "./step-summary.ts";
import { tellRecording, writeReports } from "./told-recording.ts";

export interface LoadParts {
  readonly root: string;
  readonly cwd: string;
  readonly progress: Progress;
  readonly print: (text: string) => void;
  readonly colour: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** `npm run load`: one run, from plan to verdict. Resolves to the exit code. */
export async function runLoad(command: LoadCommand, parts: LoadParts): Promise<number> {
  const now = new Date();
  const seed = now.getTime() % 2 ** 31;
  const outK6 = outputsOf(command.outK6, parts.env);
  const { plan, out } = await planLoad(command, { root: parts.root, cwd: parts.cwd, now, seed, outK6: outK6.names });
  if (command.dryRun) {
    parts.print(`${JSON.stringify({ plan, out, creates: whatIsCreated(plan) }, null, 2)}\n`);
    return 0;
  }
  refuseOtherVersions(plan);
  await openOut(out);
  const startedAt = performance.now();
  // One clock for every part of the run; its monotonic ms count from the recording's beginning.
  const clock: Clock = { ...realClock, monoMs: () => performance.now() - startedAt };
  await using recording = await openRecording(out, plan, clock);
  try {
    // From here on nobody else may make the node anew or remove it.
    await using _use = await useCluster(layoutOf(), `run ${plan.runId}`);
    await linkLatest(out, parts.root);
    const kube = await clusterUp(plan, parts);
    return await onCluster(command, { kube, plan, recording, clock, out, outK6 }, parts);
  } catch (error) {
    recordEnding(recording, error);
    parts.progress.note(
      `The recording so far is in ${asTyped(out, parts.cwd)}; judge it with: npm run analyze -- ${asTyped(out, parts.cwd)}`,
    );
    throw error;
  }
}

/** A folder as the user would type it: relative where it lies below where they stand. */
function asTyped(folder: string, cwd: string): string {
  const path = relative(cwd, folder);
  return path === "" || path.startsWith("..") ? folder : path;
}

function recordEnding(recording: Recording, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const action = error instanceof InterruptedError ? "interrupted" : "set-up-failed";
  try {
    recording.observe({ type: "action", action, facts: { message } });
  } catch {
    // The recording is closed, or its disk is full: the first error is the one to tell.
  }
}

async function clusterUp(plan: Plan, parts: LoadParts): Promise<Kube> {
  using progress = clusterProgress(parts.progress);
  const layout = layoutOf();
  const readyDeadlineMs = deadlineMs(plan, "clusterUp");
  return await up(layout, progress, parts.signal, { readyDeadlineMs, inUse: true });
}

interface OnCluster {
  readonly kube: Kube;
  readonly plan: Plan;
  readonly recording: Recording;
  readonly clock: Clock;
  readonly out: string;
  readonly outK6: K6Outputs;
}

async function onCluster(command: LoadCommand, run: OnCluster, parts: LoadParts): Promise<number> {
  const { kube, plan, recording, clock, out, outK6 } = run;
  const { progress } = parts;
  await kube.apply({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: SYSTEM_NAMESPACE, labels: { ...MANAGED_BY } },
  });
  await using lease = await leaseOf(run, parts);
  const signal = AbortSignal.any([parts.signal, lease.lost]);
  const removed = await removeLeftovers(kube, { deadlineMs: deadlineMs(plan, "tearDown"), clock });
  if (removed.length > 0) progress.note(`Removed what ${removed.join(", ")} had left on the cluster.`);

  const logs = join(out, "logs");
  const secrets = secretsOf(outK6);
  const saveLogs = async (onFailure: boolean): Promise<void> => {
    try {
      const { missing } = await collectLogs(kube, logs, {
        namespace: plan.application.namespace,
        onFailure,
        secrets,
      });
      for (const what of missing) progress.note(`Not collected: ${what}`);
    } catch (error) {
      // Missing logs must not take the place of what they were collected for.
      progress.note(`Logs were not collected: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const staging = progress.phase("application");
  await using stage = await stageApplication(kube, applicationOf(plan), {
    readyDeadlineMs: deadlineMs(plan, "applicationReady"),
    removeDeadlineMs: deadlineMs(plan, "tearDown"),
    keep: command.keep,
    clock,
    signal,
    onFailure: () => saveLogs(true),
    onProgress: (text) => {
      staging.update(text);
    },
  });
  staging.done(`Ready at ${stage.url}`);

  try {
    const loadImage = plan.images?.["k6"] ?? IMAGES.load;
    const onEnd = (): Promise<void> => saveLogs(false);
    const outcome = await runUnderLoad({
      kube,
      plan,
      recording,
      stage,
      loadImage,
      outK6,
      logs,
      progress,
      clock,
      signal,
      onEnd,
    });
    if (outcome !== "completed") await saveLogs(true);
  } catch (error) {
    await saveLogs(true);
    throw error;
  }
  await recording.close();
  const told = await tellRecording(out);
  const { result } = told;
  if (result.verdict !== "pass" && result.verdict !== "known") await saveLogs(true);
  const place = { recording: asTyped(out, parts.cwd), folder: out };
  const hasPage = await writeReports(told, place, {
    write: (name, text) => recording.writeText(name, text),
    note: (text) => progress.note(text),
  });
  const report: Report = command.json
    ? RUN_JSON
    : terminalReport({
        colour: parts.colour,
        recording: place.recording,
        ...(hasPage && { page: join(place.recording, REPORT_HTML) }),
      });
  parts.print(report.text(result));
  await appendStepSummary(SUMMARY_MD.text(result), { env: parts.env, note: (text) => progress.note(text) });
  if (!command.keep) progress.note("Removing the application; the cluster stays up for the next run.");
  return exitCodeOfVerdict(result.verdict, command.acceptKnown);
}
