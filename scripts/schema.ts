/** `npm run schema`: publishes the JSON Schema of run.json. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { format, resolveConfig } from "prettier";
import { RUN_SCHEMA_FILE, runSchema } from "../orchestrator/report/run-schema.ts";

const file = join(import.meta.dirname, "..", RUN_SCHEMA_FILE);
const text = await format(JSON.stringify(runSchema()), { ...(await resolveConfig(file)), parser: "json" });
await mkdir(dirname(file), { recursive: true });
await writeFile(file, text);
