import type { Clock } from "../../kube/clock.ts";
import type { Kube } from "../../kube/kube.ts";
import { SetUpError } from "../../plan/errors.ts";
import type { Fault, FaultTarget } from "../../plan/faults.ts";
import type { RayServiceName } from "../rayservice.ts";

/** What only whoever owns the node can do to it; the embedded cluster alone offers it. */
export interface NodeFaults {
  /** Resolves when connections to the API server are refused. */
  stopApiServer(): Promise<void>;
  /** Starts it unless it runs; resolves when it calls itself ready. */
  startApiServer(): Promise<void>;
  /** No packet reaches or leaves the pod, from when this resolves until it is disposed of; mended too when this process is killed. */
  cutNetwork(pod: { readonly uid: string }): Promise<AsyncDisposable>;
  /** Fills a container's memory until the kernel has ended it; how many processes the kernel killed. */
  fillMemory(container: { readonly uid: string; readonly containerId: string }): Promise<{ readonly kills: number }>;
  /** Lets a container use `percent` of one CPU until what is returned is disposed of; how many periods it had to wait in since. */
  limitCpu(
    container: { readonly uid: string; readonly containerId: string },
    percent: number,
  ): Promise<AsyncDisposable & { throttledPeriods(): Promise<number> }>;
}

export interface FaultContext {
  readonly kube: Kube;
  /** The RayService under test. */
  readonly application: RayServiceName;
  /** Name of the controller of the Gateway in front of it. */
  readonly gatewayController: string;
  readonly clock: Clock;
  /** When it aborts, a fault that lasts is undone at once. */
  readonly signal: AbortSignal;
  /** Undefined where faults that need the node cannot be caused, see `needsNode`. */
  readonly node: NodeFaults | undefined;
  /** The k6 Job, in the application's namespace. */
  readonly loadJob?: string;
}

/** A pod that a fault was done to. */
export interface FaultPod {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly of: FaultTarget;
}

/** The facts of a fault that has begun, for the record. */
interface FaultFacts {
  /** Those it was done to; of a Deployment, all that it had. */
  readonly pods: readonly FaultPod[];
  /** Unix ms, right before it was asked for: what follows may be seen before the answer. */
  readonly askedAtMs: number;
  /** The Deployment that was scaled or rolled out, as namespace/name. */
  readonly deployment?: string;
  /** Of that Deployment, before the fault. */
  readonly replicas?: number;
  /** The container whose memory was filled. */
  readonly container?: string;
  /** Processes that the kernel killed in it. */
  readonly kills?: number;
}

/** The facts of its end. Unix ms. */
export interface FaultEnd {
  /** When what was broken was about to be mended; of a rollout, which mends itself, undefined. */
  readonly undoneAtMs?: number;
  /** When it was seen to be whole again. */
  readonly wholeAtMs: number;
}

export interface BegunFault {
  readonly facts: FaultFacts;
  /**
   * Of a fault that lasts: resolves when it has been undone and what it broke is whole. Rejects with the signal's reason when that aborted first (it has
   * been undone all the same), or with a SetUpError when it could not be undone. Undefined for one that is over as soon as it has begun.
   */
  readonly ended: Promise<FaultEnd> | undefined;
}

/** Whether a fault can be caused only by whoever owns the node: to be refused beforehand where `FaultContext.node` is undefined. */
export function needsNode({ kind }: Pick<Fault, "kind">): boolean {
  return kind === "stop-api-server" || kind === "cut-network" || kind === "out-of-memory";
}

/** @throws SetUpError where the cluster's node is not ours. */
export function nodeOf(fault: Fault, { node }: Pick<FaultContext, "node">): NodeFaults {
  if (node === undefined) throw new SetUpError(`Fault ${fault.kind} needs the embedded cluster; this one is another.`);
  return node;
}
