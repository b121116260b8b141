import { z } from "zod";
import { runResultSchema } from "../judge/run-result.ts";
import { SCHEMA_VERSION } from "../plan/plan.ts";

/** Where the schema of run.json is published, from the project's root. */
export const RUN_SCHEMA_FILE = `docs/schemas/run-v${SCHEMA_VERSION}.schema.json`;

const checkId = runResultSchema.shape.checks.element.shape.id;

/**
 * The JSON Schema (draft 2020-12) of run.json. It takes keys and checks it does not know: within a schema version both may be
 * added, and who validates with last month's file must still be able to read today's run.json.
 */
export function runSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(runResultSchema, {
    override: ({ zodSchema, jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      if (zodSchema !== checkId) return;
      delete jsonSchema.enum;
      jsonSchema.examples = checkId.options;
    },
  });
  return {
    $schema,
    $id: `urn:zerodrop:run:v${SCHEMA_VERSION}`,
    title: "zerodrop run.json",
    description: `The verdict on a recording. Versioned by its key schemaVersion: this is version ${SCHEMA_VERSION}. Within a version keys and checks may be added; none is removed, renamed or given another meaning.`,
    ...schema,
  };
}
