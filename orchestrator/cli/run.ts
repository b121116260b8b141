import type { Clock } from "../kube/clock.ts";
import type { NodeFaults } from "../change/faults/fault.ts";
import type { Kube } from "../kube/kube.ts";
import { startLoad } from "../load/start-load.ts";
import type { Load } from "../load/start-load.ts";
import { deadlineMs } from "../plan/deadlines.ts";
import type { K6Outputs } from "../plan/out-k6.ts";
import type { Plan } from "../plan/plan.ts";
import { recordApiServerClock } from "../record/clocks.ts";
import { saveDepartingLogs } from "../record/departing-logs.ts";
import { measureEnvironment } from "../record/environment.ts";
import { pollGateway } from "../record/gateway-stats.ts";
import { pollNodeCpu, type NodeKernel } from "../record/node-cpu.ts";
import { recordLoadEvidence } from "../record/load-evidence.ts";
import type { LoadEvidence } from "../record/load-evidence.ts";
import { pollPlatform } from "../record/platform-pods.ts";
import { startRecorder } from "../record/recorder.ts";
import { sinkInto } from "../record/sink.ts";
import type { Recording } from "../recording/writer.ts";
import { inTime, makeChange, type ChangeOutcome } from "./change-steps.ts";
import { liveView } from "./live-view.ts";
import { loadRequestOf } from "./load-request.ts";
import type { Progress } from "./progress.ts";
import type { Tampering } from "./tampering.ts";
import { WarmUp } from "./warm-up.ts";

export interface RunParts {
  readonly kube: Kube;
  readonly plan: Plan;
  readonly recording: Recording;
  /** Where the load sends its requests. */
  readonly url: string;
  /** Name of the application's HTTPRoute. */
  readonly route: string;
  /** Image with k6 and the ledger. */
  readonly loadImage: string;
  /** Further outputs of k6, with what is secret about them. */
  readonly outK6: K6Outputs;
  readonly logs: string;
  /** Texts that no log may show. */
  readonly secrets: readonly string[];
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What can be done to the node; undefined where it is somebody else's. */
  readonly node: NodeFaults | undefined;
  /** What can be asked about the node's CPUs; undefined where it is somebody else's. */
  readonly kernel: NodeKernel | undefined;
  /** Trouble made on purpose. */
  readonly tampering: Tampering;
  /** Called when the load has ended and its pod is still there: the time to collect logs. */
  readonly onEnd: () => Promise<void>;
}

/** Cause to go on to the judge: the recording says what happened, and the judge says what it means. */
type Outcome = ChangeOutcome | "warm-up-never-steady" | "load-ended-early";

/** How far a run came, and why not further, for the record. */
interface Ended {
  readonly outcome: Outcome;
  readonly reason?: string;
}

/** The load ended before it was stopped, or its ledger cannot be followed any more. */
class LoadEndedError extends Error {
  override readonly name = "LoadEndedError";
}

/**
 * The left half of a run, on a staged application: records, loads, waits for steady load, changes, and goes on until the
 * old side is gone. What it returns is only how far it came; the verdict is made from the recording alone.
 *
 * A deadline of the change itself is no error of the run but a result, and ends the load in order. Other errors pass through.
 */
export async function runUnderLoad(given: RunParts): Promise<Outcome> {
  using view = liveView(given);
  const parts = { ...given, recording: view.watching(given.recording) };
  const { kube, plan, recording, clock, signal } = parts;
  const { namespace, name } = plan.application;
  const { controller } = plan.gateway;
  const { sink, broken } = sinkInto((line) => {
    recording.observe(line);
  });
  const { tampering } = parts;
  await using recorder = await startRecorder(tampering.watched?.(kube, clock) ?? kube, sink, {
    namespace,
    ...(plan.load.namespace === undefined ? {} : { rayService: name }),
    clock,
    signal,
  });
  await using _departing = saveDepartingLogs(kube, parts.logs, { namespace, secrets: parts.secrets });
  recording.observe({ type: "action", action: "record-start", facts: { url: parts.url } });
  const within = AbortSignal.any([signal, recorder.lost, broken]);
  const recorded = { namespace, controller, sink, clock, signal: within };
  const [facts] = await Promise.all([
    measureEnvironment(kube, { namespace, controller, name }),
    recordApiServerClock(kube, recorded),
  ]);
  recording.observe({ type: "environment", facts });
  await using platform = await pollPlatform(kube, recorded);
  await using _cpu = parts.kernel && (await pollNodeCpu(parts.kernel, recorded));
  await using gateway = await pollGateway(kube, { ...recorded, route: parts.route });

  const warmUp = new WarmUp(parts);
  const phase = parts.progress.phase("load");
  view.show(phase);
  const request = loadRequestOf(plan, { image: parts.loadImage, url: parts.url, outK6: parts.outK6 });
  const load = await startLoad(kube, request, {
    onLine: (line) => {
      recording.ledger(line);
      warmUp.onLine(line);
    },
    deadlines: {
      loadRunning: deadlineMs(plan, "loadRunning"),
      loadStops: deadlineMs(plan, "loadStops"),
      filesLeave: deadlineMs(plan, "filesLeave"),
    },
    signal: within,
    clock,
  });
  await using _load = removedWithNote(load, parts.progress);
  recording.observe({ type: "action", action: "load-start", facts: startFacts(load) });
  await using evidence = recordLoadEvidence(kube, load, recorded);
  await using _tampering = tampering.underLoad?.(load, { kube, plan, clock, signal: within, node: parts.node });
  let stopping: Promise<void> | undefined;
  // Once: a stop that failed has been asked for all the same.
  const stopped = (): Promise<void> => (stopping ??= stop(parts, load, evidence));
  let ended: Ended;
  try {
    ended = await whileLoaded(parts, load, warmUp, within);
    await stopped();
    phase.done("stopped");
  } catch (error) {
    phase.fail(error instanceof Error ? error.message : String(error));
    // What clients saw until now belongs to the recording too; the first error stays the one that is told.
    if (!signal.aborted) await stopped().catch(() => undefined);
    if (!(error instanceof LoadEndedError)) {
      await parts.onEnd();
      throw error;
    }
    // No error of ours: the judge calls a load that did not outlast the change what it is.
    ended = { outcome: "load-ended-early", reason: error.message };
  }
  await parts.onEnd();
  await Promise.all([platform.poll(), gateway.poll(), recordApiServerClock(kube, recorded)]);
  recording.observe({ type: "action", action: "record-end", facts: { ...ended } });
  return ended.outcome;
}

async function whileLoaded(parts: RunParts, load: Load, warmUp: WarmUp, within: AbortSignal): Promise<Ended> {
  const { plan, recording, progress } = parts;
  // A load that ends before its time ends every wait.
  const early = new AbortController();
  load.ended.then(
    () => {
      early.abort(new LoadEndedError("The load ended before it was stopped."));
    },
    (error: unknown) => {
      early.abort(new LoadEndedError("The load's ledger cannot be followed any more.", { cause: error }));
    },
  );
  const signal = AbortSignal.any([within, early.signal]);

  const warming = progress.phase("warm-up");
  const steady = warmUp.steady(deadlineMs(plan, "warmUp"), signal, (text) => {
    warming.update(text);
  });
  const waited = await inTime(steady, signal);
  if (!waited.reached) {
    warming.fail(waited.reason);
    return { outcome: "warm-up-never-steady", reason: waited.reason };
  }
  recording.observe({ type: "action", action: "warm-up-steady", facts: {} });
  warming.done("steady");

  return makeChange({ ...parts, signal, loadJob: load.job });
}

/** The recording is whole without it: a load that cannot be removed must not cost the verdict, and goes with the application's namespace. */
function removedWithNote(load: Load, progress: Progress): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      try {
        await load[Symbol.asyncDispose]();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        progress.note(`The load was not removed, and goes with the application: ${why}`);
      }
    },
  };
}

async function stop({ recording }: RunParts, load: Load, evidence: LoadEvidence): Promise<void> {
  await evidence.finish();
  recording.observe({ type: "action", action: "stop-load", facts: {} });
  const { files, exitCode, exitCodes } = await load.stop();
  recording.observe({ type: "action", action: "load-ended", facts: { k6ExitCode: exitCode, k6ExitCodes: exitCodes } });
  for (const { name, text } of files) await recording.writeText(name, text);
}

/** What the load was made of, and when each of its pods began by its own clock (Unix ms). */
function startFacts({ job, pods, startedMs }: Load): Record<string, unknown> {
  return { job, pods: pods.map(({ name }) => name), startedMs };
}
