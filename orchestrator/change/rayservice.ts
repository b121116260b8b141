import { z } from "zod";
import { applicationMessages, readRayService } from "../history/rayservice.ts";
import type { RayServiceView } from "../history/rayservice.ts";
import type { Kube, KubeObject } from "../kube/kube.ts";

/** The RayService that is changed. */
export interface RayServiceName {
  readonly namespace: string;
  readonly name: string;
}

/** A wait on it, with its own deadline. */
export interface Waiting {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

export const RAY_SERVICE = { apiVersion: "ray.io/v1", kind: "RayService" };

const generationSchema = z.looseObject({ metadata: z.looseObject({ generation: z.number() }) });

/** What the operator says of a RayService, with its spec's generation. */
export interface State extends RayServiceView {
  readonly generation: number;
}

/** Undefined when it cannot be read as a RayService. */
export function stateOf(object: KubeObject | undefined): State | undefined {
  const generation = generationSchema.safeParse(object);
  const reading = readRayService(object);
  return generation.success && reading.ok
    ? { ...reading.view, generation: generation.data.metadata.generation }
    : undefined;
}

export function isTrue(state: State, condition: string): boolean {
  return state.conditions.some(({ type, status }) => type === condition && status === "True");
}

/** One line for errors: both sides, conditions, and what the applications themselves say. */
export function describe(state: State | undefined): string {
  if (state === undefined) return "no readable RayService";
  const { active, pending } = state;
  const side = (one: RayServiceView["active"]): string =>
    one.rayClusterName === ""
      ? "none"
      : `${one.rayClusterName} at capacity ${String(one.targetCapacity)}, traffic ${String(one.trafficRoutedPercent)}`;
  return [
    `active ${side(active)}`,
    `pending ${side(pending)}`,
    ...state.conditions.map(({ type, status, reason }) => `${type} ${status} (${reason})`),
    `generation ${String(state.generation)}, observed ${String(state.observedGeneration ?? "none")}`,
    ...applicationMessages(state),
  ].join("; ");
}

/** Waits by watch until the RayService's state satisfies `reached`. */
export async function waitForState<T>(
  kube: Kube,
  service: RayServiceName,
  what: string,
  waiting: Waiting,
  reached: (state: State) => T | undefined,
): Promise<T> {
  const selector = { namespace: service.namespace, fieldSelector: `metadata.name=${service.name}` };
  return kube.waitFor(RAY_SERVICE, selector, {
    what,
    deadlineMs: waiting.deadlineMs,
    predicate: ([object]) => {
      const state = stateOf(object);
      return state === undefined ? undefined : reached(state);
    },
    describe: ([object]) => describe(stateOf(object)),
    ...(waiting.signal === undefined ? {} : { signal: waiting.signal }),
  });
}
