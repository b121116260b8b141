import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { optionsFor } from "../k6/lib/options.ts";
import { readSettings, type Settings } from "../k6/lib/settings.ts";
import { CLIENT_KINDS, clientMix } from "../orchestrator/plan/clients.ts";

const MIX = clientMix({ kinds: CLIENT_KINDS, rate: 200, requestTimeoutMs: 10_000 });

const ENVIRONMENT = {
  ZERODROP_TARGET: "http://envoy:80/",
  ZERODROP_PATH: "/",
  ZERODROP_HOST: "app.example",
  ZERODROP_CLIENTS: JSON.stringify(MIX),
  ZERODROP_DURATION_SECONDS: "900",
  ZERODROP_VERSIONS: "v1,v2",
  ZERODROP_PARALLELISM: "1",
};

/** Settings of a load of these clients, else as they are in ENVIRONMENT. */
function settingsOf(clients: unknown, more: Readonly<Record<string, string>> = {}): Settings {
  return readSettings({ ...ENVIRONMENT, ZERODROP_CLIENTS: JSON.stringify(clients), ...more });
}

const scenario = z.looseObject({
  executor: z.string(),
  exec: z.string(),
  rate: z.number().int().optional(),
  timeUnit: z.string().optional(),
  vus: z.number().optional(),
  preAllocatedVUs: z.number().optional(),
  maxVUs: z.number().optional(),
  gracefulStop: z.literal("0s"),
  duration: z.literal("900s"),
});

function scenariosOf(settings: Settings): Record<string, z.infer<typeof scenario>> {
  return z.record(z.string(), scenario).parse(optionsFor(settings).scenarios);
}

/** The fraction that a bound of a segment stands for. */
function fraction(text: string): number {
  const [above = "", below = "1"] = text.split("/");
  return Number(above) / Number(below);
}

describe("k6's options for a load", () => {
  // Would catch: a kind left out, run by another kind's function, or started at another rate than the plan's.
  it("has a scenario for each kind, at its rate", () => {
    const scenarios = scenariosOf(settingsOf(MIX));
    assert.deepEqual(Object.keys(scenarios), [...CLIENT_KINDS]);
    for (const { client, rate, requestsPerIteration, vus } of MIX) {
      const made = scenarios[client];
      assert.equal(made?.exec, client);
      assert.deepEqual([made.executor, made.timeUnit], ["constant-arrival-rate", "1000s"]);
      assert.deepEqual([made.preAllocatedVUs, made.maxVUs], [vus, vus]);
      const iterations = (rate ?? 0) / requestsPerIteration;
      assert.ok(
        Math.abs((made.rate ?? 0) / 1000 - iterations) <= 0.0005,
        `${client}: ${String(made.rate)} in 1,000 s are not ${String(iterations)}/s`,
      );
    }
  });

  // Would catch: a closed-model client held to a rate, or one that is slowed down because others have one.
  it("lets a kind of the closed model go as fast as it gets answers", () => {
    const scenarios = scenariosOf(
      settingsOf(clientMix({ kinds: ["steady", "long"], rate: "max", requestTimeoutMs: 1000 })),
    );
    assert.deepEqual(
      [scenarios["steady"]?.executor, scenarios["steady"]?.vus, scenarios["steady"]?.rate],
      ["constant-vus", 10, undefined],
    );
    assert.equal(scenarios["long"]?.executor, "constant-arrival-rate");
  });

  // Would catch: a burst sent in parts, or whose connections are closed again for lack of room among the kept ones.
  it("lets a whole burst go at once", () => {
    const [burst] = clientMix({ kinds: ["burst"], rate: 40, requestTimeoutMs: 1000 });
    assert.equal(burst?.requestsPerIteration, 40);
    const { batch, batchPerHost } = optionsFor(settingsOf([burst]));
    assert.deepEqual([batch, batchPerHost], [40, 40]);
  });

  // Would catch: a host that the pod's name resolution does not know asked for there all the same, or an option that k6 does not take as nothing.
  it("has addresses of hosts only where it is told of some", () => {
    const hosts = { "models.example.com": "10.0.0.5" };
    assert.deepEqual(optionsFor(settingsOf(MIX, { ZERODROP_HOSTS: JSON.stringify(hosts) })).hosts, hosts);
    assert.ok(!("hosts" in optionsFor(settingsOf(MIX))));
  });

  // Would catch: clients of the user's that run another function than their own.
  it("runs the function of the user's name", () => {
    const [steady] = MIX;
    const scenarios = scenariosOf(settingsOf([{ ...steady, client: "predict" }]));
    assert.deepEqual([Object.keys(scenarios), scenarios["predict"]?.exec], [["predict"], "predict"]);
  });

  // Would catch: pods that do the same part of the load, or leave a part undone.
  it("divides the load into segments that add up", () => {
    const parallelism = 3;
    const segments = [0, 1, 2].map((index) => {
      const made = optionsFor(
        settingsOf(MIX, { ZERODROP_PARALLELISM: String(parallelism), JOB_COMPLETION_INDEX: String(index) }),
      );
      assert.equal(made.executionSegmentSequence, "0,1/3,2/3,1");
      return (made.executionSegment ?? "").split(":").map(fraction);
    });
    assert.deepEqual(segments, [
      [0, 1 / 3],
      [1 / 3, 2 / 3],
      [2 / 3, 1],
    ]);
    const alone = optionsFor(settingsOf(MIX));
    assert.deepEqual([alone.executionSegment, alone.executionSegmentSequence], [undefined, undefined]);
  });

  // Would catch: a pod without a VU of a kind, whose part of that kind's requests k6 then leaves out without a word.
  it("gives every pod a VU of every kind", () => {
    const few = clientMix({ kinds: ["steady"], rate: 1, requestTimeoutMs: 1000 });
    assert.equal(few[0]?.vus, 2);
    const scenarios = scenariosOf(settingsOf(few, { ZERODROP_PARALLELISM: "4", JOB_COMPLETION_INDEX: "3" }));
    assert.equal(scenarios["steady"]?.maxVUs, 4);
  });

  // Would catch: a summary that calls a version kept that never answered, or one kind's dropped iterations told as another's.
  it("asks for every version, and tells kinds of clients apart", () => {
    const { thresholds, systemTags } = optionsFor(settingsOf(MIX));
    assert.deepEqual(systemTags, ["scenario"]);
    assert.deepEqual(Object.keys(thresholds ?? {}).sort(), [
      "dropped_iterations",
      "http_req_failed",
      "http_reqs",
      "zerodrop_answers{outcome:answered,version:v1}",
      "zerodrop_answers{outcome:answered,version:v2}",
      "zerodrop_answers{outcome:answered}",
    ]);
  });
});

describe("a load's settings", () => {
  it("are read from the environment", () => {
    const settings = readSettings({ ...ENVIRONMENT, ZERODROP_PATH: "/app/" });
    assert.equal(settings.baseUrl, "http://envoy:80/app");
    assert.equal(readSettings(ENVIRONMENT).baseUrl, "http://envoy:80");
    assert.deepEqual(settings.routes, [""]);
    assert.deepEqual(readSettings({ ...ENVIRONMENT, ZERODROP_ROUTES: '["/","/second/"]' }).routes, ["", "/second"]);
    assert.deepEqual([settings.parallelism, settings.podIndex], [1, 0]);
    assert.deepEqual(settings.versions, ["v1", "v2"]);
    assert.deepEqual(
      settings.clients.map(({ client }) => client),
      [...CLIENT_KINDS],
    );
  });

  const [steady] = MIX;
  const bad: readonly [string, Readonly<Record<string, string>>, RegExp][] = [
    ["no target", { ZERODROP_TARGET: "" }, /^ZERODROP_TARGET is not set$/],
    ["a path with a query", { ZERODROP_PATH: "/?a=b" }, /^ZERODROP_PATH must be a path without a query/],
    ["a path without a slash", { ZERODROP_PATH: "app" }, /^ZERODROP_PATH must be a path/],
    ["no routes", { ZERODROP_ROUTES: "[]" }, /^ZERODROP_ROUTES must be an array of paths/],
    ["routes that are no JSON", { ZERODROP_ROUTES: "/,/second" }, /^ZERODROP_ROUTES is no JSON$/],
    ["a route with a query", { ZERODROP_ROUTES: '["/?a"]' }, /^ZERODROP_ROUTES must have paths .* not "\/\?a"$/],
    ["a route without a slash", { ZERODROP_ROUTES: '["second"]' }, /^ZERODROP_ROUTES must have paths .* not "second"$/],
    ["a version with a comma's neighbour", { ZERODROP_VERSIONS: "v1, v2" }, /^ZERODROP_VERSIONS: " v2" has characters/],
    ["no duration", { ZERODROP_DURATION_SECONDS: "0" }, /^ZERODROP_DURATION_SECONDS must be a whole number/],
    ["half a pod", { ZERODROP_PARALLELISM: "1.5" }, /^ZERODROP_PARALLELISM must be a whole number/],
    ["a pod without index", { ZERODROP_PARALLELISM: "2" }, /^JOB_COMPLETION_INDEX is not set$/],
    [
      "a pod too many",
      { ZERODROP_PARALLELISM: "2", JOB_COMPLETION_INDEX: "2" },
      /^JOB_COMPLETION_INDEX must be below ZERODROP_PARALLELISM, 2$/,
    ],
    ["clients that are no JSON", { ZERODROP_CLIENTS: "[steady]" }, /^ZERODROP_CLIENTS is no JSON$/],
    ["no clients", { ZERODROP_CLIENTS: "[]" }, /^ZERODROP_CLIENTS must be an array .* at least one$/],
    ["a client that is a name", { ZERODROP_CLIENTS: '["steady"]' }, /^ZERODROP_CLIENTS\[0\] must be an object$/],
    ["a client twice", clients(steady, steady), /^ZERODROP_CLIENTS names steady twice$/],
    ["a client without name", clients({ ...steady, client: 1 }), /^ZERODROP_CLIENTS\[0\]\.client must be text$/],
    ["a name with a space", clients({ ...steady, client: "a b" }), /\.client: "a b" has characters/],
    ["a third model", clients({ ...steady, model: "half" }), /\.model must be open or closed$/],
    ["an open model without rate", clients({ ...steady, rate: null }), /\.rate must be a number above 0/],
    ["a rate of nothing", clients({ ...steady, rate: 0 }), /\.rate must be a number above 0/],
    ["a closed model with a rate", clients({ ...steady, model: "closed" }), /\.rate must be null/],
    ["half a VU", clients({ ...steady, vus: 0.5 }), /\.vus must be a whole number of at least 1$/],
    ["an empty burst", clients({ ...steady, requestsPerIteration: 0 }), /\.requestsPerIteration must be/],
    ["no deadline", clients({ ...steady, requestTimeoutMs: 0 }), /\.requestTimeoutMs must be a number above 0$/],
  ];
  for (const [what, environment, sentence] of bad) {
    // Would catch: a load that starts, and is another one than was asked for.
    it(`are refused with ${what}`, () => {
      assert.throws(
        () => readSettings({ ...ENVIRONMENT, ...environment }),
        (error) => error instanceof Error && sentence.test(error.message),
      );
    });
  }
});

function clients(...mix: readonly unknown[]): Record<string, string> {
  return { ZERODROP_CLIENTS: JSON.stringify(mix) };
}
