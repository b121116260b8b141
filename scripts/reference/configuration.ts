import { z } from "zod";
import { configJsonSchema } from "../../orchestrator/plan/config-json-schema.ts";
import { meaningOf } from "../../orchestrator/plan/config-words.ts";
import { code, plain, table } from "./markdown.ts";

/** Of a JSON Schema what the page tells. */
interface Field {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly type?: string | undefined;
  readonly enum?: readonly string[] | undefined;
  readonly minimum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly anyOf?: readonly Field[] | undefined;
  readonly items?: Field | undefined;
  readonly properties?: Readonly<Record<string, Field>> | undefined;
}

const fieldSchema: z.ZodType<Field> = z.object({
  title: z.string().optional(),
  description: z.string().optional(),
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  get anyOf() {
    return z.array(fieldSchema).optional();
  },
  get items() {
    return fieldSchema.optional();
  },
  get properties() {
    return z.record(z.string(), fieldSchema).optional();
  },
});

/** Every key of a configuration as Markdown, with type, range, default and meaning: a table of those without a group, and one for each group. */
export function configurationMarkdown(versionParts: readonly string[]): string {
  const { properties = {} } = fieldSchema.parse(configJsonSchema(versionParts, []));
  const entries = Object.entries(properties);
  const groups = entries.filter(([, field]) => field.properties !== undefined);
  const alone = entries.filter(([, field]) => field.properties === undefined);
  return [
    keysTable(alone),
    ...groups.map(([name, { description = "", properties: inner = {} }]) =>
      [
        `### Keys of ${name}`,
        plain(description),
        keysTable(Object.entries(inner).map(([key, field]) => [`${name}.${key}`, field] as const)),
      ].join("\n\n"),
    ),
  ].join("\n\n");
}

function keysTable(fields: readonly (readonly [key: string, field: Field])[]): string {
  return table(
    ["key", "value", "default", "meaning"],
    fields.map(([key, field]) => {
      const { meaning, default: byDefault } = meaningOf(field.description ?? "");
      return [code(key), valueWords(field), plain(byDefault), plain(meaning)];
    }),
  );
}

/** What a value may be, in words. */
function valueWords(field: Field): string {
  if (field.title !== undefined) return field.title;
  if (field.anyOf !== undefined) return field.anyOf.map(valueWords).join(", or ");
  if (field.enum !== undefined) return field.enum.map(code).join(", ");
  if (field.items !== undefined) return `list of ${valueWords(field.items)}`;
  if (field.type === "integer") return `whole number${rangeWords(field)}`;
  return field.type === "number" ? `number${rangeWords(field)}` : "text";
}

function rangeWords({ minimum, exclusiveMinimum, maximum }: Field): string {
  const least = exclusiveMinimum === undefined ? String(minimum) : `above ${String(exclusiveMinimum)}`;
  return `, ${least} to ${String(maximum)}`;
}
