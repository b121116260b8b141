import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MIX, planOf } from "../../checks/testing.ts";
import type { Plan } from "../../plan/plan.ts";
import { STRATEGIES } from "../../plan/strategy.ts";
import type { RecordedRun } from "./recorded-run.ts";
import { recordedRun, type Figures } from "./testing/recorded-run.ts";
import { trendsOf, type GroupTrend } from "./trend.ts";

/** The only group of runs with these figures, a minute apart. */
function trendOf(...runs: readonly Figures[]): GroupTrend {
  const [group, ...others] = trendsOf(runs.map((figures, minute) => recordedRun(minute, figures)));
  assert.deepEqual(others, []);
  return group ?? assert.fail();
}

describe("a regression of the latest run", () => {
  test("three alike runs leave it 10 % (defect: a spread of nothing names every run)", () => {
    const alike = [{ during: 100 }, { during: 100 }, { during: 100 }];
    assert.deepEqual(trendOf(...alike, { during: 110 }).regressions, []);
    assert.deepEqual(trendOf(...alike, { during: 110.1 }).regressions, ["p99 during"]);
  });

  test("runs that vary leave it three of their deviations (defect: chance is named)", () => {
    // Median 100, median absolute deviation 20: 3 x 1.4826 x 20 = 88.956.
    const varied = [{ during: 100 }, { during: 120 }, { during: 80 }];
    const within = trendOf(...varied, { during: 188.9 });
    assert.deepEqual(within.regressions, []);
    const during = within.figures.find(({ name }) => name === "p99 during") ?? assert.fail();
    assert.deepEqual([during.median, during.mad, during.earlier], [100, 20, 3]);
    assert.ok(Math.abs((during.limit ?? 0) - 188.956) < 1e-9);
    assert.deepEqual(trendOf(...varied, { during: 189 }).regressions, ["p99 during"]);
  });

  test("one odd run among the earlier ones hides nothing (defect: a mean and a standard deviation)", () => {
    const odd = [{ during: 100 }, { during: 101 }, { during: 5000 }, { during: 99 }, { during: 100 }];
    assert.deepEqual(trendOf(...odd, { during: 200 }).regressions, ["p99 during"]);
  });

  test("worse is a higher p99 before, a longer change and a lower rate; better is none", () => {
    const three = [{}, {}, {}];
    assert.deepEqual(trendOf(...three, { before: 56, change: 45, rate: 89 }).regressions, [
      "rate",
      "p99 before",
      "change",
    ]);
    assert.deepEqual(trendOf(...three, { before: 5, during: 5, change: 4, rate: 500 }).regressions, []);
  });

  test("more requests that failed or hung than ever before are one (defect: 1,409 where there was once 1)", () => {
    const three = [{}, {}, {}];
    for (const figures of [{ failed: 1 }, { hanging: 1 }])
      assert.deepEqual(trendOf(...three, figures).regressions, ["failures"]);
    const known = [...three, { verdict: "known" as const, failed: 2, hanging: 1 }];
    for (const failed of [2, 3]) assert.deepEqual(trendOf(...known, { verdict: "known", failed }).regressions, []);
    const { regressions, failures } = trendOf(...known, { verdict: "known", failed: 4 });
    assert.deepEqual([regressions, failures], [["failures"], { latest: 4, mostEarlier: 3, regressed: true }]);
  });

  test("a run that fails where earlier ones did not is one by itself (defect: a failed version-isolation that no figure tells)", () => {
    const known = { verdict: "known" as const, failed: 9 };
    const failed = { verdict: "fail" as const };
    assert.deepEqual(trendOf({}, {}, known, {}, failed).regressions, ["verdict"]);
    assert.deepEqual(trendOf(known, known, known, failed).regressions, ["verdict"]);
    assert.deepEqual(trendOf({}, {}, known, {}, { ...failed, failed: 68, hanging: 1341 }).regressions, [
      "verdict",
      "failures",
    ]);
    // It stays one until a run passes.
    assert.deepEqual(trendOf({}, failed, failed).regressions, ["verdict"]);
    assert.deepEqual(trendOf({}, {}, {}, failed, {}).regressions, []);
  });

  test("one earlier run that passed is enough for that, but not for any figure (defect: the second run of a plan may fail unseen)", () => {
    const worse = { verdict: "fail" as const, failed: 5, during: 900 };
    const group = trendOf({}, worse);
    assert.deepEqual([group.outcome, group.regressions, group.failures.regressed], ["too few", ["verdict"], false]);
    assert.deepEqual(trendOf({ verdict: "known" }, { verdict: "known" }, worse).regressions, []);
    assert.deepEqual(trendOf(worse, { verdict: "invalid" }, worse).regressions, []);
    assert.deepEqual(trendOf(worse).failures, { latest: 5, mostEarlier: null, regressed: false });
  });

  test("a change without an end is longer than any (defect: what is not known is not worse)", () => {
    assert.deepEqual(trendOf({}, {}, {}, { verdict: "fail", change: null }).regressions, ["verdict", "change"]);
  });

  test("with two earlier runs nothing is told, and only pass and known count as earlier", () => {
    const worse = { during: 900, failed: 5 };
    assert.equal(trendOf({}, {}, worse).outcome, "too few");
    const group = trendOf({}, { verdict: "known" }, { verdict: "fail" }, { verdict: "invalid" }, worse);
    assert.deepEqual([group.earlier, group.outcome, group.regressions], [2, "too few", []]);
    assert.ok(group.figures.every(({ limit, regressed }) => limit === null && !regressed));
    assert.deepEqual(trendOf({}, { verdict: "known" }, { verdict: "fail" }, {}, worse).regressions, [
      "failures",
      "p99 during",
    ]);
  });

  test("one earlier run has no spread (defect: 0.0, as if it were certain)", () => {
    const [rate] = trendOf({}, {}).figures;
    assert.deepEqual([rate?.median, rate?.mad], [100, null]);
  });

  test("an invalid run is held against nothing", () => {
    const group = trendOf({}, {}, {}, { verdict: "invalid", during: 900, rate: null, failed: 3 });
    assert.deepEqual([group.outcome, group.regressions], ["invalid", []]);
  });

  test("earlier is by the plan's time, whatever the order of folders", () => {
    const [group] = trendsOf([recordedRun(4, { during: 900 }), recordedRun(2), recordedRun(1), recordedRun(3)]);
    assert.deepEqual(group?.regressions, ["p99 during"]);
    assert.deepEqual(group.figures[2]?.values, [100, 100, 100, 900]);
  });
});

describe("runs of one plan and environment", () => {
  const groupsWith = (plan: Partial<Plan>, change: (run: RecordedRun) => RecordedRun = (run) => run): number =>
    trendsOf([recordedRun(1), change(recordedRun(2, {}, plan))]).length;
  const load = planOf().load;

  const same: Readonly<Record<string, Partial<Plan>>> = {
    seed: { seed: 99 },
    deadlines: { deadlines: { converged: 1 } },
    namespace: { application: { namespace: "other", name: "y", versionBefore: "a", versionAfter: "b" } },
    "latency budget": { latencyBudget: 3 },
    "required checks": { requiredChecks: ["converged"] },
    "the strategy's name": { strategy: { ...planOf().strategy, name: "25/2/50" } },
    "one pod, said": { load: { ...load, parallelism: 1 } },
    "no budget, said": { budget: { failedRequests: 0, disruptedSeconds: 0 } },
    "the one step of an upgrade, said": { steps: [{ do: "upgrade" }] },
  };
  for (const [what, plan] of Object.entries(same)) {
    test(`${what} makes no other (defect: no run ever has an earlier one)`, () => assert.equal(groupsWith(plan), 1));
  }

  const other: Readonly<Record<string, Partial<Plan>>> = {
    scenario: { scenario: "rollback" },
    steps: { steps: [{ do: "upgrade" }, { do: "rollback" }] },
    budget: { budget: { failedRequests: 10, disruptedSeconds: 0 } },
    application: { application: { ...planOf().application, variant: { deletionDelaySeconds: 0 } } },
    strategy: { strategy: STRATEGIES[0] ?? planOf().strategy },
    rate: { load: { ...load, rate: 101 } },
    "load model": { load: { ...load, model: "closed", rate: null } },
    mix: { load: { ...load, mix: MIX } },
    parallelism: { load: { ...load, parallelism: 2 } },
    grace: { load: { ...load, graceMs: 1 } },
    "warm-up": { load: { ...load, warmUpSeconds: 4 } },
    "k6 outputs": { load: { ...load, outK6: ["cloud"] } },
    clients: { clients: ["long"] },
    profile: { profile: "standard" },
    "Serve ingress": { serveIngress: "proxy" },
    target: { target: "kind" },
    gateway: { gateway: { controller: "other", splitModel: "random" } },
    images: { images: { ray: "mine/ray:1" } },
  };
  for (const [what, plan] of Object.entries(other)) {
    test(`another ${what} makes another (defect: pears among the apples)`, () => assert.equal(groupsWith(plan), 2));
  }

  test("versions and CPUs are those found, in any order of names", () => {
    const with_ = (versions: Record<string, string>, cpus: number | null): number =>
      groupsWith({}, (run) => ({ ...run, result: { ...run.result, environment: { versions, cpus } } }));
    assert.equal(with_({ ray: "2.60.0", kuberay: "1.6.2" }, 2), 1);
    assert.equal(with_({ ray: "2.61.0", kuberay: "1.6.2" }, 2), 2);
    assert.equal(with_({ ray: "2.60.0", kuberay: "1.6.2" }, 4), 2);
  });

  test("the group with the newest run is last", () => {
    const standard = { profile: "standard" as const };
    const groups = trendsOf([
      recordedRun(1),
      recordedRun(2, {}, standard),
      recordedRun(3),
      recordedRun(0, {}, standard),
    ]);
    assert.deepEqual(
      groups.map(({ runs }) => runs.map(({ plan }) => plan.createdAt.slice(11, 16))),
      [
        ["09:00", "09:02"],
        ["09:01", "09:03"],
      ],
    );
  });
});
