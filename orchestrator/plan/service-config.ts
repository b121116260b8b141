import { z } from "zod";
import { above0, between, group, text, whole } from "./config-fields.ts";
import { described } from "./config-words.ts";
import { jsonSchema } from "./json-patch.ts";
import { specPatchSchema } from "./steps.ts";

/** As k6 scenarios and their functions are named. */
const NAME = /^[a-z][A-Za-z0-9]*$/;
/** Functions that k6 calls by itself, and what a module exports without a name. */
const TAKEN = ["default", "options", "handleSummary", "setup", "teardown"];
/** What can stand in a tag of k6 and in a threshold. */
const VERSION = /^[A-Za-z0-9._-]+$/;

const NAMED = { words: "none" };
const required = (expected: string) => z.string({ error: expected }).min(1, { error: expected });

/** One of several forms, each with one key of its own. */
const TELLING = "{ header: NAME }, { json: PATH } or { pattern: REGULAR EXPRESSION }";
const telling = z.union(
  [
    z.strictObject({ header: required("the name of a header") }),
    z.strictObject({ json: required("a JSON path") }),
    z.strictObject({ pattern: required("a regular expression") }),
  ],
  { error: TELLING },
);

const VARIABLE = "the name of an environment variable";
const variable = z.string({ error: VARIABLE }).regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: VARIABLE });

const headerValue = z.union([z.string(), z.strictObject({ env: variable })], {
  error: "text, or { env: NAME } for what an environment variable of the runner has",
});

const expected = z.strictObject(
  {
    status: z.number({ error: "an HTTP status" }).int().min(100).max(599).optional(),
    contains: required("text that the body has").optional(),
    json: z.record(z.string(), jsonSchema, { error: "values by JSON path" }).optional(),
  },
  { error: "a group of keys: status, contains, json" },
);

const requestSchema = z
  .strictObject(
    {
      name: z
        .string({ error: "letters and digits, the first one a lower-case letter" })
        .regex(NAME, { error: "letters and digits, the first one a lower-case letter" })
        .refine((name) => !TAKEN.includes(name), { error: `a name that k6 has no use for (${TAKEN.join(", ")})` })
        .meta({ description: "Name of this kind of client." }),
      rate: z
        .number({ error: "a number of requests per second above 0" })
        .gt(0, { error: "a number of requests per second above 0" })
        .max(100_000, { error: "a number of requests per second of at most 100000" })
        .meta({ description: "Requests per second, whatever the answers." }),
      method: z
        .enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], { error: "an HTTP method in capitals" })
        .optional()
        .meta(described("HTTP method.", { value: "POST" })),
      path: z
        .string({ error: "a path that begins with /" })
        .startsWith("/", { error: "a path that begins with /" })
        .optional()
        .meta(described("Path and query.", { value: "/" })),
      headers: z
        .record(z.string(), headerValue, { error: "headers by name" })
        .optional()
        .meta(described("Headers; { env: NAME } keeps a value out of every file.", NAMED)),
      body: z.string({ error: "text" }).optional().meta(described("Body, as text.", NAMED)),
      json: jsonSchema.optional().meta(described("Body, as JSON; sets Content-Type.", NAMED)),
      expect: expected.optional().meta(
        described("What an answer must be: status, text that its body contains, values by JSON path.", {
          words: "status 200",
        }),
      ),
      stream: z
        .literal("openai-chat", { error: "openai-chat" })
        .optional()
        .meta(described("The answer is a stream of events as OpenAI's chat completions have it.", NAMED)),
      connection: z
        .enum(["kept", "new"], { error: "kept or new" })
        .optional()
        .meta(described("Whether each request opens a connection of its own.", { value: "kept" })),
      session: z
        .boolean({ error: "true or false" })
        .optional()
        .meta(described("Whether one client's answers must not go back to the version before.", { words: "false" })),
      timeout: above0("a number of seconds above 0 and at most 3600", 3600).meta(
        described("Seconds that a request may take.", { words: "load.requestTimeout" }),
      ),
      holds: between("a number of seconds from 0 to 600", 0, 600).meta(
        described("Seconds that an answer takes by design.", { value: 0 }),
      ),
      script: required("a file")
        .optional()
        .meta(described("A k6 scenario of yours instead, in TypeScript, from this file's folder.", NAMED)),
      perIteration: whole("requests", 100).meta(
        described("Requests that one iteration of the script sends.", { value: 1 }),
      ),
      env: z
        .array(variable, { error: "a list of names of environment variables" })
        .optional()
        .meta(described("Environment variables that the script finds as __ENV.ZERODROP_SECRET_NAME.", NAMED)),
    },
    { error: "a request with name and rate" },
  )
  .superRefine((request, context) => {
    const issue = (path: string, message: string): void => {
      context.addIssue({ code: "custom", path: [path], message });
    };
    if (request.body !== undefined && request.json !== undefined) issue("json", "left out where body is given");
    if (request.stream !== undefined && (request.method ?? "POST") !== "POST") issue("method", "POST for a stream");
    if (request.stream !== undefined && (request.expect?.json ?? request.expect?.contains) !== undefined)
      issue("expect", "a status alone for a stream");
    if (request.script === undefined) {
      for (const key of ["perIteration", "env"] as const)
        if (request[key] !== undefined) issue(key, "left out where no script is named");
      return;
    }
    for (const key of ["method", "path", "headers", "body", "json", "expect", "stream", "connection"] as const) {
      if (request[key] !== undefined) issue(key, "left out where a script says what is sent");
    }
  });

const UPGRADE = "{ patch: OPERATIONS }, { merge: PATCH } or { manifest: FILE }";

const EXPECTED_VERSION =
  "a version as responses tell it, of letters, digits, dots, underscores and hyphens, as text in quotes";
const versionText = z.string({ error: EXPECTED_VERSION }).regex(VERSION, { error: EXPECTED_VERSION });

const serviceShape = {
  manifest: required("a file")
    .optional()
    .meta(
      described("Manifest with the RayService and what is beside it, from this file's folder.", { words: "running" }),
    ),
  running: z
    .strictObject(
      { namespace: required("the name of a namespace"), name: required("the name of a RayService") },
      { error: "{ namespace, name } of a RayService" },
    )
    .optional()
    .meta(described("A RayService that runs already, by namespace and name.", { words: "manifest" })),
  upgrade: z
    .union(
      [
        z.strictObject({ patch: z.array(specPatchSchema).min(1, { error: "a list of at least one operation" }) }),
        z.strictObject({ merge: z.record(z.string(), jsonSchema) }),
        z.strictObject({ manifest: required("a file") }),
      ],
      { error: UPGRADE },
    )
    .meta(
      described("The change: JSON Patch, JSON merge patch, or a second manifest.", { words: "none, it must be given" }),
    ),
  versions: z
    .strictObject({ before: versionText, after: versionText }, { error: "{ before, after }: what responses say" })
    .meta(described("What responses say before and after the change.", { words: "none, it must be given" })),
  response: z
    .strictObject(
      { version: telling, cluster: telling.optional() },
      { error: "{ version, cluster }: how a response tells them" },
    )
    .meta(
      described("How a response tells its version, and by its name the RayCluster that gave it.", {
        words: "none, version must be given; without cluster the version tells it",
      }),
    ),
  requests: z
    .array(requestSchema, { error: "a list of requests" })
    .min(1, { error: "a list with at least one request" })
    .meta(described("What clients send, each a kind of client of its own.", { words: "none, it must be given" })),
  entry: z
    .strictObject(
      {
        url: required("a URL that begins with http:// or https://").regex(/^https?:\/\/[^/?#]+[^?#]*$/, {
          error: "a URL that begins with http:// or https://, without a query",
        }),
        host: text("a host name"),
        address: z.union([z.ipv4(), z.ipv6()], { error: "an IP address" }).optional(),
        authority: required("a file").optional(),
      },
      { error: "{ url, host, address, authority }" },
    )
    .optional()
    .meta(
      described(
        "A Gateway of yours in front of the RayService's: URL, Host header, the address of the URL's host, a file with the authority to trust.",
        {
          words: "the RayService's own Gateway",
        },
      ),
    ),
};

/** The key `service` of a configuration: an application of the user's. Files are named as they stand there. */
export const serviceConfigSchema = group(
  "A Ray Serve application of yours instead of zerodrop's own; docs/own-service.md explains it.",
  serviceShape,
);
export type ServiceConfig = NonNullable<z.infer<typeof serviceConfigSchema>>;
export type RequestConfig = ServiceConfig["requests"][number];
