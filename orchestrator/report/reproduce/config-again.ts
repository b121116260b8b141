import { stringify } from "yaml";
import { clientMix } from "../../plan/clients.ts";
import { parseConfig } from "../../plan/config.ts";
import { UsageError } from "../../plan/errors.ts";
import { plannedClients, type Plan } from "../../plan/plan.ts";
import type { Versions } from "../../plan/versions.ts";
import { deletionDelayOf } from "../../plan/scenario-parts.ts";
import { oneLine } from "../plain-text.ts";
import { deadlinesAgain } from "./deadlines-again.ts";
import type { RequestAgain } from "./request-again.ts";
import { secondsOf } from "./seconds.ts";

type Value = number | string;
/** A key of a configuration file, and what stands there. */
type Entry = readonly [group: string, key: string | null, value: Value];

/**
 * The values of a configuration file for what a plan has and neither `request` nor the defaults give. Values that no configuration may
 * have (an older or a newer plan's, or somebody's) are left out.
 */
export function configAgain(plan: Plan, request: RequestAgain, pinned: Versions): Record<string, unknown> {
  const parts = Object.keys(pinned);
  const defaults = parseConfig("", "defaults", parts);
  const { load } = plan;
  const warmUp = unless(defaults.warmUpSeconds, load.warmUpSeconds, ["warmUp", "seconds", load.warmUpSeconds]);
  const deadlines = deadlinesAgain(plan.deadlines, {
    strategy: request.strategy,
    // Deadlines follow from the window that will be asked for.
    warmUpSeconds: areAccepted(warmUp, parts) ? load.warmUpSeconds : defaults.warmUpSeconds,
    deletionDelaySeconds: deletionDelayOf(plan.application.variant),
  });
  const entries: Entry[] = [
    ...warmUp,
    ...Object.entries(deadlines.warmUp).map(([key, value]): Entry => ["warmUp", key, value]),
    ...vusAgain(plan, request),
    ...unless(defaults.load.requestTimeoutMs, load.requestTimeoutMs, [
      "load",
      "requestTimeout",
      secondsOf(load.requestTimeoutMs),
    ]),
    ...unless(defaults.load.graceMs, load.graceMs, ["load", "grace", secondsOf(load.graceMs)]),
    ...(plan.latencyBudget == null ? [] : [["latencyBudget", null, plan.latencyBudget] satisfies Entry]),
    ...Object.entries(deadlines.others).map(([key, value]): Entry => ["deadlines", key, value]),
    ...Object.entries(plan.versions)
      .filter(([part, version]) => pinned[part] !== version)
      .map(([part, version]): Entry => ["versions", part, version]),
    ...Object.entries(plan.images ?? {}).map(([part, image]): Entry => ["images", part, image]),
  ];
  // Nearly always all of them are; a schema is made for each attempt, which is slow.
  if (areAccepted(entries, parts)) return grouped(entries);
  return grouped(entries.filter((entry) => areAccepted([entry], parts)));
}

function unless(byDefault: number, value: number, entry: Entry): Entry[] {
  return value === byDefault ? [] : [entry];
}

/** The VUs of the first kind, where they are not those that its rate gives. */
function vusAgain(plan: Plan, { clients, rate }: RequestAgain): Entry[] {
  const { requestTimeoutMs } = plan.load;
  // Of the user's own requests each has as many as its rate gives.
  if (plan.service !== undefined) return [];
  const sized = clientMix({ kinds: clients, rate, requestTimeoutMs })[0]?.vus;
  const vus = plannedClients(plan)[0]?.vus;
  return vus === undefined || vus === sized ? [] : [["load", "vus", vus]];
}

/** A text that a display would not show as it is could not be told from another one by who copies it: it is none to be asked for. */
function areAccepted(entries: readonly Entry[], parts: readonly string[]): boolean {
  const odd = entries.some(
    ([, key, value]) => key === "__proto__" || (typeof value === "string" && oneLine(value) !== value),
  );
  if (odd) return false;
  try {
    parseConfig(stringify(grouped(entries)), "", parts);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

function grouped(entries: readonly Entry[]): Record<string, unknown> {
  const values: Record<string, Value | Record<string, Value>> = {};
  for (const [group, key, value] of entries) {
    if (key === null) {
      values[group] = value;
      continue;
    }
    const inner = values[group];
    values[group] = { ...(typeof inner === "object" ? inner : {}), [key]: value };
  }
  return values;
}
