import { join } from "node:path";
import { IMAGES } from "../../scripts/artefacts/list.ts";
import { repairPlatform } from "../change/repair.ts";
import type { RunResult } from "../judge/run-result.ts";
import { realClock } from "../kube/clock.ts";
import type { Clock } from "../kube/clock.ts";
import type { Kube } from "../kube/kube.ts";
import { deadlineMs } from "../plan/deadlines.ts";
import { secretsOf } from "../plan/out-k6.ts";
import type { K6Outputs } from "../plan/out-k6.ts";
import type { Plan } from "../plan/plan.ts";
import { collectLogs } from "../record/logs.ts";
import { openRecording } from "../recording/writer.ts";
import type { Recording } from "../recording/writer.ts";
import { MANAGED_BY } from "../stage/labels.ts";
import { requireFields } from "../stage/preflight.ts";
import { applicationOf, refuseOtherVersions } from "./embedded-request.ts";
import { rootError } from "./exit.ts";
import { explained } from "./explained.ts";
import { InterruptedError } from "./interrupt.ts";
import { asTyped, linkLatest, openOut } from "./out.ts";
import type { Progress } from "./progress.ts";
import { leaseOf, SYSTEM_NAMESPACE } from "./run-lease.ts";
import { runUnderLoad } from "./run.ts";
import { targetOf, type RunTarget } from "./run-target.ts";
import type { StageKeeper } from "./stage-keeper.ts";
import { typed } from "./started.ts";
import type { Tampering } from "./tampering.ts";
import { tellRecording, writeReports } from "./told-recording.ts";

/** A run as it was planned. */
export interface PlannedRun {
  readonly plan: Plan;
  /** Absolute path of the recording's folder, empty or new. */
  readonly out: string;
  /** Further outputs of k6, with what is secret about them. */
  readonly outK6: K6Outputs;
  /** Leave the application under test in place. */
  readonly keep: boolean;
}

export interface RunPlanParts {
  readonly home: string;
  readonly cwd: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Says where the kubeconfig is; the process's own when left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where the application comes from, and whether it stays for the next run. */
  readonly stages: StageKeeper;
  /** Told the verdict as soon as it is there, before the application is removed. */
  readonly onJudged?: (judged: Judged) => Promise<void>;
  /** Trouble made on purpose, to see whether the judge notices it. */
  readonly tampering?: Tampering;
}

/** A verdict, and where its reports are. */
export interface Judged {
  readonly result: RunResult;
  /** The recording's folder as a reader would type it. */
  readonly recording: string;
  readonly hasPage: boolean;
}

/** What became of a run. It may have a verdict and an error: then it was judged, and something went wrong while it was removed. */
export interface Ran {
  readonly judged: Judged | undefined;
  /** What ended the run; undefined when nothing went wrong. */
  readonly error: unknown;
}

/**
 * A run from its plan to its verdict: folder, cluster, application, load, change, record, judge, reports. Prints nothing; progress has what goes on.
 * Never rejects: an interruption, and what `onJudged` throws, are errors of the run too.
 */
export async function runPlan(planned: PlannedRun, parts: RunPlanParts): Promise<Ran> {
  let judged: Judged | undefined;
  try {
    await runOrReject(planned, {
      ...parts,
      onJudged: async (verdict) => {
        judged = verdict;
        await parts.onJudged?.(verdict);
      },
    });
    return { judged, error: undefined };
  } catch (error) {
    return { judged, error: explained(error, asTyped(planned.out, parts.cwd)) };
  }
}

async function runOrReject(planned: PlannedRun, parts: RunPlanParts): Promise<void> {
  const { plan, out } = planned;
  // A plan may come from another process, which made it with other parts.
  refuseOtherVersions(plan);
  const target = targetOf(plan, parts.env);
  await refuseWithoutFields(plan, target, parts);
  await openOut(out);
  const startedAt = performance.now();
  // One clock for every part of the run; its monotonic ms count from the recording's beginning.
  const clock: Clock = { ...realClock, monoMs: () => performance.now() - startedAt };
  await using recording = await openRecording(out, plan, clock);
  try {
    // From here on nobody else may make the node anew or remove it.
    await using _use = await target.use(`run ${plan.runId}`);
    await linkLatest(out, parts.home);
    const kube = await target.connect(plan, parts);
    await onCluster({ ...planned, target, kube, recording, clock }, parts);
  } catch (error) {
    recordEnding(recording, error);
    parts.progress.note(
      `The recording so far is in ${asTyped(out, parts.cwd)}; judge it with: ${typed(`analyze ${asTyped(out, parts.cwd)}`)}`,
    );
    throw error;
  }
}

/** What only the cluster can tell about a plan is asked before the run has left anything, folder included. */
async function refuseWithoutFields(plan: Plan, target: RunTarget, parts: RunPlanParts): Promise<void> {
  const { scenario, versions } = plan;
  const fields = plan.needs?.fields ?? [];
  if (fields.length === 0) return;
  await using _use = await target.use(`preflight of run ${plan.runId}`);
  const kube = await target.connect(plan, parts);
  await requireFields(kube, { scenario, fields, kuberay: versions["kuberay"] ?? "" });
}

function recordEnding(recording: Recording, error: unknown): void {
  const first = rootError(error);
  const message = first instanceof Error ? first.message : String(first);
  const action = first instanceof InterruptedError ? "interrupted" : "set-up-failed";
  try {
    recording.observe({ type: "action", action, facts: { message } });
  } catch {
    // The recording is closed, or its disk is full: the first error is the one to tell.
  }
}

interface OnCluster extends PlannedRun {
  readonly target: RunTarget;
  readonly kube: Kube;
  readonly recording: Recording;
  readonly clock: Clock;
}

async function onCluster(run: OnCluster, parts: RunPlanParts): Promise<void> {
  const { target, kube, plan, recording, clock, out, outK6 } = run;
  const { progress } = parts;
  await kube.apply({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: SYSTEM_NAMESPACE, labels: { ...MANAGED_BY } },
  });
  await using lease = await leaseOf(run, parts);
  const signal = AbortSignal.any([parts.signal, lease.lost]);
  const repair = async (when: string, within?: AbortSignal): Promise<void> => {
    const repaired = await repairPlatform(kube, within);
    if (repaired.length > 0) progress.note(`Put back ${when}: ${repaired.join(", ")}.`);
  };
  await repair("what a run before had left", signal);

  const logs = join(out, "logs");
  const secrets = [...secretsOf(outK6)];
  const saveLogs = async (onFailure: boolean): Promise<void> => {
    try {
      const { missing } = await collectLogs(kube, logs, {
        namespace: plan.application.namespace,
        ...(plan.load.namespace === undefined ? {} : { loadNamespace: plan.load.namespace }),
        controller: plan.gateway.controller,
        onFailure,
        secrets,
      });
      for (const what of missing) progress.note(`Not collected: ${what}`);
    } catch (error) {
      // Missing logs must not take the place of what they were collected for.
      progress.note(`Logs were not collected: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const { tampering = {} } = parts;
  await using _cluster = await tampering.cluster?.(kube, signal);
  const staging = progress.phase("application");
  await using stage = await parts.stages.stage(kube, applicationOf(plan), {
    readyDeadlineMs: deadlineMs(plan, "applicationReady"),
    removeDeadlineMs: deadlineMs(plan, "tearDown"),
    keep: run.keep,
    clock,
    signal,
    onFailure: () => saveLogs(true),
    onSecret: (secret) => secrets.push(secret),
    onProgress: (text) => {
      staging.update(text);
    },
    note: (text) => progress.note(text),
  });
  staging.done(`Ready at ${stage.url}`);
  // Before the application is removed: an older operator leaves a newer one's finalizers where they are.
  await using _platform = { [Symbol.asyncDispose]: () => repair("what this run had changed") };

  await using _first = target.trafficFirst(kube, plan.application);
  const { node, kernel } = target;
  await using way = await tampering.way?.(stage.url, { kube, plan, clock, signal, node });
  try {
    const loadImage = plan.images?.["k6"] ?? IMAGES.load;
    const onEnd = (): Promise<void> => saveLogs(false);
    const outcome = await runUnderLoad({
      kube,
      plan,
      recording: tampering.recording?.(recording) ?? recording,
      url: way?.url ?? stage.url,
      route: stage.route,
      loadImage,
      outK6,
      logs,
      secrets,
      progress,
      clock,
      signal,
      node,
      kernel,
      tampering,
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
  await parts.onJudged?.({ result, recording: place.recording, hasPage });
}
