import { stringify } from "yaml";
import pinnedVersions from "../../versions.json" with { type: "json" };
import { CLIENT_KINDS } from "../plan/clients.ts";
import { commandLine, type Started } from "../plan/command-line.ts";
import { parseConfig } from "../plan/config.ts";
import { UsageError } from "../plan/errors.ts";
import { makePlan, type Request } from "../plan/make-plan.ts";
import { stepsOf, type Plan } from "../plan/plan.ts";
import type { Versions } from "../plan/versions.ts";
import { listed } from "../history/words.ts";
import { changedValues } from "./changed-values.ts";
import { oneLine, shortened } from "./plain-text.ts";
import { configAgain } from "./reproduce/config-again.ts";
import { scenarioAgain } from "./reproduce/scenario-again.ts";
import { requestAgain } from "./reproduce/request-again.ts";
import { shellWord } from "./shell-word.ts";

/** The name under which the command looks for the configuration. */
const CONFIG_FILE = "reproduce.yaml";
/** A service of the user's has files of its own, which are in no recording. */
const OWN_SERVICE = `The run was of a service of your own: ${CONFIG_FILE} needs the keys service, budget and checks of its configuration.`;
const OWN_SERVICE_HERE = "# and the keys service, budget and checks of the configuration that the run had\n";
const MOST_PLACES = 5;
const LONGEST = 160;

/** How to ask for a plan again. */
export interface Reproduction {
  /**
   * A shell's command line. Above it a comment line for whatever it does not ask for: k6 outputs, whose arguments may be secret and are in
   * no plan, and what this zerodrop would plan otherwise.
   */
  readonly command: string;
  /** Text of the file reproduce.yaml that the command reads, for what flags cannot say; null when the defaults say it. */
  readonly config: string | null;
}

/**
 * The command that asks this zerodrop for the same plan again, but for its run id, time and seed. `pinned` are the versions that a run
 * gets without asking, those of versions.json; `started` is how zerodrop is started, from a checkout when left out.
 */
export function reproduceCommand(
  plan: Plan,
  { pinned = pinnedVersions, started = "checkout" }: { readonly pinned?: Versions; readonly started?: Started } = {},
): Reproduction {
  const request = requestAgain(plan);
  const values = configAgain(plan, request, pinned);
  const isOwn = plan.service !== undefined;
  const text = Object.keys(values).length === 0 ? "" : stringify(values, { lineWidth: 0 });
  const config =
    text === "" && !isOwn
      ? null
      : `# ${CONFIG_FILE}: what the command line cannot say\n${isOwn ? OWN_SERVICE_HERE : ""}${text}`;
  const words = [...flagsOf(request, plan), ...(config === null ? [] : ["--config", CONFIG_FILE])];
  const comments = [
    ...outputsComment(plan),
    ...(isOwn ? [OWN_SERVICE] : otherwiseComment(plan, request, config ?? "", pinned)),
  ];
  const line = commandLine(started, ["load", ...words.map(shellWord)].join(" "));
  return { command: [...comments.map((text) => `# ${text}`), line].join("\n"), config };
}

/** Strategy and rate always, for they are what a reader looks for; the others where they are not the default. */
function flagsOf(request: ReturnType<typeof requestAgain>, { service }: Plan): string[] {
  const { strategy, rate, scenario, clients, parallelism, serveIngress, profile } = request;
  return [
    ...(scenario === "upgrade" ? [] : ["--scenario", scenario]),
    ...["--strategy", strategy.name],
    // Of a service of the user's rates are fractions, too, which its configuration says.
    ...(service !== undefined && !Number.isInteger(rate) ? [] : ["--rate", String(rate)]),
    ...(service !== undefined || clients.length === CLIENT_KINDS.length ? [] : ["--clients", clients.join(",")]),
    ...(parallelism === 1 ? [] : ["--parallelism", String(parallelism)]),
    ...(serveIngress === "haproxy" ? [] : ["--serve-ingress", serveIngress]),
    ...(profile === "small" ? [] : ["--profile", profile]),
  ];
}

function outputsComment({ load }: Plan): string[] {
  if (load.outK6 === undefined) return [];
  const names = listed(load.outK6.map(shown));
  return [`The run also had --out-k6 with ${names}; what belongs to it may be secret and is not recorded.`];
}

/** What the command would get instead of the plan, tried out. */
function otherwiseComment(plan: Plan, request: Request, config: string, pinned: Versions): string[] {
  let again: Plan;
  try {
    const { runId, createdAt, seed } = plan;
    const parsed = parseConfig(config, CONFIG_FILE, Object.keys(pinned));
    again = makePlan({
      ...{ request, config: parsed, scenario: { ...scenarioAgain(plan), name: request.scenario ?? plan.scenario } },
      ...{ versions: pinned, runId, createdAt, seed },
    });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [`This zerodrop refuses the plan: ${shown(error.message)}`];
  }
  const changes = changedValues(asked(plan, plan), asked(again, plan));
  if (changes.length === 0) return [];
  const places = changes.slice(0, MOST_PLACES).map(({ place, before, after }) => `${place} ${before}, not ${after}`);
  const more = changes.length > MOST_PLACES ? `; and ${changes.length - MOST_PLACES} more` : "";
  return [`The run had what this zerodrop cannot be asked for: ${places.map(shown).join("; ")}${more}.`];
}

/** What was asked of a run and can be asked again; of deadlines those that `recorded` has, for there may be more of them today. */
function asked(plan: Plan, recorded: Plan): unknown {
  const { runId: _id, createdAt: _at, seed: _seed, schemaVersion: _schema, requiredChecks: _checks, ...others } = plan;
  // A plan of the time before scenarios had steps says the same in other words.
  const { rollback: _rollback, description: _description, ...rest } = others;
  const { outK6: _outputs, mix, ...load } = rest.load;
  const { name: _name, ...strategy } = rest.strategy;
  return {
    ...rest,
    steps: stepsOf(plan),
    strategy,
    load: { parallelism: 1, ...load, ...(recorded.load.mix === undefined ? {} : { mix }) },
    deadlines: Object.fromEntries(Object.keys(recorded.deadlines).map((name) => [name, rest.deadlines[name]])),
    images: rest.images ?? {},
    latencyBudget: rest.latencyBudget ?? null,
  };
}

/** A plan's text may be anybody's: no line break of it may end a comment. */
function shown(text: string): string {
  return shortened(oneLine(text), LONGEST);
}
