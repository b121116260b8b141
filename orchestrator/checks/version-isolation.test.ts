import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf } from "../history/histogram.ts";
import type { Step } from "../plan/steps.ts";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  OLD,
  planOf,
  START_MS,
  steadyLoad,
  StoryWriter,
  THIRD,
  type Story,
} from "./testing.ts";
import { ownPlan, SERVICE, withoutClusters } from "./testing/own-service-story.ts";
import { halfMoved, rollback } from "./testing/rollback-story.ts";
import { inPlace, inPlacePlan, steady } from "./testing/staying-stories.ts";
import { cancelled, cancelledPlan, stepsPlan, third } from "./testing/turned-stories.ts";

const finding = (story: Story) => findingOf("version-isolation", story);

test("each side answering with its own version passes", () => {
  const { verdict, figures } = finding(aggressiveUpgrade().finish());
  assert.equal(verdict, "pass");
  assert.deepEqual(figures["clusters"], [
    { cluster: OLD, createdFor: "v1", answers: { v1: 3760 } },
    { cluster: NEW, createdFor: "v2", answers: { v2: 4040 } },
  ]);
});

test("one answer with the new version by the old side fails: an operator restarted under way does that", () => {
  const { verdict, message, violations } = finding(
    aggressiveUpgrade()
      .answered(START_MS + 36_500, OLD, "v2", 1)
      .finish(),
  );
  assert.equal(verdict, "fail");
  assert.equal(message, `${OLD} was created for v1 and answered 1 request with v2.`);
  assert.deepEqual(
    violations.map(({ atMs, cause }) => [atMs, cause]),
    [[START_MS + 36_500, "stray-version"]],
  );
});

test("the old version by the new side fails, in a failed request's answer too", () => {
  assert.equal(
    finding(
      aggressiveUpgrade()
        .answered(START_MS + 50_000, NEW, "v1", 1)
        .finish(),
    ).verdict,
    "fail",
  );
  assert.equal(finding(aggressiveUpgrade().at(50).failed({ cluster: NEW, version: "v1" }).finish()).verdict, "fail");
});

test("no stray answer in a ledger that is cut short proves nothing, a stray one still does", () => {
  const whole = aggressiveUpgrade().finish();
  assert.equal(finding({ ...whole, ledger: whole.ledger.slice(0, -1) }).verdict, "invalid");
  const stray = aggressiveUpgrade()
    .answered(START_MS + 36_500, OLD, "v2", 1)
    .finish();
  assert.equal(finding({ ...stray, ledger: stray.ledger.slice(0, -1) }).verdict, "fail");
});

test("without an upgrade, or an answer, no RayCluster has a version of its own", () => {
  assert.equal(finding(steadyLoad(planOf()).finish()).verdict, "invalid");
  const silent = aggressiveUpgrade().finish();
  assert.equal(
    finding({ ...silent, ledger: silent.ledger.filter(({ type }) => type !== "answered") }).verdict,
    "invalid",
  );
});

const ms = (second: number): number => START_MS + second * 1000;
const said = (story: Story): [verdict: string, message: string] => {
  const { verdict, message } = finding(story);
  return [verdict, message];
};
/** A story with one more answer by a RayCluster with a version, to a request that started at a second. */
const and = (story: StoryWriter, second: number, cluster: string, version: string): Story =>
  story.answered(ms(second), cluster, version, 1).finish();
/** A story with a request that failed at a second, so many ms after its start, and was answered so. */
const failing = (story: StoryWriter, second: number, durationMs: number, cluster: string, version: string): Story =>
  story.failed({ startMs: ms(second), durationMs, cluster, version }).finish();
const stray = (cluster: string, createdFor: string, version: string, count = 1): [string, string] => {
  const requests = count === 1 ? "1 request" : `${String(count)} requests`;
  return ["fail", `${cluster} was created for ${createdFor} and answered ${requests} with ${version}.`];
};

test("a pass says how many answers gave their RayCluster's version, and figures tell of each in the order of names", () => {
  const early = and(aggressiveUpgrade(), 0.5, NEW, "v2");
  const { verdict, message, figures } = finding(early);
  assert.deepEqual(
    [verdict, message],
    ["pass", "Each RayCluster gave only the version it was created for, in 7,801 answers."],
  );
  assert.deepEqual(figures, {
    clusters: [
      { cluster: OLD, createdFor: "v1", answers: { v1: 3760 } },
      { cluster: NEW, createdFor: "v2", answers: { v2: 4041 } },
    ],
  });
});

test("a stray answer is told with its RayCluster, version, number and time, the first one in words", () => {
  const { message, violations, figures } = finding(
    aggressiveUpgrade().answered(ms(36.5), OLD, "v2", 2).answered(ms(36), NEW, "v1", 3).finish(),
  );
  assert.equal(message, "app-fghij was created for v2 and answered 3 requests with v1.");
  assert.deepEqual(violations, [
    { atMs: ms(36), cause: "stray-version", facts: { cluster: NEW, version: "v1", createdFor: "v2", count: 3 } },
    { atMs: ms(36.5), cause: "stray-version", facts: { cluster: OLD, version: "v2", createdFor: "v1", count: 2 } },
  ]);
  assert.deepEqual(figures, {
    clusters: [
      { cluster: OLD, createdFor: "v1", answers: { v1: 3760, v2: 2 } },
      { cluster: NEW, createdFor: "v2", answers: { v1: 3, v2: 4040 } },
    ],
    violations: 2,
  });
});

test("without an upgrade, or an answer, it says so", () => {
  assert.deepEqual(said(new StoryWriter(planOf()).finish()), [
    "invalid",
    "No upgrade was seen, so no RayCluster has a version of its own.",
  ]);
  const { ledger, ...silent } = aggressiveUpgrade().finish();
  assert.deepEqual(said({ ...silent, ledger: ledger.filter(({ type }) => type !== "answered") }), [
    "invalid",
    "No answer says which RayCluster and version gave it.",
  ]);
});

test("the old side's own version is never late, however long it answers", () => {
  assert.equal(finding(and(aggressiveUpgrade(), 60, OLD, "v1")).verdict, "pass");
});

test("a change that is taken back lets the new side answer with the version before, once that was asked for", () => {
  const { verdict, message, figures } = finding(rollback().finish());
  assert.deepEqual(
    [verdict, message],
    [
      "pass",
      "Each RayCluster gave only the version it was created for, in 6,055 answers; app-fghij also answered 145 requests with v1 once the spec was that again.",
    ],
  );
  assert.deepEqual(figures, {
    clusters: [
      { cluster: OLD, createdFor: "v1", answers: { v1: 5965 } },
      { cluster: NEW, createdFor: "v2", answers: { v2: 90 } },
    ],
    takenBack: { version: "v1", cluster: NEW, count: 145, firstMs: ms(36.8) },
  });
  const { ledger, ...story } = rollback().finish();
  const own = ledger.filter((line) => line.type !== "answered" || line.cluster === OLD || line.version === "v2");
  const kept = finding({ ...story, ledger: own.map((line, index) => ({ ...line, seq: index + 1 })) });
  assert.deepEqual([kept.verdict, kept.figures["takenBack"]], ["pass", null]);
  assert.equal(kept.message, "Each RayCluster gave only the version it was created for, in 6,055 answers.");
});

test("a version that no goal asked for is stray, and the old side may not give the new one after a turn either", () => {
  assert.deepEqual(said(and(rollback(), 38, NEW, "v9")), stray(NEW, "v2", "v9"));
  assert.deepEqual(said(and(rollback(), 38, OLD, "v2")), stray(OLD, "v1", "v2"));
  assert.deepEqual(said(and(rollback(), 38, "app-ghost", "v1")), stray("app-ghost", "v2", "v1"));
});

test("the version of a goal that was set under way counts from the patch on, and after a rollback for ever", () => {
  // Patched at second 36.5; 0.25 s for the clocks, and 0.1 s for the row.
  assert.equal(finding(failing(rollback(), 36.1, 50, NEW, "v1")).verdict, "pass");
  assert.deepEqual(said(failing(rollback(), 36.1, 49, NEW, "v1")), stray(NEW, "v2", "v1", 0));
  assert.equal(finding(and(rollback(), 45, NEW, "v1")).verdict, "pass");
});

test("of a change that is cancelled the pending side may go on with the version before until its traffic went up twice", () => {
  const { verdict, message, figures } = finding(cancelled().finish());
  assert.deepEqual(
    [verdict, message],
    [
      "pass",
      "Each RayCluster gave only the version it was created for, in 8,100 answers; app-fghij also answered 100 requests with v1 once the spec asked for that.",
    ],
  );
  assert.deepEqual(figures["changedInPlace"], [{ version: "v1", cluster: NEW, count: 100, firstMs: ms(36.8) }]);
  // Its traffic went up at seconds 40.9 and 45.3, in between only its capacity; 0.6 s for the gateway, and 0.25 s for the clocks.
  assert.equal(finding(failing(cancelled(), 46.15, 5, NEW, "v1")).verdict, "pass");
  assert.deepEqual(said(failing(cancelled(), 46.151, 5, NEW, "v1")), stray(NEW, "v2", "v1", 0));
});

test("the move that was under way when the goal was set again is not one of these (defect: an answer that the turn explains is called stray)", () => {
  // Taken back and set again within a tenth of a second, right after a move to half of the traffic: the operator took up neither.
  const story = halfMoved(cancelledPlan())
    .at(36.4)
    .action("rollback", { after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 50 })
    .at(36.45)
    .action("change", { goal: "after", after: { generation: 4 }, pendingCluster: NEW, pendingTraffic: 50 })
    .at(41)
    .status("50,25|100,75", { stamp: 41, generation: 4 })
    .at(43.5)
    .status("50,0|100,100", { stamp: 43, generation: 4 })
    .ends(49.1, 50, 51)
    .served(1, 36, 0);
  assert.equal(finding(and(story, 44, NEW, "v1")).verdict, "pass");
  assert.deepEqual(said(and(story, 44.5, NEW, "v1")), stray(NEW, "v2", "v1"));
});

test("a third version is given to the side that was pending when it was asked for, until the one made for it is promoted", () => {
  const { verdict, message, figures } = finding(third().finish());
  assert.deepEqual(
    [verdict, message],
    [
      "pass",
      "Each RayCluster gave only the version it was created for, in 10,855 answers; app-fghij also answered 145 requests with v3 once the spec asked for that.",
    ],
  );
  assert.deepEqual(figures, {
    clusters: [
      { cluster: OLD, createdFor: "v1", answers: { v1: 6817 } },
      { cluster: NEW, createdFor: "v2", answers: { v2: 90 } },
      { cluster: THIRD, createdFor: "v3", answers: { v3: 3948 } },
    ],
    changedInPlace: [{ version: "v3", cluster: NEW, count: 145, firstMs: ms(36.8) }],
  });
  assert.deepEqual(said(and(third(), 70, THIRD, "v2")), stray(THIRD, "v3", "v2"));
  // Promoted at second 78.
  assert.equal(finding(failing(third(), 78.85, 5, NEW, "v3")).verdict, "pass");
  assert.deepEqual(said(failing(third(), 78.851, 5, NEW, "v3")), stray(NEW, "v2", "v3", 0));
});

/** A plan of these steps whose application has a third version. */
const withThird = (steps: readonly Step[]) =>
  stepsPlan("three-versions", steps, { application: { ...planOf().application, versionThird: "v3" } });

test("a third version that was asked for and then taken back was given to the side that was pending (defect: the last goals decide who got an earlier one)", () => {
  const plan = withThird([
    { do: "upgrade" },
    { do: "third", when: { traffic: [30, 70] } },
    { do: "rollback", when: { seconds: 1 } },
  ]);
  const story = halfMoved(plan)
    .at(36.6)
    .action("change", { goal: "third", after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 50 })
    .at(37.6)
    .action("rollback", { after: { generation: 4 }, pendingCluster: NEW, pendingTraffic: 50 })
    .at(43)
    .status("100,100|-", { generation: 4 })
    .ends(49.1, 50, 51)
    .served(1, 36, 0);
  assert.deepEqual(said(and(story, 38, NEW, "v3")), [
    "pass",
    "Each RayCluster gave only the version it was created for, in 3,500 answers; app-fghij also answered 1 request with v3 once the spec was that again.",
  ]);
});

test("a RayCluster that nobody asked for is held against the goal that was set", () => {
  const story = () =>
    halfMoved(withThird([{ do: "third" }]))
      .ends(49.1, 50, 51)
      .served(1, 36, 0);
  assert.equal(finding(and(story(), 38, "app-ghost", "v3")).verdict, "pass");
  assert.deepEqual(said(and(story(), 38, "app-ghost", "v2")), stray("app-ghost", "v3", "v2"));
});

/** Taken back at half of the traffic, and a moment later set to a third version. */
const backThenThird = () =>
  third(
    withThird([
      { do: "upgrade" },
      { do: "rollback", when: { traffic: [30, 70] } },
      { do: "third", when: { seconds: 1 } },
    ]),
  )
    .at(36.55)
    .action("rollback", { after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 50 });

test("another RayCluster's traffic does not tell that the one that was given up is on its own goal again", () => {
  assert.equal(finding(and(backThenThird(), 71, NEW, "v1")).verdict, "pass");
});

test("every version that a RayCluster was given under way is told, one after the other", () => {
  assert.deepEqual(said(and(backThenThird(), 71, NEW, "v1")), [
    "pass",
    "Each RayCluster gave only the version it was created for, in 10,855 answers; app-fghij also answered 145 requests with v3 once the spec asked for that; app-fghij also answered 1 request with v1 once the spec asked for that.",
  ]);
});

test("a goal that was given to the RayCluster before is none of the next one's (defect: what was asked of one explains what another answers)", () => {
  assert.deepEqual(said(and(backThenThird(), 71, THIRD, "v1")), stray(THIRD, "v3", "v1"));
});

test("a change in place gives each version while the spec asks for it", () => {
  const { verdict, message, figures } = finding(inPlace().finish());
  assert.deepEqual(
    [verdict, message],
    ["pass", "Each version was given while the spec asked for it, in 1,400 answers."],
  );
  assert.deepEqual(figures, {
    clusters: [{ cluster: OLD, createdFor: "v1", answers: { v1: 955 } }],
    changedInPlace: [{ version: "v2", cluster: OLD, count: 445, firstMs: ms(10.3) }],
  });
});

test("the new version of a change in place counts from its patch on, and the old one until it was complete", () => {
  // Patched at second 10, complete at second 12.
  assert.equal(finding(failing(inPlace(), 9.6, 50, OLD, "v2")).verdict, "pass");
  assert.deepEqual(said(failing(inPlace(), 9.6, 49, OLD, "v2")), stray(OLD, "v1", "v2", 0));
  assert.equal(finding(failing(inPlace(), 12.85, 5, OLD, "v1")).verdict, "pass");
  const { verdict, message, violations } = finding(inPlace().answered(ms(12.9), OLD, "v1", 2).finish());
  assert.deepEqual(
    [verdict, message],
    ["fail", "app-abcde answered 2 requests with v1 after every replica of it was on v2."],
  );
  assert.deepEqual(violations, [
    { atMs: ms(12.9), cause: "stray-version", facts: { cluster: OLD, version: "v1", createdFor: "v2", count: 2 } },
  ]);
  assert.deepEqual(said(failing(inPlace(), 12.851, 5, OLD, "v1")), [
    "fail",
    "app-abcde answered 0 requests with v1 after every replica of it was on v2.",
  ]);
});

test("a row of answers ends with its fastest one, who may have waited long (defect: an answer that the change in place explains is called stray)", () => {
  // Patched at second 10, less 0.25 s for the clocks; the row's bin adds 0.1 s.
  const answering = (second: number, latencyMs: number): Story => {
    const story = inPlace();
    const row = { binMs: ms(second), client: "short", cluster: OLD, version: "v2", connection: "reused" } as const;
    story.rows.push({ type: "answered", ...row, count: 3, latency: { [bucketOf(latencyMs)]: 1, [bucketOf(900)]: 2 } });
    return story.finish();
  };
  assert.equal(finding(answering(9.4, 300)).verdict, "pass");
  assert.deepEqual(said(answering(9.3, 300)), stray(OLD, "v1", "v2", 3));
  assert.equal(finding(answering(9.7, 12)).verdict, "pass");
  assert.deepEqual(said(answering(9.6, 12)), stray(OLD, "v1", "v2", 3));
});

test("of a change in place a version that nobody asked for is stray at any time, and told where it came first", () => {
  const both = inPlace().answered(ms(11), OLD, "v3", 1).answered(ms(14), OLD, "v1", 1).finish();
  assert.deepEqual(said(both), stray(OLD, "v1", "v3"));
  assert.deepEqual(
    finding(both).violations.map(({ atMs }) => atMs),
    [ms(11), ms(14)],
  );
});

test("a RayCluster beside the one of a change in place is held against the version after, whatever others the plan names", () => {
  const plan = inPlacePlan({ application: { ...planOf().application, versionThird: "v3" } });
  const { verdict, figures } = finding(and(inPlace(plan), 11, "app-ghost", "v2"));
  assert.equal(verdict, "pass");
  assert.deepEqual((figures["clusters"] as unknown[])[1], {
    cluster: "app-ghost",
    createdFor: "v2",
    answers: { v2: 1 },
  });
  assert.deepEqual(said(and(inPlace(plan), 14, "app-ghost", "v1")), stray("app-ghost", "v2", "v1"));
});

test("where nothing is changed there is one version", () => {
  assert.deepEqual(said(steady().finish()), [
    "pass",
    "Each RayCluster gave only the version it was created for, in 2,200 answers.",
  ]);
  assert.deepEqual(Object.keys(finding(steady().finish()).figures), ["clusters"]);
  assert.deepEqual(said(and(steady(), 12, OLD, "v2")), stray(OLD, "v1", "v2"));
});

test("each version that was given in place is told, and a goal counts only for the RayCluster that was pending by then", () => {
  const plan = withThird([
    { do: "upgrade" },
    { do: "rollback", when: { traffic: [30, 70] } },
    { do: "third", when: { seconds: 1 } },
  ]);
  const story = () =>
    third(plan)
      .at(36.55)
      .action("rollback", { after: { generation: 3 }, pendingCluster: NEW, pendingTraffic: 50 });
  assert.deepEqual(said(and(story(), 38, NEW, "v1")), [
    "pass",
    "Each RayCluster gave only the version it was created for, in 10,855 answers; app-fghij also answered 145 requests with v3 once the spec asked for that; app-fghij also answered 1 request with v1 once the spec asked for that.",
  ]);
  assert.deepEqual(said(and(story(), 70, THIRD, "v1")), stray(THIRD, "v3", "v1"));
});

test("answers of a row that began before the patch may have ended after it, by what the fastest of them took", () => {
  const taking = (latencyMs: number): Story => {
    const story = and(inPlace(), 9.6, OLD, "v2");
    const ledger = story.ledger.map((line) =>
      line.type === "answered" && line.binMs === ms(9.6) && line.version === "v2"
        ? { ...line, latency: { [bucketOf(latencyMs)]: 1 } }
        : line,
    );
    return { ...story, ledger };
  };
  // Patched at second 10; 0.25 s for the clocks, and 0.1 s for the row.
  assert.equal(finding(taking(50)).verdict, "pass");
  assert.deepEqual(said(taking(48)), stray(OLD, "v1", "v2"));
});

test("where answers tell their version alone, each version that none was created for is told, in the order of time", () => {
  const story = aggressiveUpgrade(ownPlan())
    .answered(ms(60), NEW, "v9", 3)
    .answered(ms(50), OLD, "v8", 1)
    // A third version that the plan does not name is nobody's either.
    .answered(ms(55), NEW, "v3", 2)
    .finish();
  const { verdict, message, figures, violations } = finding(withoutClusters(story));
  assert.deepEqual(
    [verdict, message],
    ["fail", "1 request got an answer with v8, for which no RayCluster was created."],
  );
  const strays = [
    { version: "v8", count: 1 },
    { version: "v3", count: 2 },
    { version: "v9", count: 3 },
  ];
  assert.deepEqual(figures["strays"], strays);
  assert.deepEqual(
    violations.map(({ atMs, cause, facts }) => [atMs, cause, facts]),
    [50, 55, 60].map((second, index) => [ms(second), "stray-version", strays[index]]),
  );
});

test("where answers tell their version alone, the first stray one is the one that started first, in whatever order rows are told", () => {
  const { ledger, ...rest } = withoutClusters(
    aggressiveUpgrade(ownPlan()).answered(ms(50), OLD, "v8", 1).answered(ms(60), NEW, "v9", 3).finish(),
  );
  const isStray = (line: (typeof ledger)[number]): boolean =>
    line.type === "answered" && ["v8", "v9"].includes(line.version);
  const others = ledger.filter((line) => !isStray(line));
  const told = [...others.slice(0, -1), ...ledger.filter(isStray).toReversed(), ...others.slice(-1)];
  const { violations } = finding({ ...rest, ledger: told.map((line, index) => ({ ...line, seq: index + 1 })) });
  assert.deepEqual(
    violations.map(({ atMs }) => atMs),
    [ms(50), ms(60)],
  );
});

test("where answers tell their version alone, all versions of the plan are somebody's, of a change in place too", () => {
  const application = { ...planOf().application, versionThird: "v3" };
  const nothing = [
    "not-applicable",
    "Answers do not tell their RayCluster, so that none of them can be seen to give another one's version.",
  ];
  const own = ownPlan({ application });
  assert.deepEqual(said(withoutClusters(and(aggressiveUpgrade(own), 50, NEW, "v3"))), nothing);
  assert.deepEqual(finding(withoutClusters(aggressiveUpgrade(own).finish())).figures, {});
  assert.deepEqual(said(withoutClusters(steadyLoad(own).finish())), nothing);
  const staying = inPlacePlan({ service: SERVICE });
  for (const second of [9.9, 11, 14]) {
    assert.deepEqual(said(withoutClusters(and(inPlace(staying), second, OLD, "v1"))), nothing);
    assert.deepEqual(said(withoutClusters(and(inPlace(staying), second, OLD, "v9"))), [
      "fail",
      "1 request got an answer with v9, for which no RayCluster was created.",
    ]);
  }
});
