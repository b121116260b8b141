import { z } from "zod";
import { configSchema } from "./config-schema.ts";

/** Raised when a key is removed, renamed or given another meaning. */
const CONFIG_VERSION = 1;

/** Where the schema of a configuration file is published, from the project's root. */
export const CONFIG_SCHEMA_FILE = `docs/schemas/config-v${CONFIG_VERSION}.schema.json`;

/**
 * The JSON Schema (draft 2020-12) of a configuration file, for editors, given the parts that have a version and the scenarios there are. zerodrop itself
 * goes by configSchema, of which this is made, and by what parses choices after it; an editor is told of those by `enum` and `anyOf`. Scenarios
 * are examples and no bound: there may be more of them next month.
 */
export function configJsonSchema(
  versionParts: readonly string[],
  scenarios: readonly string[],
): Record<string, unknown> {
  const schema = configSchema(versionParts);
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === schema.shape.scenario) jsonSchema.examples = [...scenarios];
      // The pattern beside it says it to editors that do not know the format.
      if (jsonSchema.pattern !== undefined) delete jsonSchema.format;
    },
  });
  return {
    $schema,
    $id: `urn:zerodrop:config:v${CONFIG_VERSION}`,
    title: "zerodrop configuration",
    description:
      "What --config takes, as YAML or JSON. Every key may be left out. Flags win over it, it wins over what a scenario says, and that over the defaults.",
    ...rest,
  };
}
