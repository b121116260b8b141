/** `npm run scenarios`: writes the table of all scenarios into docs/scenarios.md, from their records. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { loadScenario, scenarioNames } from "../orchestrator/cli/scenario-files.ts";
import { SCENARIOS_PAGE, withScenarioTable } from "./scenario-table.ts";

const root = join(import.meta.dirname, "..");
const file = join(root, SCENARIOS_PAGE);
const names = await scenarioNames(root);
const scenarios = await Promise.all(names.map((name) => loadScenario(name, { root, what: "A scenario" })));
const page = withScenarioTable(await readFile(file, "utf8"), scenarios);
await writeFile(file, await format(page, { ...(await resolveConfig(file)), parser: "markdown" }));
