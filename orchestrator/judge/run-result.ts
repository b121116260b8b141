import { z } from "zod";
import { CHECK_IDS, SCHEMA_VERSION } from "../plan/plan.ts";
import { VERDICTS } from "./verdict.ts";

const figures = z.record(z.string(), z.unknown());
const count = z.number().int().nonnegative();
const percent = z.number().min(0).max(100);
/** Percentiles in ms, each within 1 %; null when nothing was answered. */
const latency = z.object({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() }).nullable();
/** Steady load before the change; from T0 until the last pod of the side that the change ends was gone; after that. */
const latencyByPhase = z.object({ before: latency, during: latency, after: latency });

/** What one kind of client came to over the whole load. */
const clientSchema = z.object({
  /** Issued; where the ledger does not tell kinds apart, those with an outcome. */
  requests: count,
  answered: count,
  failed: count,
  hanging: count,
  /** Requests with an outcome by how they reached the gateway: on a connection opened for them, on a kept one, or not known. */
  perConnection: z.object({ new: count, reused: count, unknown: count }),
  latency: latencyByPhase,
  /** Time to the first token, where answers are streams of tokens. */
  firstToken: latencyByPhase.optional(),
});

const checkResultSchema = z.object({
  id: z.enum(CHECK_IDS),
  verdict: z.enum(["pass", "fail", "invalid", "known", "not-applicable"]),
  required: z.boolean(),
  message: z.string(),
  figures,
  /** The first hundred; `figures.violations` counts all. */
  violations: z.array(z.object({ atMs: z.number(), cause: z.string(), facts: figures })),
});

const stepSchema = z.object({
  /** Unix ms at which the status with this state was seen. */
  atMs: z.number(),
  secondsSinceTrigger: z.number().nullable(),
  activeCapacity: z.number(),
  activeTraffic: z.number(),
  pendingCapacity: z.number().nullable(),
  pendingTraffic: z.number().nullable(),
  /** The RayCluster that was pending, where the change had more than one; null where none was. */
  pending: z.string().nullable().optional(),
  /** The RayCluster that was active, where the change was to be taken back and it is not the leaving one all the same. */
  active: z.string().optional(),
  /** Requests answered while this state lasted, and the new RayCluster's share of them (0 to 1, null without requests). */
  answered: count,
  newShare: z.number().nullable(),
});

/** run.json: the verdict on a recording, a pure function of the recording, the judge's version and its list of known defects. */
export const runResultSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  runId: z.string(),
  judge: z.object({ version: z.string(), knownDefects: z.string() }),
  verdict: z.enum(VERDICTS),
  exitCode: z.number().int(),
  /** The verdict and its reason as one plain sentence. */
  sentence: z.string(),
  checks: z.array(checkResultSchema),
  load: z.object({
    model: z.enum(["open", "closed"]),
    plannedRate: z.number().nullable(),
    requests: count,
    answered: count,
    failed: count,
    hanging: count,
    interrupted: count,
    /** 95 % bound of the failure probability of the requests that zero-failures judged; null when one failed. */
    failureUpperBound: z.number().nullable(),
    dropped: count,
    /** Answers per second from the start of load to its stop, the change included; null when either is not known. */
    meanRate: z.number().nullable(),
    /** Of all kinds of clients together. */
    latency: latencyByPhase,
    /** By kind of client. */
    clients: z.record(z.string(), clientSchema),
    perCluster: z.record(z.string(), count),
    /** Only where answers do not tell their RayCluster: it is the one that was made for their version. */
    attributed: z.literal(true).optional(),
    perVersion: z.record(z.string(), count),
  }),
  change: z.object({
    scenario: z.string(),
    strategy: z.object({
      name: z.string(),
      stepSizePercent: z.number(),
      intervalSeconds: z.number(),
      maxSurgePercent: z.number(),
    }),
    leaving: z.string().nullable(),
    arriving: z.string().nullable(),
    /** Wall times, ISO 8601. */
    triggeredAt: z.string().nullable(),
    convergedAt: z.string().nullable(),
    /** From trigger to promotion, to the end of the rollback, or until a change in place was complete; without a change from the first fault until all was as before. */
    seconds: z.number().nullable(),
    /** Only where the change was taken back: when the spec was patched back, and in which state the operator took that up. */
    rollback: z
      .object({
        patchedAt: z.string().nullable(),
        /** From trigger to patch, and from patch to the end of the rollback. */
        secondsSinceTrigger: z.number().nullable(),
        seconds: z.number().nullable(),
        /** Index in `steps`. */
        fromStep: z.number().int().nonnegative(),
      })
      .optional(),
    /** How the change went, where it was neither an upgrade nor a rollback. */
    way: z.enum(["cancelled", "third", "in-place", "steady"]).optional(),
    /** What the spec was made to be, one after another, the first one included; where `way` is told. */
    goals: z.array(z.enum(["before", "after", "third"])).optional(),
    /** Other goals that were set under way, where the change was not only taken back: the version that was to answer, and the state in which it was taken up. */
    turns: z
      .array(
        z.object({
          goal: z.enum(["before", "after", "third"]),
          setAt: z.string().nullable(),
          secondsSinceTrigger: z.number().nullable(),
          /** Index in `steps`. */
          fromStep: z.number().int().nonnegative(),
        }),
      )
      .optional(),
    /** RayClusters that were made and given up before the arriving one was made. */
    passing: z.array(z.string()).optional(),
    /** What kept the new side from starting until the goal was changed: applications that failed, pods without an image or a node. */
    stuckOn: z.array(z.string()).optional(),
    /** What was broken, when, and for how long where it was undone. */
    faults: z
      .array(
        z.object({
          text: z.string(),
          at: z.string().nullable(),
          secondsSinceTrigger: z.number().nullable(),
          /** Until it was undone; null for one that does not last, or was never undone. */
          seconds: z.number().nullable(),
          endedAt: z.string().nullable().optional(),
          /** Names of the pods that it was done to. */
          pods: z.array(z.string()).optional(),
        }),
      )
      .optional(),
    /** What the change was allowed to cost clients; nothing when left out. */
    budget: z
      .object({
        failedRequests: count,
        disruptedSeconds: z.number().nonnegative(),
        /** What it did cost: requests that failed or hung, and seconds in which clients were not served; null where that could not be judged. */
        used: z.object({ failedRequests: count.nullable(), disruptedSeconds: z.number().nullable() }).optional(),
      })
      .optional(),
    /** From there until the last pod of the side that the change ends was gone. */
    drainSeconds: z.number().nullable(),
    steps: z.array(stepSchema),
  }),
  environment: z.object({
    target: z.string(),
    profile: z.string(),
    serveIngress: z.string(),
    /** Versions found, else as asked for. */
    versions: z.record(z.string(), z.string()),
    cpus: z.number().nullable(),
    /** What the node's CPUs did while it was recorded, in percent of their time; left out where nothing could be told of it. */
    cpuUse: z
      .object({
        busyPercent: percent,
        /** Wanted, and given to others by the hypervisor. */
        stolenPercent: percent,
        /** The stretch between two polls in which most was stolen. */
        worst: z.object({ stolenPercent: percent, seconds: z.number().nonnegative(), at: z.string() }),
      })
      .optional(),
    /** Everything that was measured of the environment, as recorded. */
    measured: figures,
  }),
  k6: z.object({ thresholds: z.array(z.object({ metric: z.string(), expression: z.string(), ok: z.boolean() })) }),
});

export type RunResult = z.infer<typeof runResultSchema>;
export type CheckResult = RunResult["checks"][number];
