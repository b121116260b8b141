/** `npm run schema`: publishes the JSON Schemas of run.json and of a configuration file. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { format, resolveConfig } from "prettier";
import { scenarioNames } from "../orchestrator/cli/scenario-files.ts";
import { CONFIG_SCHEMA_FILE, configJsonSchema } from "../orchestrator/plan/config-json-schema.ts";
import { RUN_SCHEMA_FILE, runSchema } from "../orchestrator/report/run-schema.ts";
import { versions } from "./artefacts/versions.ts";

const root = join(import.meta.dirname, "..");

await publish(RUN_SCHEMA_FILE, runSchema());
await publish(CONFIG_SCHEMA_FILE, configJsonSchema(Object.keys(versions), await scenarioNames(root)));

async function publish(path: string, schema: Record<string, unknown>): Promise<void> {
  const file = join(root, path);
  const text = await format(JSON.stringify(schema), { ...(await resolveConfig(file)), parser: "json" });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
