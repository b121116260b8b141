import { z } from "zod";
import { abortReason } from "../kube/clock.ts";
import type { Kube, KubeObject } from "../kube/kube.ts";

/** A pod of the load, and how to reach the two who serve in it. */
export interface LoadPod {
  readonly namespace: string;
  readonly name: string;
  readonly k6Port: number;
  readonly ledgerPort: number;
}

/** An answer through the pod proxy; status 0 with the reason when there was none. */
export interface PodAnswer {
  readonly status: number;
  readonly body: string;
}

/** A call that does not get through says nothing final about the pod: it may be starting, or the API server restarting. */
export async function ask(
  kube: Pick<Kube, "podProxy">,
  pod: Pick<LoadPod, "namespace" | "name">,
  request: {
    readonly port: number;
    readonly method: "GET" | "POST" | "PATCH";
    readonly path: string;
    readonly body?: string;
    readonly timeoutMs?: number;
  },
  signal: AbortSignal,
): Promise<PodAnswer> {
  const { port, method, path, body, timeoutMs = 5_000 } = request;
  try {
    return await kube.podProxy({
      namespace: pod.namespace,
      pod: pod.name,
      port,
      method,
      path,
      timeoutMs,
      signal,
      ...(body === undefined ? {} : { body, contentType: "application/json" }),
    });
  } catch (error) {
    if (signal.aborted) throw abortReason(signal);
    return { status: 0, body: error instanceof Error ? error.message : String(error) };
  }
}

const clockSchema = z.object({ nowMs: z.number() });

/**
 * What the clock says that dates the ledger's rows: Unix ms with µs. Rejects when the answer is another, or takes longer than
 * `timeoutMs`: by then it tells nothing worth having.
 */
export async function podNowMs(
  kube: Pick<Kube, "podProxy">,
  pod: LoadPod,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<number> {
  const answer = await ask(kube, pod, { port: pod.ledgerPort, method: "GET", path: "/clock", timeoutMs }, signal);
  if (answer.status !== 200) throw new Error(`The load's pod ${pod.name} does not tell its time: ${shown(answer)}.`);
  return clockSchema.parse(JSON.parse(answer.body)).nowMs;
}

/** An answer in a few words, for messages. */
export function shown({ status, body }: PodAnswer): string {
  const text = body.trim().slice(0, 300);
  return status === 0 ? text : `status ${String(status)}${text === "" ? "" : ` (${text})`}`;
}

const stateSchema = z.object({
  waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  running: z.object({}).optional(),
  terminated: z
    .object({ exitCode: z.number(), reason: z.string().optional(), message: z.string().optional() })
    .optional(),
});
const containerStatusSchema = z.object({ name: z.string(), state: stateSchema.optional() });
const podSchema = z.object({
  metadata: z.object({
    name: z.string(),
    deletionTimestamp: z.string().optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  status: z
    .object({
      phase: z.string().optional(),
      message: z.string().optional(),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() }))
        .optional(),
      initContainerStatuses: z.array(containerStatusSchema).optional(),
      containerStatuses: z.array(containerStatusSchema).optional(),
    })
    .optional(),
});

type ContainerState =
  | { readonly is: "waiting"; readonly reason: string }
  | { readonly is: "running" }
  | { readonly is: "terminated"; readonly exitCode: number; readonly reason: string };

/** A pod as far as the load's start and end go by it. */
export interface PodState {
  readonly name: string;
  /** Its number among the pods of its Job, from 0. */
  readonly index: number;
  /** By name, init containers first. */
  readonly containers: ReadonlyMap<string, ContainerState>;
  /** One line for messages. */
  readonly described: string;
}

/** Where an Indexed Job writes a pod's number. */
const INDEX = "batch.kubernetes.io/job-completion-index";

/** Reads a Pod. Throws when it is none. */
export function readPodState(object: KubeObject): PodState {
  const { metadata, status = {} } = podSchema.parse(object);
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const containers = new Map(statuses.map(({ name, state = {} }) => [name, stateOf(state)]));
  const parts = [...containers].map(([name, state]) => `${name} ${wordsFor(state)}`);
  const unscheduled = status.conditions?.find(({ type, status: is }) => type === "PodScheduled" && is === "False");
  const message = status.message ?? unscheduled?.message;
  if (message !== undefined) parts.push(message);
  const gone = metadata.deletionTimestamp === undefined ? "" : ", being deleted";
  return {
    name: metadata.name,
    index: Number(metadata.annotations?.[INDEX] ?? 0),
    containers,
    described: `pod ${metadata.name} ${status.phase ?? "without a phase"}${gone}${parts.length > 0 ? `: ${parts.join("; ")}` : ""}`,
  };
}

function stateOf({ waiting, running, terminated }: z.infer<typeof stateSchema>): ContainerState {
  if (running !== undefined) return { is: "running" };
  if (terminated !== undefined) {
    return { is: "terminated", exitCode: terminated.exitCode, reason: terminated.reason ?? "" };
  }
  return { is: "waiting", reason: [waiting?.reason, waiting?.message].filter(Boolean).join(", ") };
}

function wordsFor(state: ContainerState): string {
  switch (state.is) {
    case "running":
      return "running";
    case "terminated":
      return `ended with exit code ${String(state.exitCode)}${state.reason === "" ? "" : ` (${state.reason})`}`;
    case "waiting":
      return `waiting${state.reason === "" ? "" : ` (${state.reason})`}`;
  }
}
