import { z } from "zod";
import { CHECK_IDS } from "./check-ids.ts";
import { budgetSchema, needsSchema, variantSchema, type Budget } from "./scenario-parts.ts";
import { serviceSchema } from "./service.ts";
import { stepSchema, type Step } from "./steps.ts";

export { CHECK_IDS, type CheckId } from "./check-ids.ts";

/** Version of the recording's file formats. A reader refuses a newer one by name instead of misreading it. */
export const SCHEMA_VERSION = 1;

const percent = z.number().int().min(1).max(100);
const share = z.number().int().min(0).max(100);

/** One kind of client's part of the load. Rate in requests/s, times in ms; `vus` are those of all k6 pods together. */
const mixSchema = z.object({
  client: z.string(),
  model: z.enum(["open", "closed"]),
  rate: z.number().positive().nullable(),
  /** Requests that an iteration sends at once. */
  requestsPerIteration: z.number().int().positive(),
  vus: z.number().int().positive(),
  requestTimeoutMs: z.number().positive(),
  /** Time that an answer takes by design; 0 for the quick kinds. */
  holdsMs: z.number().nonnegative(),
});

/**
 * What was asked of a run: written to plan.json before anything happens and never changed.
 * Everything the judge needs to know that is not an observation stands here. Times are ms unless named otherwise.
 */
export const planSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  runId: z.string().min(1),
  /** Wall time at which the plan was made, ISO 8601. */
  createdAt: z.iso.datetime(),
  /** Name of the scenario. */
  scenario: z.string().min(1),
  /** What the scenario is for, in a sentence. */
  description: z.string().optional(),
  /** What is done, in order. Left out in plans of the time when a scenario was an upgrade, or a rollback of one. */
  steps: z.array(stepSchema).optional(),
  /** What the cluster must have for it. */
  needs: needsSchema.optional(),
  /** What the change may cost clients; nothing when left out. */
  budget: budgetSchema.optional(),
  /**
   * Of a rollback in a plan without steps: the spec is patched back at the first state in which the pending side's traffic, in percent, lies within these bounds.
   * A rollback that began elsewhere is not the one that was asked for. Left out where nothing is rolled back.
   */
  rollback: z.object({ window: z.string(), fromTraffic: share, toTraffic: share }).optional(),
  strategy: z.object({
    name: z.string(),
    stepSizePercent: percent,
    intervalSeconds: z.number().int().min(1),
    maxSurgePercent: percent,
  }),
  load: z.object({
    /** `open`: constant arrival rate. `closed`: each VU sends its next request when it has the answer to the last. */
    model: z.enum(["open", "closed"]),
    /** Arrival rate in requests/s, of all kinds of clients together; null for the closed model. */
    rate: z.number().positive().nullable(),
    /** VUs of the closed model, or VUs allocated for the open one (sized for the worst stall). */
    vus: z.number().int().positive(),
    /** Every request fails as `hanging` when it has no answer by then. */
    requestTimeoutMs: z.number().positive(),
    /** Time the load goes on after the leaving side's last pod is gone. */
    graceMs: z.number().nonnegative(),
    /** Consecutive one-second readings at the planned rate, without a failure, that make warm-up steady. */
    warmUpSeconds: z.number().int().positive(),
    /** How the load is made up of kinds of clients; left out when there is only `clients[0]`, with all of the above. */
    mix: z.array(mixSchema).min(1).optional(),
    /** k6 pods; 1 when left out. */
    parallelism: z.number().int().positive().optional(),
    /** Further k6 outputs, by name. */
    outK6: z.array(z.string()).optional(),
  }),
  /** Kinds of clients, by the names of their files in k6/scenarios. */
  clients: z.array(z.string()).min(1),
  /** Named deadlines in ms, already multiplied by the factor. */
  deadlines: z.record(z.string(), z.number().positive()),
  application: z.object({
    namespace: z.string(),
    /** Name of the RayService. */
    name: z.string(),
    versionBefore: z.string(),
    versionAfter: z.string(),
    /** Of a scenario with three. */
    versionThird: z.string().optional(),
    /** How it differs from the usual one. */
    variant: variantSchema.optional(),
  }),
  /** The user's own application; zerodrop's when left out. */
  service: serviceSchema.optional(),
  target: z.enum(["embedded", "kind", "context"]),
  /** Of the kubeconfig, for a cluster that is somebody else's. */
  context: z.string().optional(),
  profile: z.enum(["small", "standard"]),
  serveIngress: z.enum(["haproxy", "proxy"]),
  /** Versions asked for, by part (kubernetes, kuberay, envoyGateway, envoy, ray, k6, …). */
  versions: z.record(z.string(), z.string()),
  /** Images asked for instead of the built ones, by part (ray, k6); left out when there are none. */
  images: z.record(z.string(), z.string()).optional(),
  gateway: z.object({
    /** Name of the GatewayClass; left out for the embedded cluster's default. */
    className: z.string().optional(),
    controller: z.string(),
    /** How the gateway turns weights into choices; decides how shares may be judged. */
    splitModel: z.enum(["deterministic", "random"]),
  }),
  /** K: p99 while changing may be at most K times what it was before; null: reported only. */
  latencyBudget: z.number().positive().nullish(),
  requiredChecks: z.array(z.enum(CHECK_IDS)).min(1),
  seed: z.number().int(),
});

export type Plan = z.infer<typeof planSchema>;

/** The steps of a plan, also of one that was made before scenarios had any. */
export function stepsOf({ scenario, steps, rollback }: Pick<Plan, "scenario" | "steps" | "rollback">): readonly Step[] {
  if (steps !== undefined) return steps;
  const upgrade: Step = { do: "upgrade" };
  if (scenario !== "rollback" || rollback === undefined) return [upgrade];
  return [upgrade, { do: "rollback", when: { traffic: [rollback.fromTraffic, rollback.toTraffic] } }];
}

/** What the change of a plan may cost clients. */
export function budgetOf({ budget }: Pick<Plan, "budget">): Budget {
  return budget ?? { failedRequests: 0, disruptedSeconds: 0 };
}
/** One kind of client's part of a plan's load. */
export type PlannedClient = z.infer<typeof mixSchema>;

/** The kinds of clients of a plan, also of one that was made before loads had several. */
export function plannedClients({ clients, load }: Pick<Plan, "clients" | "load">): readonly PlannedClient[] {
  if (load.mix !== undefined) return load.mix;
  const { model, rate, vus, requestTimeoutMs } = load;
  return [{ client: clients[0] ?? "steady", model, rate, requestsPerIteration: 1, vus, requestTimeoutMs, holdsMs: 0 }];
}
