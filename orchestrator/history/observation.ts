import { z } from "zod";
import { isDeeper } from "../plan/depth.ts";
import { LATEST_MS } from "./instant.ts";

/**
 * One line of history.ndjson: something the recorder saw or the runner did, in the order received.
 *
 * `wallMs` is the runner's wall clock (Unix ms) and `monoMs` its monotonic clock (ms since the recording
 * began), both at the time of receipt. Order and distances come from `monoMs`; `wallMs` relates the line to
 * the ledger and to stamps made elsewhere.
 */
const time = z.number().min(-LATEST_MS).max(LATEST_MS);
const at = { wallMs: time, monoMs: time };

/** Far beyond any object of Kubernetes, and far within what can be gone through and written as text again. */
const MOST_LEVELS = 500;
const outside = z.unknown().refine((value) => !isDeeper(value, MOST_LEVELS), {
  error: `expected at most ${String(MOST_LEVELS)} levels of nesting`,
});

/** Kinds that are watched. */
export const WATCHED_KINDS = [
  "RayService",
  "RayCluster",
  "HTTPRoute",
  "Gateway",
  "Pod",
  "EndpointSlice",
  "Event",
  "Job",
] as const;
export type WatchedKind = (typeof WATCHED_KINDS)[number];
const kind = z.enum(WATCHED_KINDS);

/** A watched object as it was seen: `listed` in a watch's initial list, otherwise by a watch event. */
const objectLine = z.object({
  type: z.literal("object"),
  ...at,
  kind,
  event: z.enum(["listed", "added", "modified", "deleted"]),
  name: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  /** The object without managedFields and environment values; `spec` only when its generation is new to this watch. */
  object: z.record(z.string(), outside),
});

/** The initial list of a watch is complete: whatever was not listed did not exist. */
const syncedLine = z.object({
  type: z.literal("synced"),
  ...at,
  kind,
  resourceVersion: z.string(),
});

/**
 * A watch was interrupted. `resumed` went on from its resourceVersion and lost nothing;
 * `relisted` may have missed transitions between `sinceMonoMs` and this line.
 */
const gapLine = z.object({
  type: z.literal("gap"),
  ...at,
  kind,
  how: z.enum(["resumed", "relisted"]),
  sinceMonoMs: time,
  reason: z.string(),
});

/**
 * Something the runner itself did. `trigger` sets the change's first goal, `rollback` the one from before, `change` any other one under way.
 * `in-place-done`: every replica answers by the spec's version. `watching`: a scenario without any step begins; `recovered`: after faults, or the time
 * that was watched, the application is as it was.
 */
const actionLine = z.object({
  type: z.literal("action"),
  ...at,
  action: z.enum([
    "record-start",
    "load-start",
    "warm-up-steady",
    "trigger",
    "rollback",
    "change",
    "fault",
    "fault-ended",
    "suspend",
    "resume",
    "operator",
    "in-place-done",
    "watching",
    "recovered",
    "stop-load",
    "load-ended",
    "record-end",
    "interrupted",
    "set-up-failed",
  ]),
  /** Facts of the action, e.g. for `trigger` the generation and cluster hash before and after. */
  facts: z.record(z.string(), outside),
});

/** One reading of the warm-up: a whole second of the ledger, judged as it settled. */
const readingLine = z.object({
  type: z.literal("warm-up-reading"),
  ...at,
  /** Start of the second, Unix ms. */
  secondMs: time,
  requests: z.number().int(),
  failed: z.number().int(),
  steady: z.boolean(),
  /** Consecutive good readings up to and including this one. */
  streak: z.number().int(),
});

/**
 * What is polled, because nothing can be watched.
 *
 * - `serve-applications`: Serve's application details of a RayCluster (`subject`), from its dashboard, once a second.
 * - `platform-pods`: the pods of a role (`subject`: operator, gateway, dataPlane) that live outside the watched namespace.
 *   Restart counts and uids only ever tell more, so that nothing between two polls is lost.
 * - `gateway-stats`: what an Envoy of the Gateway's data plane (`subject`: its pod) has counted, every 2 s, before the load's first request
 *   and after its last. `subject` is empty where its pods could not be listed.
 * - `k6-cgroup`: what the kubelet counts for the k6 container (`subject`: its pod), every 10 s from the load's start on and before its stop.
 * - `node-cpu`: what the CPUs of a node (`subject`) have done, every 2 s, where its kernel can be asked. Nothing is judged by it.
 */
const POLLS = ["serve-applications", "platform-pods", "gateway-stats", "k6-cgroup", "node-cpu"] as const;

/** A poll's answer; with `ok` false, why there was none. */
const pollLine = z.object({
  type: z.literal("poll"),
  ...at,
  poll: z.enum(POLLS),
  subject: z.string(),
  ok: z.boolean(),
  data: outside,
});

/** Clocks that stamp what the judge reads, beside the runner's own. */
export const CLOCKS = ["api-server", "k6-pod"] as const;

/**
 * A measurement of another clock against the runner's wall clock. The other clock's reading minus the runner's, at the same
 * moment, lies within `uncertaintyMs` of `offsetMs` (half the time the question was under way, and its resolution).
 */
const clockLine = z.object({
  type: z.literal("clock"),
  ...at,
  of: z.enum(CLOCKS),
  /** Which one, where there are several: the k6 pod's name. */
  subject: z.string().optional(),
  offsetMs: z.number(),
  uncertaintyMs: z.number().nonnegative(),
});

/** Measured environment: versions found, CPUs, memory, nodes, and the data plane's pods with the CPUs of their nodes. */
const environmentLine = z.object({
  type: z.literal("environment"),
  ...at,
  facts: z.record(z.string(), outside),
});

export const observationSchema = z.discriminatedUnion("type", [
  objectLine,
  syncedLine,
  gapLine,
  actionLine,
  readingLine,
  pollLine,
  clockLine,
  environmentLine,
]);
export type Observation = z.infer<typeof observationSchema>;
export type ObjectSeen = z.infer<typeof objectLine>;
export type Action = z.infer<typeof actionLine>;
