import { z } from "zod";
import { CHECK_IDS } from "./check-ids.ts";
import { CLIENT_KINDS } from "./clients.ts";
import {
  DEFAULT_DEADLINE_FACTOR,
  DEFAULT_GRACE_SECONDS,
  DEFAULT_PARALLELISM,
  DEFAULT_PROFILE,
  DEFAULT_RATE,
  DEFAULT_REQUEST_TIMEOUT_SECONDS,
  DEFAULT_SCENARIO,
  DEFAULT_SERVE_INGRESS,
  DEFAULT_STRATEGY,
  DEFAULT_TARGET,
} from "./config-defaults.ts";
import { above0, between, group, MOST_SECONDS, text, whole } from "./config-fields.ts";
import { described } from "./config-words.ts";
import {
  DEADLINES,
  DEFAULT_WARM_UP_SECONDS,
  deadlineDefaultWords,
  isDeadlineName,
  type DeadlineName,
} from "./deadlines.ts";
import { MAX_PARALLELISM, MAX_RATE, PROFILE, SERVE_INGRESS, TARGET } from "./options.ts";
import { serviceConfigSchema } from "./service-config.ts";
import { STRATEGIES } from "./strategy.ts";

/**
 * The shape of a configuration file. Every leaf's error message is what was EXPECTED there, as the second half
 * of "KEY must be …", so that one sentence can be made of it; durations are seconds. Every leaf is described, for editors and
 * for docs/reference.md. What a schema cannot say so that its message helps (a misspelt choice) is left to whoever parses it,
 * and said to editors alone (`enum`, `anyOf`).
 */
const positive = (most: number) => above0(`a number of seconds above 0 and at most ${most}`, most);

/** Images of the platform that is installed on clusters other than the embedded one. They are of no run. */
export const PLATFORM_IMAGE_KEYS = ["kuberay", "envoyGateway", "envoy"] as const;

type Overrides = Record<Exclude<DeadlineName, "warmUp">, ReturnType<typeof positive>>;
const deadlineOverrides = Object.fromEntries(
  Object.keys(DEADLINES)
    .filter((name) => isDeadlineName(name) && name !== "warmUp")
    .map((name) => [name, positive(MOST_SECONDS).meta(deadlineWords(name))]),
) as Overrides;

function deadlineWords(name: DeadlineName) {
  return described(`Seconds until ${DEADLINES[name].guards}.`, { words: deadlineDefaultWords(name) });
}

const choice = text("text");
const version = text('a version as text in quotes such as "2.60.0"');
const image = text('an image reference as text such as "rayproject/ray:2.60.0"');

const platformImage = (what: string) =>
  image.meta(
    described(`Image of ${what}, where --install-platform or --target kind installs it.`, {
      words: "the project's own, of the version in versions.json",
    }),
  );

const strategy = choice.meta({
  ...described("How traffic moves: a name, or STEP/INTERVAL/SURGE in percent, seconds and percent.", {
    words: `what the scenario says, else ${DEFAULT_STRATEGY}`,
  }),
  anyOf: [
    { enum: STRATEGIES.map(({ name }) => name) },
    { title: "STEP/INTERVAL/SURGE", pattern: "^[0-9]+/[0-9]+/[0-9]+$" },
  ],
});
const rate = z
  .union([z.number(), z.string()], { error: "a whole number of requests per second or max" })
  .optional()
  .meta({
    ...described(
      "Requests per second of all kinds of clients together, whatever the answers; max: as fast as answers come.",
      { words: `what the scenario says, else ${DEFAULT_RATE}` },
    ),
    anyOf: [
      { type: "integer", minimum: 1, maximum: MAX_RATE },
      { type: "string", enum: ["max"] },
      { title: "the same number in quotes", type: "string", pattern: "^[0-9]+$" },
    ],
  });
const clients = z
  .array(z.string(), { error: "a list of kinds of clients" })
  .optional()
  .meta({
    ...described("Kinds of clients that make the load.", { words: "what the scenario says, else all" }),
    items: { type: "string", enum: CLIENT_KINDS },
    minItems: 1,
    uniqueItems: true,
  });

/** The schema, given the parts that have a version. */
export function configSchema(versionParts: readonly string[]) {
  return z.strictObject(
    {
      strategy,
      scenario: choice.meta(
        described("Name of the scenario: what is done to the application.", { value: DEFAULT_SCENARIO }),
      ),
      target: choice.meta({
        ...described("The cluster to run on; context needs --context NAME too, kind makes one (docs/kind.md).", {
          value: DEFAULT_TARGET,
        }),
        enum: TARGET.built,
      }),
      profile: choice.meta({
        ...described("Resources of the application: small is for 2 cores.", { value: DEFAULT_PROFILE }),
        enum: PROFILE.built,
      }),
      serveIngress: choice.meta({
        ...described("Ray Serve's data plane.", { words: `what the scenario says, else ${DEFAULT_SERVE_INGRESS}` }),
        enum: SERVE_INGRESS.built,
      }),
      gatewayClass: text("the name of a GatewayClass as text").meta(
        described("Name of the GatewayClass; docs/gateways.md has those of the embedded cluster.", {
          words: "zerodrop, on a cluster of yours the only one that is accepted there",
        }),
      ),
      warmUp: group("The time before the change, in which the load has to be steady.", {
        seconds: whole("seconds", 3600).meta(
          described("Length of the window in which every second has to be steady, in seconds.", {
            value: DEFAULT_WARM_UP_SECONDS,
          }),
        ),
        deadline: positive(MOST_SECONDS).meta(
          described(
            "Seconds until the load has been steady for the whole window, of which it must be more, times deadlines.factor.",
            { words: deadlineDefaultWords("warmUp") },
          ),
        ),
      }),
      load: group("What clients send.", {
        rate,
        vus: whole("VUs", 10_000).meta(
          described(
            "VUs of the kind of client that takes what the others leave of the rate, those of all pods together.",
            {
              words: "as many as start within a request's deadline, from 2 to what its kind may have; 10 with rate max",
            },
          ),
        ),
        clients,
        parallelism: whole("k6 pods", MAX_PARALLELISM).meta(
          described("k6 pods that make the load together.", { value: DEFAULT_PARALLELISM }),
        ),
        requestTimeout: positive(3600).meta(
          described(
            "Seconds that a request may take before it is hanging; what an answer is held by design comes on top.",
            {
              value: DEFAULT_REQUEST_TIMEOUT_SECONDS,
            },
          ),
        ),
        grace: between("a number of seconds from 0 to 3600", 0, 3600).meta(
          described("Seconds for which the load goes on when everything is over.", { value: DEFAULT_GRACE_SECONDS }),
        ),
      }),
      service: serviceConfigSchema,
      budget: group("What the change may cost clients before it is a fail.", {
        failedRequests: z
          .number({ error: "a whole number of requests" })
          .int({ error: "a whole number of requests" })
          .min(0, { error: "a whole number of requests" })
          .optional()
          .meta(described("Failed and hanging requests.", { words: "what the scenario says, else 0" })),
        disruptedSeconds: between("a number of seconds from 0 to 3600", 0, 3600).meta(
          described("Seconds of disruption altogether.", { words: "what the scenario says, else 0" }),
        ),
      }),
      checks: z
        .array(z.string(), { error: "a list of checks" })
        .min(1, { error: "a list of at least one check" })
        .optional()
        .meta({
          ...described("Checks that are enforced; the others are told and decide nothing.", {
            words: "all that the scenario has something to judge for",
          }),
          items: { type: "string", enum: CHECK_IDS },
          uniqueItems: true,
        }),
      latencyBudget: between("a number of at least 1 and at most 1000", 1, 1000).meta(
        described("How many times the p99 before the change the p99 while changing may be, of each kind of client.", {
          words: "none: latency is told and not judged",
        }),
      ),
      deadlines: group("How long a run waits for each thing before it gives up.", {
        factor: above0("a number above 0 and at most 100", 100).meta(
          described("Multiplies every deadline; above 1 for a slow machine.", { value: DEFAULT_DEADLINE_FACTOR }),
        ),
        ...deadlineOverrides,
      }),
      versions: group(
        "Versions of the parts, as text in quotes. The embedded cluster refuses others than those of versions.json, which it is built from, but for parts that have an image of yours.",
        Object.fromEntries(
          versionParts.map((part) => [
            part,
            version.meta(
              described(`Version of ${part}.`, { words: "that of versions.json, or what a cluster of yours has" }),
            ),
          ]),
        ),
      ),
      images: group("Images that replace those that are built or downloaded.", {
        ray: image.meta(described("Image of Ray, for the application under test.", { words: "by versions.ray" })),
        k6: image.meta(
          described("Image of k6 with zerodrop's ledger built in; a cluster of yours needs it.", {
            words: "the one that is built for the embedded cluster",
          }),
        ),
        kuberay: platformImage("the KubeRay operator"),
        envoyGateway: platformImage("Envoy Gateway"),
        envoy: platformImage("Envoy, the data plane"),
      }),
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
