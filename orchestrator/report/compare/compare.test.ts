import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { mixedPlan, planOf } from "../../checks/testing.ts";
import type { RunResult } from "../../judge/run-result.ts";
import { STRATEGIES } from "../../plan/strategy.ts";
import { check, runResult } from "../testing.ts";
import { compareRuns, type ComparedRun, type FigurePair } from "./compare.ts";
import { comparisonText } from "./comparison-text.ts";

function run(
  changes: Partial<RunResult> = {},
  plan = planOf(),
  findings: Parameters<typeof runResult>[0] = [],
): ComparedRun {
  return { folder: "results/x", plan, result: runResult(findings, changes) };
}
const { load, change, environment } = runResult();
const text = (first: ComparedRun, second: ComparedRun, options: { colour?: boolean; width?: number } = {}): string =>
  comparisonText(compareRuns(first, second), { colour: options.colour ?? false, width: options.width ?? 100 });

type Step = RunResult["change"]["steps"][number];
/** A state written as in the history of a test: `100,75|50,25`, or `100,100|-` where one side is alone. */
function step(state: string, secondsSinceTrigger: number): Step {
  const [active = "", pending = ""] = state.split("|");
  const [activeCapacity = 0, activeTraffic = 0] = active.split(",").map(Number);
  const [pendingCapacity, pendingTraffic] = pending === "-" ? [null, null] : pending.split(",").map(Number);
  return {
    ...{ atMs: 0, secondsSinceTrigger, activeCapacity, activeTraffic, answered: 1, newShare: null },
    pendingCapacity: pendingCapacity ?? null,
    pendingTraffic: pendingTraffic ?? null,
  };
}
const steps = (...states: (readonly [string, number])[]): Step[] => states.map(([state, at]) => step(state, at));

describe("in what two runs were unlike", () => {
  test("every differing value is told by its place, and what is a run's own is not", () => {
    const first = run();
    const plan = planOf(STRATEGIES[0], {
      runId: "other",
      seed: 9,
      createdAt: "2026-03-15T09:00:00Z",
      profile: "standard",
    });
    const second = run({ environment: { ...environment, cpus: 4, measured: { kubernetes: "v1.36.0" } } }, plan);
    const { unlike } = compareRuns(first, second);
    assert.deepEqual(
      unlike.plan.map(({ place, before, after }) => [place, before, after]),
      [
        ["strategy.name", '"aggressive"', '"blue-green"'],
        ["strategy.stepSizePercent", "25", "100"],
        ["strategy.intervalSeconds", "2", "1"],
        ["strategy.maxSurgePercent", "50", "100"],
        ["profile", '"small"', '"standard"'],
      ],
    );
    assert.deepEqual(
      unlike.environment.map(({ place, before, after }) => [place, before, after]),
      [
        ["cpus", "2", "4"],
        ["measured.kubernetes", "nothing", '"v1.36.0"'],
      ],
    );
  });

  test("a version that was asked for and found is told once", () => {
    const plan = planOf(undefined, { versions: { kuberay: "1.7.0" } });
    const second = run({ environment: { ...environment, versions: { kuberay: "1.7.0", ray: "2.60.0" } } }, plan);
    const { unlike } = compareRuns(run(), second);
    assert.deepEqual(unlike.plan, []);
    assert.deepEqual(unlike.environment, [{ place: "versions.kuberay", before: '"1.6.2"', after: '"1.7.0"' }]);
  });

  test("kinds of clients and checks are told by name (defect: a list of 4, now a list of 3)", () => {
    const mixed = mixedPlan();
    const mix = mixed.load.mix ?? assert.fail();
    const fewer = mixedPlan({ requiredChecks: mixed.requiredChecks.slice(1) }, mix.slice(0, 3));
    const places = compareRuns(run({}, mixed), run({}, fewer)).unlike.plan.map(({ place }) => place);
    assert.deepEqual(places, ["load.vus", "load.mix.long", "clients", "requiredChecks.zero-failures"]);
  });

  test("it is said before any figure, and what it makes of the figures (defect: apples are compared with pears)", () => {
    const shown = text(run(), run({}, planOf(undefined, { profile: "standard" })));
    assert.match(shown, /plan: 1 difference\n {4}profile: "small" in A, "standard" in B\n {2}environment: the same/);
    assert.ok(shown.indexOf("profile:") < shown.indexOf("In words"));
    assert.match(
      shown,
      /The runs were unlike from the start, so a difference here may come from that as well as from\s+chance\./,
    );
    const alike = text(run(), run());
    assert.match(alike, /plan: the same\n {2}environment: the same\n/);
    assert.match(alike, /Two runs are two runs:/);
  });
});

describe("figures", () => {
  test("what a reader asks for first is said in words, the second run first", () => {
    const latency = (p99: number): RunResult["load"]["latency"] => ({
      ...load.latency,
      during: { p50: 1, p95: 2, p99, max: p99 },
    });
    const shown = text(
      run({ load: { ...load, latency: latency(61) } }),
      run({
        load: { ...load, latency: latency(138), failed: 68, hanging: 1341, meanRate: 56.25 },
        change: { ...change, seconds: 40.1 },
      }),
    );
    assert.match(shown, /^ {2}failed or hanging: 1,409, was 0 \(1,409 more\)$/m);
    assert.match(shown, /^ {2}p99 during: 138 ms, was 61\.0 ms \(2\.3 times\)$/m);
    assert.match(shown, /^ {2}mean rate: 56\.3 answers\/s, was 99\.9 answers\/s \(43\.6\/s less\)$/m);
    assert.match(shown, /^ {2}change: 40\.1 s, was 35\.9 s \(4\.2 s longer\)$/m);
    assert.match(shown, /a request without one is in no percentile/);
    assert.doesNotMatch(text(run(), run()), /in no percentile/);
  });

  test("what one run does not have is not known, and is no difference (defect: NaN, or 0)", () => {
    const nothing = { ...load.latency, during: null };
    const killed = run({
      load: { ...load, meanRate: null, latency: nothing },
      change: { ...change, seconds: null, steps: [] },
    });
    const shown = text(run(), killed);
    assert.match(shown, /^ {2}p99 during: not known, was 19\.5 ms$/m);
    assert.match(shown, /^ {2}change: not known, was 35\.9 s$/m);
    assert.match(shown, /^ {2}during {2}p50 +12\.2 +– {3}only in A$/m);
    assert.match(text(killed, killed), /^ {2}change: not known of either run$/m);
    assert.doesNotMatch(shown, /NaN|null|undefined|Infinity/);
  });

  test("each kind of client stands beside itself, also one that only one run had", () => {
    const short = load.clients["short"] ?? assert.fail();
    const figures = { p50: 10, p95: 20, p99: 30, max: 40 };
    const of = (p99: number): typeof short => ({
      ...short,
      requests: p99,
      latency: { before: { ...figures, p99 }, during: null, after: null },
    });
    const { clients, latency } = compareRuns(
      run({ load: { ...load, clients: { steady: of(100), long: of(200) } } }),
      run({ load: { ...load, clients: { steady: of(300), fresh: of(400) } } }),
    );
    const values = (pairs: readonly FigurePair[], name: string): unknown =>
      pairs.filter((pair) => pair.name === name).map(({ first, second }) => [first, second])[0];
    assert.deepEqual(
      clients.map(({ client, figures }) => [client, values(figures, "requests")]),
      [
        ["steady", [100, 300]],
        ["long", [200, null]],
        ["fresh", [null, 400]],
      ],
    );
    assert.deepEqual(
      latency
        .filter(({ client, phase }) => client !== null && phase === "before")
        .map(({ client, figures }) => [client, values(figures, "p99")]),
      [
        ["steady", [100, 300]],
        ["long", [200, null]],
        ["fresh", [null, 400]],
      ],
    );
  });
});

describe("steps", () => {
  const whole = steps(["100,100|-", -9], ["100,100|0,0", 1], ["100,75|25,25", 30], ["100,100|-", 40]);

  test("the same states stand side by side, others alone and in their place (defect: shifted by a step that was not seen)", () => {
    const merged = steps(["100,100|-", -9], ["100,75|25,25", 33.5], ["100,100|-", 44]);
    const { moves } = compareRuns(
      run({ change: { ...change, steps: whole } }),
      run({ change: { ...change, steps: merged } }),
    );
    assert.deepEqual(
      moves?.map(({ activeTraffic, pendingTraffic, first, second }) => [activeTraffic, pendingTraffic, first, second]),
      [
        [100, 0, 1, null],
        [75, 25, 30, 33.5],
        [100, null, 40, 44],
      ],
    );
  });

  test("a state that comes again is another move (defect: a rollback's way back stands beside its way there)", () => {
    const back = (at: number): Step[] =>
      steps(
        ["100,100|-", -9],
        ["100,75|25,25", at],
        ["100,50|50,50", at + 2],
        ["100,75|25,25", at + 4],
        ["100,100|-", at + 6],
      );
    const { moves } = compareRuns(
      run({ change: { ...change, steps: back(30) } }),
      run({ change: { ...change, steps: back(31) } }),
    );
    assert.deepEqual(
      moves?.map(({ first, second }) => [first, second]),
      [
        [30, 31],
        [32, 33],
        [34, 35],
        [36, 37],
      ],
    );
  });

  test("a rollback has the time it was taken back and what that took; an upgrade has neither", () => {
    const rollback = { patchedAt: null, secondsSinceTrigger: 20, seconds: 12, fromStep: 1 };
    const names = (pairs: readonly FigurePair[]): unknown =>
      pairs.filter(({ name }) => /taken|complete/.test(name)).map(({ name, first, second }) => [name, first, second]);
    const upgrade = run();
    const back = run({ change: { ...change, scenario: "rollback", rollback } });
    assert.deepEqual(names(compareRuns(upgrade, upgrade).change), []);
    assert.deepEqual(names(compareRuns(upgrade, back).change), [
      ["taken back after", null, 20],
      ["and complete after", null, 12],
    ]);
    assert.equal(compareRuns(upgrade, back).moves, null);
  });

  test("changes of different steps are not set side by side, whatever their scenario is called; a budget is (defect: a cancelled change beside an upgrade)", () => {
    const upgrade = run({ change: { ...change, steps: whole } });
    const asked = [{ do: "upgrade" }, { do: "rollback" }, { do: "upgrade" }] as const;
    const cancelled = run({ change: { ...change, steps: whole } }, planOf(undefined, { steps: [...asked] }));
    assert.equal(compareRuns(upgrade, cancelled).moves, null);
    assert.notEqual(compareRuns(cancelled, cancelled).moves, null);
    assert.deepEqual(
      compareRuns(upgrade, cancelled).unlike.plan.map(({ place, after }) => [place, after]),
      [
        ["steps.2", '"the spec is taken back to what it was"'],
        ["steps.3", '"the spec gets the version after again"'],
      ],
    );
    const budget = { failedRequests: 1, disruptedSeconds: 9, used: { failedRequests: 0, disruptedSeconds: 4.5 } };
    const pairs = compareRuns(upgrade, run({ change: { ...change, budget } })).change;
    assert.deepEqual(
      pairs.filter(({ name }) => name === "not served for").map(({ first, second }) => [first, second]),
      [[null, 4.5]],
    );
    assert.ok(compareRuns(upgrade, upgrade).change.every(({ name }) => name !== "not served for"));
  });

  test("changes of different strategies are told by when traffic moved, not step by step", () => {
    const other = { ...change, strategy: { ...change.strategy, stepSizePercent: 50 }, steps: whole };
    const comparison = compareRuns(run({ change: { ...change, steps: whole } }), run({ change: other }));
    assert.equal(comparison.moves, null);
    const shown = comparisonText(comparison, { colour: false, width: 100 });
    assert.match(shown, /^ {2}until first traffic +30\.0 +30\.0 {3}the same$/m);
    assert.match(shown, /^ {2}until all of it +– +– {3}in neither$/m);
    assert.match(shown, /their steps are not set side by side/);
  });
});

test("checks: another verdict first and whole, other words next, the rest counted", () => {
  const first = run({}, planOf(), [
    check("pods-stable", "pass", "Nothing happened."),
    check("converged", "pass", "In 35.9 s."),
  ]);
  const second = run({}, planOf(), [
    check("pods-stable", "fail", "A pod died."),
    check("converged", "pass", "In 40.1 s."),
  ]);
  const { checks } = compareRuns(first, second);
  assert.deepEqual(
    [checks.otherVerdict.map(({ id }) => id), checks.otherMessage.map(({ id }) => id), checks.equal],
    [["pods-stable"], ["converged"], runResult().checks.length - 2],
  );
  assert.match(
    text(first, second),
    /1 check with another verdict:\n {2}pods-stable\n {4}A ✔ Nothing happened\.\n {4}B ✘ A pod died\.\n {2}1 check with the same verdict and other words:\n {2}converged\n/,
  );
});

test("one recording twice is said to be one", () => {
  assert.match(text(run(), run()), /Both folders hold the same run\./);
  assert.doesNotMatch(text(run(), run({ runId: "other" })), /the same run\./);
});

describe("the text", () => {
  const long = `\u001b[2J\u202e${"x".repeat(300)}`;
  const kinds = Object.fromEntries(
    ["steady", "c".repeat(60), long].map((kind) => [
      kind,
      {
        ...(load.clients["short"] ?? assert.fail()),
        requests: 99_999_999,
        latency: { before: { p50: 99999, p95: 99999, p99: 99999, max: 99999 }, during: null, after: null },
      },
    ]),
  );
  const worst = run(
    { sentence: long, load: { ...load, requests: 999_999_999, clients: kinds } },
    planOf(undefined, { application: { namespace: long, name: "x", versionBefore: "v1", versionAfter: "v2" } }),
    [check("converged", "fail", long)],
  );

  test("no line is wider than the terminal, at 80 columns and at 100, whatever the runs hold", () => {
    for (const width of [80, 100]) {
      for (const line of text(run(), worst, { width }).split("\n"))
        assert.ok(line.length <= width, `${width}: ${line}`);
    }
  });

  test("cells of all phases end in one column (defect: `after` is a letter shorter)", () => {
    const figures = { p50: 10, p95: 20, p99: 30, max: 40 };
    const short = load.clients["short"] ?? assert.fail();
    const kind = { ...short, latency: { before: figures, during: figures, after: figures } };
    const both = run({ load: { ...load, clients: { steady: kind, long: kind } } });
    const cells = text(both, both).matchAll(
      /^.*(before|during|after) +10\.0\/20\.0\/30\.0\/40\.0 +10\.0\/20\.0\/30\.0\/40\.0/gm,
    );
    const ends = [...cells].map(([cell]) => cell.length);
    assert.equal(ends.length, 6);
    assert.equal(new Set(ends).size, 1);
  });

  test("text of a recording cannot steer the terminal, and colour adds escapes and nothing else", () => {
    assert.doesNotMatch(text(run(), worst), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    const coloured = text(run(), worst, { colour: true });
    assert.ok(coloured.includes("\u001b[1;31m"));
    assert.equal(coloured.replaceAll(/\u001b\[[\d;]*m/g, ""), text(run(), worst));
  });
});
