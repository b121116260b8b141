import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { parseCommand } from "../cli/args.ts";
import { ownPlan } from "../checks/testing/own-service-story.ts";
import { CLIENT_KINDS } from "../plan/clients.ts";
import { parseConfig } from "../plan/config.ts";
import { DEADLINES } from "../plan/deadlines.ts";
import { UsageError } from "../plan/errors.ts";
import { makePlan, type Request } from "../plan/make-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { parseStrategy, STRATEGIES } from "../plan/strategy.ts";
import { scenarioNamed } from "../plan/testing/scenarios.ts";
import { reproduceCommand } from "./reproduce.ts";
import { shellWord } from "./shell-word.ts";

const PINNED = { kuberay: "1.6.2", ray: "2.60.0", k6: "2.2.0" };

function planned(request: Request, file: string, identity = { runId: "20260314-090000-x", seed: 7 }): Plan {
  const config = parseConfig(file, "run.yaml", Object.keys(PINNED));
  const scenario = scenarioNamed(request.scenario ?? config.scenario);
  return makePlan({ request, config, scenario, versions: PINNED, createdAt: "2026-03-14T09:00:00.000Z", ...identity });
}

/** The plan that somebody gets who types the command, with the configuration beside it. */
function retyped({ command, config }: ReturnType<typeof reproduceCommand>): Plan {
  const line = command.split("\n").at(-1) ?? "";
  assert.match(line, /^npm run load -- [\w./ ,=-]+$/, "no word needs a shell");
  const parsed = parseCommand(["load", ...line.slice("npm run load -- ".length).split(" ")], {
    kubeContexts: () => assert.fail("asked for contexts"),
  });
  assert.ok(parsed.command === "load");
  assert.equal(parsed.configFile, config === null ? undefined : "reproduce.yaml");
  return planned(parsed.request, config ?? "", { runId: "20270101-000000-y", seed: 8 });
}

/** Everything but what is new in every run, and the names of k6 outputs. */
function comparable({ runId: _id, seed: _seed, ...plan }: Plan): unknown {
  const { outK6: _outputs, ...load } = plan.load;
  return { ...plan, load };
}

const text = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme-ascii" }).filter((it) => /^\S+$/.test(it));
const seconds = (most: number) =>
  fc.oneof(fc.integer({ min: 1, max: most }), fc.double({ min: 0.001, max: most, noNaN: true }));
const some = <T>(values: Record<string, fc.Arbitrary<T>>) => fc.record(values, { requiredKeys: [] });
const strategies = fc.oneof(
  fc.constantFrom(...STRATEGIES.map(({ name }) => name)),
  fc
    .tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 3600 }), fc.integer({ min: 1, max: 100 }))
    .map((parts) => parts.join("/")),
);
const kinds = fc
  .subarray([...CLIENT_KINDS], { minLength: 1 })
  .chain((some) => fc.shuffledSubarray(some, { minLength: some.length }));
const rates = fc.oneof(
  fc.constant("max" as const),
  fc.integer({ min: 1, max: 60 }),
  fc.integer({ min: 1, max: 100_000 }),
);

const requests: fc.Arbitrary<Request> = fc.record(
  {
    strategy: strategies.map((name) => parseStrategy(name, "")),
    scenario: fc.constantFrom("upgrade" as const, "rollback" as const),
    rate: rates,
    clients: kinds,
    parallelism: fc.integer({ min: 1, max: 32 }),
    outK6: fc.array(text, { maxLength: 2 }),
    serveIngress: fc.constantFrom("haproxy" as const, "proxy" as const),
    profile: fc.constantFrom("small" as const, "standard" as const),
  },
  { requiredKeys: [] },
);

const files = fc
  .record(
    {
      strategy: strategies,
      profile: fc.constantFrom("small", "standard"),
      warmUp: fc.record(
        { seconds: fc.integer({ min: 1, max: 3600 }), deadline: seconds(864_000) },
        { requiredKeys: [] },
      ),
      load: some<unknown>({
        rate: rates,
        vus: fc.integer({ min: 1, max: 10_000 }),
        clients: kinds,
        requestTimeout: seconds(3600),
        grace: fc.oneof(fc.constant(0), seconds(3600)),
      }),
      latencyBudget: fc.double({ min: 1, max: 1000, noNaN: true }),
      deadlines: some<number>({
        factor: fc.oneof(fc.constantFrom(0.5, 2, 3, 100), fc.double({ min: 0.01, max: 100, noNaN: true })),
        ...Object.fromEntries(
          Object.keys(DEADLINES)
            .filter((name) => name !== "warmUp")
            .map((name) => [name, seconds(864_000)]),
        ),
      }),
      versions: some({ ray: text, k6: text }),
      images: some({ ray: text, k6: text }),
    },
    { requiredKeys: [] },
  )
  .map((file) => stringify(file));

test("typing the command again plans the same run, whatever was asked (defect: an option is forgotten or rounded)", () => {
  fc.assert(
    fc.property(requests, files, (request, file) => {
      const plan = plannedIfPossible(request, file);
      fc.pre(plan !== undefined);
      const reproduction = reproduceCommand(plan, { pinned: PINNED });
      assert.deepEqual(comparable(retyped(reproduction)), comparable(plan));
      assert.doesNotMatch(reproduction.command, /cannot be asked for|refuses/);
    }),
    { numRuns: 150 },
  );
});

/** Undefined where the scenario has no room in the strategy, or the warm-up none in its deadline. */
function plannedIfPossible(request: Request, file: string): Plan | undefined {
  try {
    return planned(request, file);
  } catch (error) {
    const isRefused = error instanceof UsageError;
    if (isRefused && (request.scenario === "rollback" || error.message.includes("warmUp.deadline"))) return undefined;
    throw error;
  }
}

describe("what it says", () => {
  test("defaults need no configuration", () => {
    assert.deepEqual(reproduceCommand(planned({}, ""), { pinned: PINNED }), {
      command: "npm run load -- --strategy aggressive --rate 200",
      config: null,
    });
  });

  test("deadlines that follow from what is asked for are not asked for (defect: a factor stretches them, and the next run is another)", () => {
    const plan = planned({}, "warmUp: {seconds: 16}\ndeadlines: {factor: 3}");
    const { config } = reproduceCommand(plan, { pinned: PINNED });
    assert.equal(config?.split("\n").slice(1).join("\n"), "warmUp:\n  seconds: 16\ndeadlines:\n  factor: 3\n");
  });

  test("what flags can say is said by flags, the rest by the file", () => {
    const file = `
strategy: 10/5/20
profile: standard
serveIngress: proxy
warmUp: { seconds: 5 }
load: { rate: max, clients: [long, steady], parallelism: 2, grace: 2.5 }
deadlines: { factor: 2, clusterUp: 400 }
versions: { ray: "2.59.0" }
images: { ray: "registry.example/ray:2.59.0" }
latencyBudget: 20
`;
    assert.deepEqual(reproduceCommand(planned({}, file), { pinned: PINNED }), {
      command:
        "npm run load -- --strategy 10/5/20 --rate max --clients steady,long --parallelism 2 --serve-ingress proxy --profile standard --config reproduce.yaml",
      config: `# reproduce.yaml: what the command line cannot say
warmUp:
  seconds: 5
load:
  grace: 2.5
latencyBudget: 20
deadlines:
  factor: 2
  clusterUp: 400
versions:
  ray: 2.59.0
images:
  ray: registry.example/ray:2.59.0
`,
    });
  });

  test("k6 outputs are named and nothing more, and no name ends the comment (defect: a line of its own is run)", () => {
    const plan = planned({ outK6: ["cloud", "x\nrm -rf /\u2028y"] }, "");
    const [comment, ...rest] = reproduceCommand(plan, { pinned: PINNED }).command.split("\n");
    assert.match(comment ?? "", /^# The run also had --out-k6 with cloud and x rm -rf \/ y; /);
    assert.deepEqual(rest, ["npm run load -- --strategy aggressive --rate 200"]);
  });

  test("a version that is pinned otherwise today is asked for", () => {
    const { config } = reproduceCommand(planned({}, ""), { pinned: { ...PINNED, ray: "2.61.0" } });
    assert.match(config ?? "", /^versions:\n {2}ray: 2\.60\.0\n$/m);
  });

  test("a plan of a zerodrop that planned otherwise says in what (defect: another run in the same name)", () => {
    const plan = planned({}, "");
    const strange: Plan = {
      ...plan,
      strategy: { ...plan.strategy, name: "brisk" },
      target: "kind",
      load: { ...plan.load, warmUpSeconds: 5000 },
      versions: { ...plan.versions, "xk6\nrm": "1" },
      images: { ray: "a\nb: c" },
    };
    const { command, config } = reproduceCommand(strange, { pinned: PINNED });
    const [comment = "", line = "", ...more] = command.split("\n");
    assert.deepEqual([line, ...more], ["npm run load -- --strategy 25/2/50 --rate 200"]);
    assert.equal(config, null);
    for (const part of [
      'target "kind", not "embedded"',
      "load.warmUpSeconds 5000, not 15",
      "versions.xk6 rm",
      "images.ray",
    ]) {
      assert.ok(comment.includes(part), `${part} in ${comment}`);
    }
  });

  test("a service of the user's is asked for by its own configuration (defect: zerodrop's own application in its name)", () => {
    const plan = ownPlan();
    const { command, config } = reproduceCommand(plan, { pinned: PINNED });
    assert.deepEqual(command.split("\n"), [
      "# The run was of a service of your own: reproduce.yaml needs the keys service, budget and checks of its configuration.",
      "npm run load -- --strategy aggressive --rate 100 --config reproduce.yaml",
    ]);
    assert.match(
      config ?? "",
      /^# reproduce\.yaml: .*\n# and the keys service, budget and checks of the configuration that the run had\n/,
    );
    assert.doesNotMatch(config ?? "", /vus/);
    parseConfig(config ?? "", "reproduce.yaml", Object.keys(PINNED));
    const fraction = { ...plan, load: { ...plan.load, rate: 0.5 } };
    assert.match(reproduceCommand(fraction, { pinned: PINNED }).command, /load -- --strategy aggressive --config/);
  });

  test("a plan from before loads had several kinds of clients is asked for as far as it goes", () => {
    const { mix: _mix, parallelism: _pods, ...load } = planned({}, "load: {clients: [steady], rate: 50}").load;
    const plan: Plan = { ...planned({ clients: ["steady"], rate: 50 }, ""), load };
    assert.equal(
      reproduceCommand(plan, { pinned: PINNED }).command,
      "npm run load -- --strategy aggressive --rate 50 --clients steady",
    );
  });
});

test("a shell takes the quoted word as it is (defect: a quote, a dollar or a newline in a name is obeyed)", () => {
  for (const word of ["", "a b", "it's", "$(id)", "`id`", "a\nb", '"', "\\", "!x", "*", "~", "results/i5-a1", "#x"]) {
    const seen = execFileSync("sh", ["-c", `printf %s ${shellWord(word)}`], { encoding: "utf8" });
    assert.equal(seen, word);
  }
  assert.equal(shellWord("results/i5-a1"), "results/i5-a1");
});
