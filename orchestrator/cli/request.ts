import { UsageError } from "../plan/errors.ts";
import { makePlan, strategyFor } from "../plan/make-plan.ts";
import { stepsOf, type Plan } from "../plan/plan.ts";
import { runIdFor } from "../plan/run-id.ts";
import { requireApplication } from "../stage/preflight.ts";
import { readRunning } from "../stage/running.ts";
import type { LoadCommand } from "./args.ts";
import { readConfig } from "./config-file.ts";
import { contextKube } from "./context-kube.ts";
import { applicationOf, refuseOtherVersions } from "./embedded-request.ts";
import { refuseNodeSteps } from "./foreign-cluster.ts";
import { checkOut, outDirectory } from "./out.ts";
import { plannedCluster, type Preparation } from "./planned-cluster.ts";
import { loadScenario } from "./scenario-files.ts";
import { readService } from "./service-files.ts";
import type { Places } from "./started.ts";

/** A plan, the folder its recording goes to, and what has to be done to its cluster first; undefined where that is nothing. */
export interface PlannedLoad {
  readonly plan: Plan;
  readonly out: string;
  readonly preparation: Preparation | undefined;
}

/**
 * The plan of a load command and the folder its recording goes to. Reads the configuration file and versions.json,
 * checks the folder, that the cluster is of the versions asked for and that the application can be made as the scenario has it, creates nothing; rejects with a UsageError. `seed` is an integer, `outK6` the names of further k6 outputs.
 */
export async function planLoad(
  command: LoadCommand,
  from: Places & {
    readonly now: Date;
    readonly seed: number;
    readonly outK6?: readonly string[];
    /** Says where the kubeconfig is. */
    readonly env?: Readonly<Record<string, string | undefined>>;
    /** What a plan before this one wanted done to its cluster has been done. */
    readonly prepared?: boolean;
  },
): Promise<PlannedLoad> {
  const file = command.configFile;
  const { config, versions } = await readConfig(file, from);
  const scenario = await loadScenario(command.request.scenario ?? config.scenario, {
    root: from.root,
    what: command.request.scenario === undefined ? `${file ?? "defaults"}: scenario` : "--scenario",
  });
  const createdAt = from.now.toISOString();
  const request = { ...command.request, ...(from.outK6 === undefined ? {} : { outK6: from.outK6 }) };
  const { context } = command;
  const env = from.env ?? process.env;
  const own =
    config.service &&
    (await readService(config.service, { configFile: file ?? "", cwd: from.cwd }, (service) =>
      runningService(service, context, env),
    ));
  const asked = { request, config, scenario, ...(own && { own }) };
  const { name } = strategyFor(asked);
  const runId = runIdFor(from.now, scenario.name === "upgrade" ? name : `${scenario.name}-${name}`);
  const target = command.request.target ?? config.target;
  if (context === undefined && target === "context") {
    const where = command.request.target === undefined ? `${file ?? "defaults"}: target` : "--target";
    throw new UsageError(
      `${where} context needs --context NAME (the current context is never used implicitly); received "context" without a name.`,
    );
  }
  if (context !== undefined || target === "kind") refuseNodeSteps(scenario.name, scenario.steps);
  const { installPlatform } = command;
  const { prepared = false } = from;
  const wants = { ...config, gatewayClass: config.gatewayClass ?? own?.facts.gatewayClassName };
  const found = await plannedCluster({ context, target, installPlatform }, wants, { env, prepared });
  const cluster = found?.cluster;
  const made = { ...asked, versions, runId, createdAt, seed: from.seed };
  const plan = makePlan({ ...made, ...(cluster !== undefined && { cluster }) });
  refuseOtherVersions(plan);
  const out = outDirectory(command.out, { home: from.home, cwd: from.cwd, runId });
  await requireApplication(applicationOf(plan), stepsOf(plan));
  await checkOut(out);
  return { plan, out, preparation: found?.preparation };
}

/** The RayService of the user's that runs already. */
async function runningService(
  service: { readonly namespace: string; readonly name: string },
  context: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): ReturnType<typeof readRunning> {
  if (context !== undefined) return readRunning(await contextKube(context, env), service);
  throw new UsageError(
    `service.running needs --context NAME, for the embedded cluster has nothing that runs already; received ${service.namespace}/${service.name} without a context.`,
  );
}

/** The plan of a single run, as `npm run load` makes it of a request and a configuration with no other flag. Creates nothing; rejects with a UsageError. */
export function planRun(
  asked: Pick<LoadCommand, "request" | "configFile" | "out">,
  from: Places & { readonly now: Date },
): Promise<PlannedLoad> {
  const command: LoadCommand = {
    ...asked,
    command: "load",
    context: undefined,
    installPlatform: false,
    json: false,
    keep: false,
    dryRun: false,
    acceptKnown: false,
    outK6: [],
    repeat: undefined,
    resume: false,
  };
  return planLoad(command, { ...from, seed: seedOf(from.now) });
}

/** A plan's seed, by the moment at which it is made. */
export function seedOf(now: Date): number {
  return now.getTime() % 2 ** 31;
}
