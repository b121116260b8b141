import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { upgradedSpec } from "../../orchestrator/plan/own-spec.ts";
import { expectSchema, tellsSchema } from "../../orchestrator/plan/service.ts";
import { specPatchSchema } from "../../orchestrator/plan/steps.ts";
import { CHECKOUT } from "../../scripts/artefacts/cache.ts";

export const EXAMPLES = ["http-model", "chat", "two-applications"] as const;
export type ExampleName = (typeof EXAMPLES)[number];

const container = z.looseObject({ name: z.string(), image: z.string(), resources: z.unknown() });
const podSchema = z.looseObject({ spec: z.looseObject({ containers: z.tuple([container]) }) });
export const specSchema = z.looseObject({
  upgradeStrategy: z.looseObject({ type: z.string() }),
  serveConfigV2: z.string(),
  rayClusterConfig: z.looseObject({
    enableInTreeAutoscaling: z.literal(true),
    headGroupSpec: z.looseObject({ template: podSchema }),
    workerGroupSpecs: z.tuple([z.looseObject({ template: podSchema })]),
  }),
});
export type Spec = z.infer<typeof specSchema>;
const rayServiceSchema = z.looseObject({
  kind: z.literal("RayService"),
  metadata: z.looseObject({ name: z.string() }),
  spec: specSchema,
});
const configMapSchema = z.looseObject({ kind: z.literal("ConfigMap"), data: z.record(z.string(), z.string()) });

const requestSchema = z.strictObject({
  name: z.string(),
  rate: z.number(),
  path: z.string().optional(),
  headers: z.record(z.string(), z.string()).default({}),
  json: z.json().optional(),
  body: z.string().optional(),
  expect: expectSchema.partial().default({}),
  stream: z.literal("openai-chat").optional(),
  connection: z.literal("new").optional(),
  session: z.literal(true).optional(),
  holds: z.number().default(0),
  script: z.string().optional(),
  perIteration: z.number().optional(),
});
export type ExampleRequest = z.infer<typeof requestSchema>;
const configSchema = z.strictObject({
  service: z.strictObject({
    manifest: z.string(),
    upgrade: z.union([
      z.strictObject({ patch: z.array(specPatchSchema) }),
      z.strictObject({ merge: z.record(z.string(), z.json()) }),
      z.strictObject({ manifest: z.string() }),
    ]),
    versions: z.strictObject({ before: z.string(), after: z.string() }),
    response: tellsSchema,
    requests: z.array(requestSchema).min(1),
  }),
});
type ExampleService = z.infer<typeof configSchema>["service"];

/** Ray Serve's part of a spec, as replicas get it. */
export const serveConfigSchema = z.looseObject({
  applications: z.array(
    z.looseObject({
      name: z.string(),
      import_path: z.string(),
      route_prefix: z.string(),
      deployments: z.tuple([z.looseObject({ name: z.string(), user_config: z.looseObject({ version: z.string() }) })]),
    }),
  ),
});

/** A folder of examples/, with what the upgrade makes of its spec. */
export interface Example {
  readonly folder: string;
  readonly readme: string;
  readonly service: ExampleService;
  /** The Python, by file name. */
  readonly code: Readonly<Record<string, string>>;
  readonly before: Spec;
  readonly after: Spec;
}

/** Reads an example; throws for a file that is not as this test, or a run, needs it. */
export async function readExample(name: ExampleName): Promise<Example> {
  const folder = join(CHECKOUT, "examples", name);
  const text = (file: string): Promise<string> => readFile(join(folder, file), "utf8");
  const { service } = configSchema.parse(parse(await text("zerodrop.yaml")));
  const [configMap, rayService] = z
    .tuple([configMapSchema, rayServiceSchema])
    .parse(documentsOf(await text(service.manifest)));
  const { upgrade } = service;
  const upgraded =
    "manifest" in upgrade
      ? rayServiceSchema.parse(documentsOf(await text(upgrade.manifest))[0]).spec
      : upgradedSpec(z.json().parse(rayService.spec), upgrade);
  return {
    folder,
    readme: await text("README.md"),
    service,
    code: configMap.data,
    before: rayService.spec,
    after: specSchema.parse(upgraded),
  };
}

/** The arguments of the one run that a README tells a reader to type; throws where there is none or more. */
export function loadArgumentsIn(readme: string): string[] {
  const [first, ...more] = [...readme.matchAll(/^npm run load -- (.+)$/gm)].map(([, rest = ""]) =>
    rest.trim().split(" "),
  );
  if (first === undefined || more.length > 0) throw new Error("There is not one run to type.");
  return first;
}

/** Values by dotted path at which two documents differ, with `undefined` where one has none. A list of plain values is one. */
export function differences(before: unknown, after: unknown, at = ""): Record<string, readonly [unknown, unknown]> {
  if (isObject(before) && isObject(after) && !isPlainList(before)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return Object.assign(
      {},
      ...[...keys].map((key) => differences(before[key], after[key], at === "" ? key : `${at}.${key}`)),
    ) as Record<string, readonly [unknown, unknown]>;
  }
  return JSON.stringify(before) === JSON.stringify(after) ? {} : { [at]: [before, after] };
}

/** The value at a path such as `choices.0.text`; undefined where there is none. */
export function valueAt(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

function documentsOf(text: string): unknown[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    return document.toJS() as unknown;
  });
}

function isPlainList(value: unknown): boolean {
  return Array.isArray(value) && !value.some(isObject);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
