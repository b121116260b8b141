import { z } from "zod";
import { jsonSchema } from "./json-patch.ts";
import { specPatchSchema } from "./steps.ts";

/** Where a response says something: a header, a JSON path (as gjson has them: `choices.0.model`), or the first group of a regular expression (RE2) over its body. */
export const tellingSchema = z.union([
  z.strictObject({ header: z.string() }),
  z.strictObject({ json: z.string() }),
  z.strictObject({ pattern: z.string() }),
]);
export type Telling = z.infer<typeof tellingSchema>;

/** How a response tells who gave it. Without `cluster` the version alone says which RayCluster it was. */
export const tellsSchema = z.strictObject({ version: tellingSchema, cluster: tellingSchema.optional() });

/** A header's value, or the name of an environment variable of the runner that has it, so that it stands in no file of a recording. */
export const headerSchema = z.union([z.string(), z.strictObject({ env: z.string() })]);

/** What is asked of an answer. `json`: values by path, as gjson has them. */
export const expectSchema = z.strictObject({
  status: z.number().int().min(100).max(599),
  contains: z.string().optional(),
  json: z.record(z.string(), jsonSchema).optional(),
});

/** Requests of one kind, by one kind of client; its part of the load stands in the plan's mix under the same name. */
export const ownRequestSchema = z.strictObject({
  /** Name of the kind of client. */
  name: z.string(),
  method: z.string(),
  /** Below the service's own, with its query. */
  path: z.string().startsWith("/"),
  headers: z.record(z.string(), headerSchema),
  body: z.string().nullable(),
  expect: expectSchema,
  /** The answer is a stream of server-sent events in the shape of OpenAI's chat completions, and whole only with its last event. */
  stream: z.literal("openai-chat").optional(),
  /** Whether each request opens a connection of its own. */
  freshConnection: z.boolean(),
  /** Whether answers to one VU must not go back to another version. */
  session: z.boolean(),
  /** Environment variables of the runner that a script is given. */
  env: z.array(z.string()).optional(),
  /** A k6 scenario instead of all that: an ES module, in which `zerodrop/k6` is yet to be resolved. */
  script: z.string().optional(),
});
export type OwnRequest = z.infer<typeof ownRequestSchema>;

/** What the upgrade makes of the RayService: operations of RFC 6902, a merge patch of RFC 7396, or another spec. */
export const ownUpgradeSchema = z.union([
  z.strictObject({ patch: z.array(specPatchSchema).min(1) }),
  z.strictObject({ merge: z.record(z.string(), jsonSchema) }),
  z.strictObject({ spec: z.record(z.string(), jsonSchema) }),
]);
export type OwnUpgrade = z.infer<typeof ownUpgradeSchema>;

/** Where clients ask, when it is not the Gateway of the RayService: one of the user's in front of it. */
export const entrySchema = z.strictObject({
  /** Scheme, host, port and base path. */
  url: z.string(),
  /** Host header by which it is routed; the URL's own when left out. */
  host: z.string().optional(),
  /** Address that the URL's host stands for, where name resolution does not know it. */
  address: z.string().optional(),
  /** Certificate of the authority (PEM) that is trusted instead of public ones. */
  authority: z.string().optional(),
});
export type Entry = z.infer<typeof entrySchema>;

/** A Ray Serve application of the user's, instead of manifests/app. */
export const serviceSchema = z.strictObject({
  /** The RayService that is created, as its manifest has it; left out for one that runs already. */
  rayService: z.record(z.string(), jsonSchema).optional(),
  upgrade: ownUpgradeSchema,
  tells: tellsSchema,
  requests: z.array(ownRequestSchema).min(1),
  entry: entrySchema.optional(),
});
export type Service = z.infer<typeof serviceSchema>;
