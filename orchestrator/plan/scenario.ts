import { z } from "zod";
import { CLIENT_KINDS } from "./clients.ts";
import { UsageError } from "./errors.ts";
import { CHECK_IDS } from "./check-ids.ts";
import { recordIssue } from "./record-issue.ts";
import { budgetSchema, needsSchema, variantSchema } from "./scenario-parts.ts";
import { requireOrder } from "./step-order.ts";
import { goalOf, stepSchema, type Step } from "./steps.ts";
import { readYaml } from "./yaml-input.ts";

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
  /** Arrival rate, requests/s. */
  rate: z.number().int().min(1).optional(),
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
  if (!parsed.success) {
    const keys = Object.keys(scenarioSchema.shape);
    throw new UsageError(recordIssue({ source, kind: "scenario", keys }, parsed.error.issues, data));
  }
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

/** Where steps lead: a goal other than the first one is reached on a new RayCluster unless it is set in place. */
export function outcomeOf(steps: readonly Step[]): z.infer<typeof expectedSchema> {
  const last = steps.findLast((step) => goalOf(step) !== undefined);
  const version = last === undefined ? "before" : (goalOf(last) ?? "before");
  const cluster = version === "before" || last?.do === "in-place" ? "same" : "new";
  return { version, cluster };
}
