import type { RunIdentity } from "./identity.ts";
import type { GroupTrend } from "./trend.ts";

/** Of a plan that the title of its group names. */
const IN_TITLE = new Set(["scenario", "strategy", "load"]);
/** Follow from the others (steps and application from the scenario) unless they were changed themselves; too long to be read. */
const LONG = ["steps", "application", "mix of clients"];

/** What groups have in common, and what sets each apart from another, as `name: value` texts. */
export interface IdentityWords {
  readonly common: readonly string[];
  /** For each group, beside what its title says. */
  readonly apart: readonly (readonly string[])[];
}

export function identityWords(groups: readonly GroupTrend[]): IdentityWords {
  const identities = groups.map(({ identity }) => identity);
  const names = [...new Set(identities.flatMap((identity) => Object.keys(identity)))];
  const isCommon = (name: string): boolean => new Set(identities.map((identity) => identity[name])).size === 1;
  const told = names.filter((name) => !IN_TITLE.has(name) && !LONG.includes(name));
  const common = told.filter(isCommon);
  const apart = told.filter((name) => !isCommon(name));
  const shown = identities.map((identity) => words(identity, [...IN_TITLE, ...apart]).join());
  // Two groups that read alike differ in one of these.
  const longToo = new Set(shown).size < shown.length ? LONG.filter((name) => !isCommon(name)) : [];
  return {
    common: words(identities[0] ?? {}, common),
    apart: identities.map((identity) => words(identity, [...apart, ...longToo])),
  };
}

function words(identity: RunIdentity, names: readonly string[]): string[] {
  return names.flatMap((name) => (identity[name] === undefined ? [] : [`${name}: ${identity[name]}`]));
}
