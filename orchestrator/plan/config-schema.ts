import { z } from "zod";
import { MAX_PARALLELISM } from "./options.ts";
import { DEADLINES, isDeadlineName, type DeadlineName } from "./deadlines.ts";

/**
 * The shape of a configuration file. Every leaf's error message is what was EXPECTED there, as the second half
 * of "KEY must be …", so that one sentence can be made of it; durations are seconds.
 */
const quantity = (expected: string, ok: (value: number) => boolean) =>
  z.number({ error: expected }).refine(ok, { error: expected }).optional();
const positive = (most: number) =>
  quantity(`a number of seconds above 0 and at most ${most}`, (value) => value > 0 && value <= most);
const whole = (what: string, most: number) =>
  quantity(
    `a whole number of ${what} from 1 to ${most}`,
    (value) => Number.isInteger(value) && value >= 1 && value <= most,
  );
const text = (expected: string) => z.string({ error: expected }).regex(/^\S+$/, { error: expected }).optional();
const group = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, { error: "a group of keys" }).optional();

/** Ten days: longer than any run, and far within what a timer can wait. */
const MOST_SECONDS = 864_000;

type Overrides = Record<Exclude<DeadlineName, "warmUp">, ReturnType<typeof positive>>;
const deadlineOverrides = Object.fromEntries(
  Object.keys(DEADLINES)
    .filter((name) => isDeadlineName(name) && name !== "warmUp")
    .map((name) => [name, positive(MOST_SECONDS)]),
) as Overrides;

const choice = text("text");
const version = text('a version as text in quotes such as "2.60.0"');
const image = text('an image reference as text such as "rayproject/ray:2.60.0"');

/** The schema, given the parts that have a version. */
export function configSchema(versionParts: readonly string[]) {
  return z.strictObject(
    {
      strategy: choice,
      scenario: choice,
      target: choice,
      profile: choice,
      serveIngress: choice,
      gatewayClass: text("the name of a GatewayClass as text"),
      warmUp: group({ seconds: whole("seconds", 3600), deadline: positive(MOST_SECONDS) }),
      load: group({
        rate: z.union([z.number(), z.string()], { error: "a whole number of requests per second or max" }).optional(),
        vus: whole("VUs", 10_000),
        clients: z.array(z.string(), { error: "a list of kinds of clients" }).optional(),
        parallelism: whole("k6 pods", MAX_PARALLELISM),
        requestTimeout: positive(3600),
        grace: quantity("a number of seconds from 0 to 3600", (value) => value >= 0 && value <= 3600),
      }),
      latencyBudget: quantity("a number of at least 1 and at most 1000", (value) => value >= 1 && value <= 1000),
      deadlines: group({
        factor: quantity("a number above 0 and at most 100", (value) => value > 0 && value <= 100),
        ...deadlineOverrides,
      }),
      versions: group(Object.fromEntries(versionParts.map((part) => [part, version]))),
      images: group({ ray: image, k6: image }),
    },
    { error: "a group of keys" },
  );
}

/** Every key of a schema made by configSchema, dotted. */
export function configKeys(schema: ReturnType<typeof configSchema>): string[] {
  return Object.entries(schema.shape).flatMap(([key, field]) => {
    const inner = field.unwrap();
    return inner instanceof z.ZodObject ? Object.keys(inner.shape).map((name) => `${key}.${name}`) : [key];
  });
}
