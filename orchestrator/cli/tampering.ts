import type { NodeFaults } from "../change/faults/fault.ts";
import type { Clock } from "../kube/clock.ts";
import type { Kube } from "../kube/kube.ts";
import type { Load } from "../load/start-load.ts";
import type { Plan } from "../plan/plan.ts";
import type { Recording } from "../recording/writer.ts";

/**
 * What is put into a run from outside, to see whether the judge notices it. Neither plan nor recording tells of it. A part that is left out
 * tampers with nothing; each is undone by its scope, in reverse order.
 */
export interface Tampering {
  /** With the cluster, before the application is staged; undone when the application is gone. */
  readonly cluster?: (kube: Kube, signal: AbortSignal) => Promise<AsyncDisposable>;
  /** With the way from the load to the application: the URL that the load asks in place of `url`. */
  readonly way?: (url: string, on: TamperedRun) => Promise<AsyncDisposable & { readonly url: string }>;
  /** With what is written down. */
  readonly recording?: (recording: Recording) => Recording;
  /** With what the watches tell. */
  readonly watched?: (kube: Kube, clock: Clock) => Kube;
  /** From when the load runs until it is stopped. Throws nothing into the run, which is to end as it would have; that it could not be done is told elsewhere. */
  readonly underLoad?: (load: Load, on: TamperedRun) => AsyncDisposable;
}

/** The run that is tampered with. */
export interface TamperedRun {
  readonly kube: Kube;
  readonly plan: Plan;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What can be done to the node; undefined where it is somebody else's. */
  readonly node: NodeFaults | undefined;
}
