import type { z } from "zod";
import { CHECK_IDS, type CheckId } from "./check-ids.ts";
import type { ClientKind } from "./clients.ts";
import {
  DEFAULT_DEADLINE_FACTOR,
  DEFAULT_GRACE_SECONDS,
  DEFAULT_PARALLELISM,
  DEFAULT_PROFILE,
  DEFAULT_REQUEST_TIMEOUT_SECONDS,
  DEFAULT_SCENARIO,
  DEFAULT_TARGET,
} from "./config-defaults.ts";
import { configKeys, configSchema } from "./config-schema.ts";
import { DEFAULT_WARM_UP_SECONDS, warmUpDeadlineSeconds, type DeadlineName } from "./deadlines.ts";
import { UsageError } from "./errors.ts";
import { nearest, nearestIs, nearestText } from "./nearest.ts";
import {
  parseChoice,
  parseClients,
  parseRate,
  PROFILE,
  SERVE_INGRESS,
  TARGET,
  type Profile,
  type Rate,
  type ServeIngress,
  type Target,
} from "./options.ts";
import type { ServiceConfig } from "./service-config.ts";
import { parseStrategy, type Strategy } from "./strategy.ts";
import type { Versions } from "./versions.ts";
import { readYaml, shown, valueAt } from "./yaml-input.ts";

/** A configuration file with every default filled in. Durations are ms, but for the warm-up window's whole seconds. */
export interface Config {
  /** Undefined where the scenario may say it. */
  readonly strategy: Strategy | undefined;
  /** Name of the scenario. */
  readonly scenario: string;
  readonly target: Target;
  readonly profile: Profile;
  /** Undefined where the scenario may say it. */
  readonly serveIngress: ServeIngress | undefined;
  /** Name of the GatewayClass; undefined for the embedded cluster's default, or for the only one on a cluster that is somebody else's. */
  readonly gatewayClass: string | undefined;
  readonly warmUpSeconds: number;
  readonly load: {
    /** Undefined where the scenario may say it. */
    readonly rate: Rate | undefined;
    /** VUs of the kind of client that takes what the others leave; undefined: sized from the rate. */
    readonly vus: number | undefined;
    /** Undefined where the scenario may say it. */
    readonly clients: readonly ClientKind[] | undefined;
    /** k6 pods. */
    readonly parallelism: number;
    readonly requestTimeoutMs: number;
    readonly graceMs: number;
  };
  /** An application of the user's; its files are named as in the configuration. */
  readonly service: ServiceConfig | undefined;
  /** What of the scenario's budget is replaced. */
  readonly budget: { readonly failedRequests?: number | undefined; readonly disruptedSeconds?: number | undefined };
  /** The only checks that are enforced; undefined: all that the scenario has something to judge for. */
  readonly checks: readonly CheckId[] | undefined;
  /** K of latency-budget; null: p99 is reported and not judged. */
  readonly latencyBudget: number | null;
  /** Multiplies every deadline. */
  readonly deadlineFactor: number;
  /** Deadlines set by name, in seconds, not yet multiplied. */
  readonly deadlineSeconds: Readonly<Partial<Record<DeadlineName, number | undefined>>>;
  /** Versions that replace those pinned in versions.json. */
  readonly versions: Versions;
  /** Images that replace the built ones, by part. */
  readonly images: Readonly<Record<string, string>>;
}

/**
 * The configuration in the text of a YAML or JSON file; an empty text gives every default.
 * `source` names the file in errors, `versionParts` are the parts versions.json pins.
 * Throws a UsageError: one sentence with the key's path, what was expected and what was received.
 */
export function parseConfig(text: string, source: string, versionParts: readonly string[]): Config {
  const data = readYaml(text, source);
  const schema = configSchema(versionParts);
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw new UsageError(sentence(parsed.error.issues, data, source, configKeys(schema)));
  const file = parsed.data;
  const at = (key: string): string => `${source}: ${key}`;
  const { factor = DEFAULT_DEADLINE_FACTOR, ...deadlineSeconds } = file.deadlines ?? {};
  const warmUpSeconds = file.warmUp?.seconds ?? DEFAULT_WARM_UP_SECONDS;
  const warmUpDeadline = file.warmUp?.deadline ?? warmUpDeadlineSeconds(warmUpSeconds);
  if (warmUpDeadline * factor <= warmUpSeconds) {
    const received = `${String(warmUpDeadline)}${factor === 1 ? "" : ` times deadlines.factor ${String(factor)}`}`;
    throw new UsageError(
      `${at("warmUp.deadline")} must be more than the ${String(warmUpSeconds)} s of warmUp.seconds that it guards; received ${received}.`,
    );
  }
  return {
    strategy: file.strategy === undefined ? undefined : parseStrategy(file.strategy, at("strategy")),
    scenario: file.scenario ?? DEFAULT_SCENARIO,
    target: parseChoice(file.target ?? DEFAULT_TARGET, at("target"), TARGET),
    profile: parseChoice(file.profile ?? DEFAULT_PROFILE, at("profile"), PROFILE),
    serveIngress:
      file.serveIngress === undefined ? undefined : parseChoice(file.serveIngress, at("serveIngress"), SERVE_INGRESS),
    gatewayClass: file.gatewayClass,
    warmUpSeconds,
    load: {
      rate: file.load?.rate === undefined ? undefined : parseRate(file.load.rate, at("load.rate")),
      vus: file.load?.vus,
      clients: file.load?.clients === undefined ? undefined : parseClients(file.load.clients, at("load.clients")),
      parallelism: file.load?.parallelism ?? DEFAULT_PARALLELISM,
      requestTimeoutMs: (file.load?.requestTimeout ?? DEFAULT_REQUEST_TIMEOUT_SECONDS) * 1000,
      graceMs: (file.load?.grace ?? DEFAULT_GRACE_SECONDS) * 1000,
    },
    service: file.service === undefined ? undefined : consistent(file.service, at),
    budget: { ...file.budget },
    checks: file.checks === undefined ? undefined : parseChecks(file.checks, at("checks")),
    latencyBudget: file.latencyBudget ?? null,
    deadlineFactor: factor,
    deadlineSeconds: { ...deadlineSeconds, warmUp: file.warmUp?.deadline },
    versions: given(file.versions),
    images: given(file.images),
  };
}

/** A service whose parts fit each other. */
function consistent(service: ServiceConfig, at: (key: string) => string): ServiceConfig {
  const { manifest, running, versions, requests } = service;
  if ((manifest === undefined) === (running === undefined)) {
    const received = manifest === undefined ? "neither" : "both";
    throw new UsageError(`${at("service")} must have either manifest or running; received ${received}.`);
  }
  if (versions.before === versions.after) {
    throw new UsageError(
      `${at("service.versions")} must be two different ones, for nothing else tells the sides apart; received "${versions.before}" twice.`,
    );
  }
  const names = requests.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new UsageError(`${at("service.requests")} must name each request once; received "${twice}" twice.`);
  }
  return service;
}

function parseChecks(ids: readonly string[], what: string): CheckId[] {
  return ids.map((id) => {
    const known = CHECK_IDS.find((each) => each === id);
    if (known !== undefined) return known;
    throw new UsageError(`${what} must be checks; received "${id}", ${nearestIs(id, CHECK_IDS)}.`);
  });
}

/** A record without the keys that were not given. */
function given(values: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

/** Names that were looked for elsewhere than where they stand. */
const MOVED: Readonly<Record<string, string>> = { "deadlines.warmUp": "warmUp.deadline" };

/** One sentence for the first issue. */
function sentence(issues: readonly z.core.$ZodIssue[], data: unknown, source: string, keys: readonly string[]): string {
  const [issue] = issues;
  if (issue === undefined) return `${source} is not a configuration.`;
  if (issue.code === "unrecognized_keys") {
    const key = [...issue.path, issue.keys[0] ?? ""].join(".");
    return `${source}: "${key}" is not a configuration key; ${nearestText(meant(key, keys))}.`;
  }
  const key = issue.path.join(".");
  const what = key === "" ? source : `${source}: ${key}`;
  return `${what} must be ${issue.message}; received ${shown(valueAt(data, issue.path))}.`;
}

/** The key a misspelt or misplaced one meant: the same name in another group, else the nearest in its own. */
function meant(key: string, keys: readonly string[]): string | undefined {
  const leaf = lastPart(key);
  const moved = Object.hasOwn(MOVED, key) ? MOVED[key] : undefined;
  const elsewhere = moved ?? keys.find((known) => lastPart(known).toLowerCase() === leaf.toLowerCase());
  if (elsewhere !== undefined) return elsewhere;
  const group = key.slice(0, -leaf.length);
  const groups = keys.map((known) => known.split(".", 1)[0] ?? known);
  const siblings = group === "" ? [...new Set(groups)] : keys.filter((known) => known.startsWith(group));
  const guess = nearest(
    leaf,
    siblings.map((known) => known.slice(group.length)),
  );
  return guess === undefined ? undefined : group + guess;
}

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf(".") + 1);
}
