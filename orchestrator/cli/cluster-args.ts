import { UsageError } from "../plan/errors.ts";
import { nearestIs } from "../plan/nearest.ts";
import { parseChoice, type Choice } from "../plan/options.ts";
import { CLUSTER_ACTIONS, type ClusterAction } from "./flags.ts";
import { typed } from "./started.ts";
import { textOf, type Tokens } from "./tokens.ts";

/** `npm run cluster`. */
export interface ClusterCommand {
  readonly command: "cluster";
  readonly action: ClusterAction;
  readonly target: "embedded" | "kind";
  /** Of the kubeconfig: whose platform is removed. */
  readonly context: string | undefined;
  readonly configFile: string | undefined;
  readonly dryRun: boolean;
}

const TARGET: Choice<ClusterCommand["target"]> = { built: ["embedded", "kind"], planned: [] };
/** What can be done to a cluster that kind has made. */
const OF_KIND: readonly ClusterAction[] = ["up", "down", "status"];

/** The command in the arguments; throws a UsageError of one sentence. Whether a context is there is not looked at. */
export function parseCluster({ flags, positionals }: Tokens): ClusterCommand {
  const action = actionIn(positionals);
  const asked = textOf(flags, "target");
  const target = asked === undefined ? "embedded" : parseChoice(asked, "--target", TARGET);
  const context = textOf(flags, "context");
  const configFile = textOf(flags, "config");
  const dryRun = flags.has("dry-run");
  if (target === "kind" && !OF_KIND.includes(action)) {
    throw new UsageError(`--target kind goes with cluster ${OF_KIND.join(", ")}; received it with cluster ${action}.`);
  }
  const removes = action === "remove-platform";
  if (removes && context === undefined) {
    throw new UsageError(
      "cluster remove-platform needs --context NAME (the current context is never used implicitly); received no context.",
    );
  }
  if (!removes && context !== undefined) {
    throw new UsageError(`--context goes with cluster remove-platform; received "${context}" with cluster ${action}.`);
  }
  if (!removes && dryRun) {
    throw new UsageError(`--dry-run goes with cluster remove-platform; received it with cluster ${action}.`);
  }
  if (configFile !== undefined && !(target === "kind" && action === "up")) {
    throw new UsageError(
      `--config goes with cluster up --target kind; received "${configFile}" with cluster ${action}${asked === undefined ? "" : ` --target ${asked}`}.`,
    );
  }
  return { command: "cluster", action, target, context, configFile, dryRun };
}

function actionIn([received, extra]: readonly string[]): ClusterAction {
  const actions = Object.keys(CLUSTER_ACTIONS).filter(isClusterAction);
  const action = actions.find((known) => known === received);
  if (action === undefined) {
    const what = `cluster needs one of ${actions.join(", ")} (${typed("cluster status")})`;
    if (received === undefined) throw new UsageError(`${what}; received nothing.`);
    throw new UsageError(`${what}; received "${received}", ${nearestIs(received, actions)}.`);
  }
  if (extra !== undefined) throw new UsageError(`cluster takes one action, ${action}; received also "${extra}".`);
  return action;
}

function isClusterAction(name: string): name is ClusterAction {
  return Object.hasOwn(CLUSTER_ACTIONS, name);
}
