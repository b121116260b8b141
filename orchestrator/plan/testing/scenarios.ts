import { parseScenario, type Scenario } from "../scenario.ts";

const RECORDS: Readonly<Record<string, string>> = {
  upgrade: `
description: An upgrade.
group: upgrade
steps:
  - do: upgrade
expect: { version: after, cluster: new }
`,
  rollback: `
description: A rollback from the middle.
group: rollback
steps:
  - do: upgrade
  - do: rollback
    when: { traffic: [30, 70] }
expect: { version: before, cluster: same }
`,
};

/** For tests of pure rooms, which read no files: the two scenarios that every other one is made of, by name. */
export function scenarioNamed(name = "upgrade"): Scenario {
  const text = RECORDS[name];
  if (text === undefined) throw new Error(`There is no scenario ${name} for tests.`);
  return parseScenario(text, name);
}
