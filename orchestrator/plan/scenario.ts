import { z } from "zod";
import { CLIENT_KINDS } from "./clients.ts";
import { UsageError } from "./errors.ts";
import { CHECK_IDS } from "./check-ids.ts";
import { requireOrder } from "./step-order.ts";
import { goalOf, specPatchSchema, stepSchema, type Step } from "./steps.ts";
import { readYaml, shown, valueAt } from "./yaml-input.ts";

/** What a change may cost clients: this many requests that fail or hang, and so many seconds without being served. */
export const budgetSchema = z.strictObject({
  failedRequests: z.number().int().nonnegative().default(0),
  disruptedSeconds: z.number().nonnegative().default(0),
});
export type Budget = z.infer<typeof budgetSchema>;

/** How the application under test differs from manifests/app. */
export const variantSchema = z.strictObject({
  /** Seconds after the change for which the RayCluster that it ends stays; null leaves the operator's default (60) alone. */
  deletionDelaySeconds: z.number().int().nonnegative().nullable().optional(),
  /** Operations on the RayService as manifests/app has it, before anything of the run is set in it. */
  patch: z.array(specPatchSchema).optional(),
  /** A serve config instead of manifests/app/serve-config.yaml: in a record the name of a file beside it, in a plan its text. */
  serveConfig: z.string().optional(),
  /** Objects that are created in the application's namespace before it: in a record the name of a file beside it, in a plan its text. */
  manifests: z.string().optional(),
  /** Paths that clients ask for, in turn; "/" alone when left out. */
  routes: z.array(z.string().startsWith("/")).min(1).optional(),
});
export type Variant = z.infer<typeof variantSchema>;

/** What KubeRay 1.6.2 waits when the spec does not say (RayClusterDeletionDelayDuration), in seconds. */
const DEFAULT_DELETION_DELAY_SECONDS = 60;

/** Seconds after a change for which the RayCluster that it ends stays; manifests/app says 0. */
export function deletionDelayOf(variant: Variant | undefined): number {
  const seconds = variant?.deletionDelaySeconds;
  return seconds === undefined ? 0 : (seconds ?? DEFAULT_DELETION_DELAY_SECONDS);
}

/** What must be true of the cluster, else preflight says why the scenario cannot run on it. */
export const needsSchema = z.strictObject({
  /** Paths in the RayService CRD's schema, dotted: `spec.suspend`. */
  fields: z.array(z.string()).optional(),
});

/** What is expected in the end. */
export const expectedSchema = z.strictObject({
  /** The version that answers. */
  version: z.enum(["before", "after", "third"]),
  /** The RayCluster that is active: the one that was before the first step, or another one. */
  cluster: z.enum(["same", "new"]),
});

/** A scenario: what is done to the application and what is expected of it. A file in scenarios/, by its name. */
export const scenarioSchema = z.strictObject({
  description: z.string().min(1),
  /** What it belongs to, for lists. */
  group: z.enum(["upgrade", "rollback", "in-place", "undeployable", "deletion", "suspend", "fault", "platform", "gcs"]),
  /** Where neither the command line nor the configuration says another one. */
  strategy: z.string().optional(),
  serveIngress: z.enum(["haproxy", "proxy"]).optional(),
  clients: z.array(z.enum(CLIENT_KINDS)).min(1).optional(),
  application: variantSchema.optional(),
  needs: needsSchema.optional(),
  /** None: the load goes on over a steady state for a while. */
  steps: z.array(stepSchema),
  expect: expectedSchema,
  /** Checks that say nothing here, each with the reason. */
  without: z.partialRecord(z.enum(CHECK_IDS), z.string().min(1)).optional(),
  budget: budgetSchema.optional(),
});
export type ScenarioRecord = z.infer<typeof scenarioSchema>;

/** A scenario with its name. */
export interface Scenario extends ScenarioRecord {
  readonly name: string;
}

/** The scenario in a file's text. Throws a UsageError, one sentence, when it is none, or when its steps do not lead to what it expects. */
export function parseScenario(text: string, name: string): Scenario {
  const source = `Scenario ${name}`;
  const data = readYaml(text, source);
  const parsed = scenarioSchema.safeParse(data);
  if (!parsed.success) throw new UsageError(issueText(source, parsed.error.issues, data));
  const scenario = { name, ...parsed.data };
  requireOrder(scenario.steps, source);
  const { version, cluster } = outcomeOf(scenario.steps);
  if (version !== scenario.expect.version || cluster !== scenario.expect.cluster) {
    const { expect } = scenario;
    throw new UsageError(
      `${source}: expect must be version ${version} on the ${cluster} RayCluster, where its steps lead; received version ${expect.version} on the ${expect.cluster} RayCluster.`,
    );
  }
  return scenario;
}

/** One sentence for the first issue. */
function issueText(source: string, issues: readonly z.core.$ZodIssue[], data: unknown): string {
  const [issue] = issues;
  if (issue === undefined) return `${source} is not a scenario.`;
  if (issue.code === "unrecognized_keys") {
    return `${source}: "${[...issue.path, issue.keys[0] ?? ""].join(".")}" is not a key of a scenario.`;
  }
  // The schema's own words may be more than one sentence.
  const expected = issue.message.replace(/\. (.)/g, (_, letter: string) => `, ${letter.toLowerCase()}`);
  return `${source}: ${issue.path.join(".")} is wrong (${expected}); received ${shown(valueAt(data, issue.path))}.`;
}

/** Where steps lead: a goal other than the first one is reached on a new RayCluster unless it is set in place. */
export function outcomeOf(steps: readonly Step[]): z.infer<typeof expectedSchema> {
  const last = steps.findLast((step) => goalOf(step) !== undefined);
  const version = last === undefined ? "before" : (goalOf(last) ?? "before");
  const cluster = version === "before" || last?.do === "in-place" ? "same" : "new";
  return { version, cluster };
}
