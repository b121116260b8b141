import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import {
  aggressiveUpgrade,
  findingOf,
  mixedPlan,
  NEW,
  OLD,
  START_MS,
  THIRD,
  withObservations,
  withoutAction,
  type Story,
  type StoryWriter,
} from "./testing.ts";
import { rollback, rollbackPlan, takenBack } from "./testing/rollback-story.ts";
import { inPlace, steady, undeployable } from "./testing/staying-stories.ts";
import { third } from "./testing/turned-stories.ts";

const finding = (story: Story) => findingOf("version-cutover", story);
/** The upgrade with one more answer, by a side, to a request that started at a second. */
const answering = (second: number, cluster: string): Story =>
  aggressiveUpgrade()
    .answered(START_MS + second * 1000, cluster, cluster === OLD ? "v1" : "v2", 1)
    .finish();

test("sides that answer while they have weight pass, with their distance from the route's moves", () => {
  const { verdict, figures } = finding(aggressiveUpgrade().finish());
  assert.equal(verdict, "pass");
  // The new side's first request started at its weight's move (second 34), the old side's last one 100 ms before its own was gone (43.4).
  assert.deepEqual([figures["newAnsweredAfterWeightMs"], figures["oldAnsweredAfterWeightGoneMs"]], [112, 0]);
});

test("an answer by the new side a second before it had weight fails, one that the watch may have been late for does not", () => {
  const { verdict, message } = finding(answering(33, NEW));
  assert.equal(verdict, "fail");
  assert.match(message, /^The new side answered on a kept connection 1\.0 s before it got weight\.$/);
  // 0.6 s for the watch, 0.25 s for the clock, and the row's own 0.1 s.
  assert.equal(finding(answering(33.3, NEW)).verdict, "pass");
});

test("an answer by the old side to a request that started a second after its weight was gone fails", () => {
  const { verdict, message } = finding(answering(44.4, OLD));
  assert.equal(verdict, "fail");
  assert.match(
    message,
    /The old side answered on a kept connection a request that started 1\.0 s after its last weight was gone\.$/,
  );
  assert.equal(finding(answering(44.2, OLD)).verdict, "pass");
});

test("a route that an interrupted watch told late proves nothing", () => {
  const late = withObservations(aggressiveUpgrade().at(36).gap("HTTPRoute", "resumed", 33.5).finish(), (line) =>
    line.type === "object" && line.kind === "HTTPRoute" && line.monoMs === 34_000
      ? { ...line, monoMs: 36_100, wallMs: line.wallMs + 2100 }
      : line,
  );
  const observations = late.observations.toSorted((a, b) => a.monoMs - b.monoMs);
  const { verdict, message } = finding({ ...late, observations });
  assert.equal(verdict, "invalid");
  assert.match(message, /the watch of HTTPRoute was interrupted and told late what happened meanwhile/);
  // The same without the interruption is witnessed.
  assert.equal(finding({ ...late, observations: observations.filter(({ type }) => type !== "gap") }).verdict, "fail");
});

test("weight that came back is not gone", () => {
  const story = aggressiveUpgrade()
    .at(50)
    .route({ [OLD]: 25, [NEW]: 75 })
    .at(60)
    .route({ [NEW]: 100 });
  assert.equal(finding(story.answered(START_MS + 59_000, OLD, "v1", 1).finish()).verdict, "pass");
});

test("without the route's moves, or in a ledger that is cut short, there is nothing to prove", () => {
  const story = aggressiveUpgrade().finish();
  const blind = withObservations(story, (line) => ("kind" in line && line.kind === "HTTPRoute" ? undefined : line));
  assert.equal(finding(blind).verdict, "invalid");
  const kept = withObservations(story, (line) =>
    "kind" in line && line.kind === "HTTPRoute" && line.monoMs > 43_000 ? undefined : line,
  );
  assert.match(finding(kept).message, /never seen to lose its last weight/);
  assert.equal(finding({ ...story, ledger: story.ledger.slice(0, -1) }).verdict, "invalid");
});

test("a new side that answered nothing never took over", () => {
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.map((line) => (line.type === "answered" ? { ...line, cluster: OLD } : line));
  // The old side then answers after its weight, which is witnessed.
  assert.equal(finding({ ...story, ledger }).verdict, "fail");
});

/** The upgrade under several kinds of clients, with one more answer to a client that asks anew. */
function answeringFresh(second: number, cluster: string, client = "fresh", latencyMs = 12): Story {
  const story = aggressiveUpgrade(mixedPlan());
  const version = cluster === OLD ? "v1" : "v2";
  const who = { client, cluster, version, connection: "new", count: 1 } as const;
  story.rows.push({ type: "answered", binMs: START_MS + second * 1000, ...who, latency: { [bucketOf(latencyMs)]: 1 } });
  return story.finish();
}

test("new and kept connections are judged apart, and told apart", () => {
  // Would catch: a kept connection that stays with the old side hidden behind the many new ones, or the reverse.
  const good = finding(aggressiveUpgrade(mixedPlan()).finish());
  assert.equal(good.verdict, "pass");
  const connections = (story: Story) => finding(story).figures["connections"] as Record<string, Record<string, number>>;
  const { new: fresh, reused } = connections(answeringFresh(44.4, OLD));
  assert.equal(fresh?.["oldAnsweredAfterWeightGoneMs"], 1100);
  assert.ok((reused?.["oldAnsweredAfterWeightGoneMs"] ?? 0) <= 0);
  const { verdict, message, violations } = finding(answeringFresh(44.4, OLD));
  assert.equal(verdict, "fail");
  assert.match(message, /^The old side answered on a new connection a request that started 1\.0 s after/);
  assert.equal(violations[0]?.facts["connection"], "new");
});

test("what an answer takes by design does not hide that the new side had the request too early", () => {
  // Would catch: a request held for six seconds, sent to the new side five seconds before its weight.
  assert.equal(finding(answeringFresh(29, NEW, "long", 6012)).verdict, "fail");
  assert.equal(finding(answeringFresh(33.9, NEW, "long", 6012)).verdict, "pass");
});

const there = [NEW, "v2"] as const;
const back = [OLD, "v1"] as const;
const sessions = (tell: (story: StoryWriter) => StoryWriter): Story => tell(aggressiveUpgrade(mixedPlan())).finish();

test("a session may go to and fro while both sides have weight, and go forward at the end", () => {
  const { verdict, figures, message } = finding(
    sessions((story) => story.at(35).session(back, there).at(36).session(there, back).at(44).session(back, there)),
  );
  assert.equal(verdict, "pass");
  assert.deepEqual(figures["sessions"], { changed: 1, forward: 2, backBefore: 1, backAfter: 0 });
  assert.match(message, /of 2 moves of sessions to it none was undone after that\.$/);
});

test("a session that goes back once the old side's weight is gone fails", () => {
  // Would catch: a client that saw the new version and then the old one again.
  const { verdict, message, violations } = finding(sessions((story) => story.at(45).session(there, back)));
  assert.equal(verdict, "fail");
  assert.deepEqual([violations[0]?.cause, violations[0]?.facts["session"]], ["session-went-back", 3]);
  assert.match(message, /^Session 3 went back to v1 on app-abcde by a request that started 1\.6 s after/);
  // The gateway has 0.6 s, and the clocks 0.25 s.
  assert.equal(finding(sessions((story) => story.at(44.2).session(there, back))).verdict, "pass");
  // The old version from the new side is the old version.
  assert.equal(finding(sessions((story) => story.at(45).session(there, [NEW, "v1"]))).verdict, "fail");
});

type Answered = Extract<LedgerLine, { type: "answered" }>;

const ms = (second: number): number => START_MS + second * 1000;
const said = (story: Story): [verdict: string, message: string] => {
  const { verdict, message } = finding(story);
  return [verdict, message];
};
/** A story with one more answer by a RayCluster to a request that started at a second, at once where nothing else is said. */
function and(story: StoryWriter, second: number, cluster: string, changes: Partial<Answered> = {}): Story {
  const row = { client: "short", cluster, version: "v1", connection: "reused", count: 1, latency: {} } as const;
  story.rows.push({ type: "answered", binMs: ms(second), ...row, ...changes });
  return story.finish();
}
/** A story with some of its answers alone, its ledger's lines numbered anew. */
function keeping(story: Story, isKept: (answer: Answered) => boolean): Story {
  const ledger = story.ledger.filter((line) => line.type !== "answered" || isKept(line));
  return { ...story, ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })) };
}
/** A story whose route was seen at some of its moments alone. */
const routeSeen = (story: Story, isSeen: (second: number) => boolean): Story =>
  withObservations(story, (line) =>
    line.type === "object" && line.kind === "HTTPRoute" && !isSeen(line.monoMs / 1000) ? undefined : line,
  );
/** A story whose HTTPRoute never gave the new side any weight. */
const unweighed = (story: Story): Story => routeSeen(story, (second) => second < 30);

const PASSED = (seconds: number): string =>
  `The new side answered nothing before it had weight, and the old side answered its last request within ${seconds.toFixed(1)} s of losing its weight.`;
const NO_SESSIONS = { changed: 0, forward: 0, backBefore: 0, backAfter: 0 };
const BOUNDS = { convergenceBoundMs: 850, leadBoundMs: 850 };

test("a pass says how far from the route's moves both sides answered, in words and in figures", () => {
  const { verdict, message, figures } = finding(aggressiveUpgrade().finish());
  const distances = { newAnsweredAfterWeightMs: 112, oldAnsweredAfterWeightGoneMs: 0 };
  assert.deepEqual([verdict, message], ["pass", PASSED(0)]);
  assert.deepEqual(figures, { ...distances, connections: { reused: distances }, sessions: NO_SESSIONS, ...BOUNDS });
});

test("the old side's last answer is told from the end of its row, and one before its weight was gone as none after it", () => {
  assert.deepEqual(said(answering(44.2, OLD)), ["pass", PASSED(0.9)]);
  const early = keeping(aggressiveUpgrade().finish(), ({ cluster, binMs }) => cluster === NEW || binMs < ms(42));
  assert.deepEqual(said(early), ["pass", PASSED(0)]);
  assert.equal(finding(early).figures["oldAnsweredAfterWeightGoneMs"], -1400);
  const silent = keeping(aggressiveUpgrade().finish(), ({ cluster }) => cluster === NEW);
  assert.deepEqual(said(silent), [
    "pass",
    "The new side answered nothing before it had weight, and the old side answered nothing.",
  ]);
  assert.equal(finding(silent).figures["oldAnsweredAfterWeightGoneMs"], null);
});

test("a new side that answered nothing is nothing to judge, nor is a ledger without a line", () => {
  const story = aggressiveUpgrade().finish();
  const silent = finding(keeping(story, ({ cluster }) => cluster === OLD));
  assert.deepEqual([silent.verdict, silent.message], ["invalid", "The new side answered nothing."]);
  const distances = { newAnsweredAfterWeightMs: null, oldAnsweredAfterWeightGoneMs: 0 };
  assert.deepEqual(silent.figures["connections"], { reused: distances });
  assert.equal(silent.figures["newAnsweredAfterWeightMs"], null);
  assert.deepEqual(said({ ...story, ledger: [] }), ["invalid", "The new side answered nothing."]);
});

test("in whatever order rows come, the first and the last answer are the same", () => {
  const { ledger, ...story } = aggressiveUpgrade().finish();
  const { figures } = finding({ ...story, ledger: ledger.toReversed() });
  assert.deepEqual(figures, finding({ ...story, ledger }).figures);
});

test("figures by kind of connection are in the order of names, and only of the sides of the change", () => {
  const story = aggressiveUpgrade();
  const unknown = { connection: "unknown", version: "v2" } as const;
  and(story, 60, NEW, unknown);
  and(story, 20, OLD, { connection: "new" });
  and(story, 36, "app-ghost", { connection: "new" });
  story.at(36).failed({ cluster: NEW, version: "v2", connection: "new" });
  const { figures } = finding(story.finish());
  const connections = figures["connections"] as Record<string, unknown>;
  assert.deepEqual(Object.entries(connections), [
    ["new", { newAnsweredAfterWeightMs: null, oldAnsweredAfterWeightGoneMs: -23_300 }],
    ["reused", { newAnsweredAfterWeightMs: 112, oldAnsweredAfterWeightGoneMs: 0 }],
    ["unknown", { newAnsweredAfterWeightMs: 26_100, oldAnsweredAfterWeightGoneMs: null }],
  ]);
  assert.deepEqual([figures["newAnsweredAfterWeightMs"], figures["oldAnsweredAfterWeightGoneMs"]], [112, 0]);
  // A connection on which neither side answered is no matter of the change.
  const ghost = finding(and(aggressiveUpgrade(), 36, "app-ghost", { connection: "new" }));
  assert.deepEqual(Object.keys(ghost.figures["connections"] as object), ["reused"]);
});

test("each violation tells who answered what, when, and by which move of the route it is one", () => {
  const who = { client: "short", connection: "reused", count: 1 };
  const session = { fromCluster: NEW, fromVersion: "v2", cluster: OLD, version: "v1" };
  const told = [
    [answering(33, NEW), 33, "new-before-weight", { ...who, weightAtMs: ms(34) }],
    [answering(44.4, OLD), 44.4, "old-after-weight", { ...who, weightGoneMs: ms(43.4) }],
    [and(rollback(), 42, NEW), 42, "new-after-weight", { ...who, weightGoneMs: ms(40.8) }],
    [and(third(), 33, NEW), 33, "passing-before-weight", { ...who, cluster: NEW, weightAtMs: ms(34) }],
    [and(third(), 42, NEW), 42, "passing-after-weight", { ...who, cluster: NEW, weightGoneMs: ms(40.8) }],
    [
      sessions((story) => story.at(45).session(there, back)),
      45,
      "session-went-back",
      { client: "session", session: 3, ...session, weightGoneMs: ms(43.4) },
    ],
  ] as const;
  for (const [story, second, cause, facts] of told) {
    const { verdict, violations, figures } = finding(story);
    assert.deepEqual([verdict, figures["violations"]], ["fail", 1], cause);
    assert.deepEqual(violations, [{ atMs: ms(second), cause, facts }]);
  }
});

test("each violation has its sentence, and a connection that is not known is not named", () => {
  const sentences: readonly (readonly [Story, string])[] = [
    [
      and(aggressiveUpgrade(), 33, NEW, { connection: "new" }),
      "The new side answered on a new connection 1.0 s before it got weight.",
    ],
    [and(aggressiveUpgrade(), 33, NEW, { connection: "unknown" }), "The new side answered 1.0 s before it got weight."],
    [
      and(aggressiveUpgrade(), 44.4, OLD, { connection: "unknown" }),
      "The old side answered a request that started 1.0 s after its last weight was gone.",
    ],
    [
      and(rollback(), 42, NEW),
      "The new side answered on a kept connection a request that started 1.2 s after its last weight was gone.",
    ],
    [and(third(), 33, NEW), "app-fghij answered on a kept connection 1.0 s before it got weight."],
    [
      and(third(), 42, NEW),
      "app-fghij answered on a kept connection a request that started 1.2 s after its last weight was gone.",
    ],
    [
      sessions((story) => story.at(45).session(there, back)),
      "Session 3 went back to v1 on app-abcde by a request that started 1.6 s after the old side's last weight was gone.",
    ],
    [
      rollback().at(42).session(back, there).finish(),
      "Session 3 went back to v2 on app-fghij by a request that started 1.2 s after the new side's last weight was gone.",
    ],
  ];
  for (const [story, message] of sentences) assert.deepEqual(said(story), ["fail", message]);
});

test("how long before its weight and after it a side may answer is exact", () => {
  const story = aggressiveUpgrade;
  for (const [told, verdict] of [
    // A row ends 0.1 s after it began; 0.6 s for the watch, 0.25 s for the clock.
    [and(story(), 33.05, NEW), "pass"],
    [and(story(), 33.049, NEW), "fail"],
    [and(third(), 33.05, NEW), "pass"],
    [and(third(), 33.049, NEW), "fail"],
    // 0.6 s for the gateway, 0.25 s for the clock.
    [and(story(), 44.25, OLD), "pass"],
    [and(story(), 44.251, OLD), "fail"],
    [and(third(), 41.65, NEW), "pass"],
    [and(third(), 41.651, NEW), "fail"],
    [sessions((told) => told.at(44.25).session(there, back)), "pass"],
    [sessions((told) => told.at(44.251).session(there, back)), "fail"],
  ] as const) {
    assert.equal(finding(told).verdict, verdict);
  }
});

test("a RayCluster that was given up and never had weight answers nothing (defect: it answers all the time, and nobody asks)", () => {
  const withoutNew = withObservations(third().finish(), (line) => {
    if (line.type !== "object" || line.kind !== "HTTPRoute") return line;
    return line.monoMs > 30_000 && line.monoMs < 50_000 ? undefined : line;
  });
  const { verdict, message, violations } = finding(withoutNew);
  assert.deepEqual(
    [verdict, message],
    ["fail", "app-fghij answered on a kept connection although it never had weight."],
  );
  assert.deepEqual(violations[0], {
    atMs: ms(34),
    cause: "passing-before-weight",
    facts: { client: "short", connection: "reused", count: 3, cluster: NEW, weightAtMs: null },
  });
  const silent = keeping(withoutNew, ({ cluster }) => cluster !== NEW);
  assert.equal(finding(silent).verdict, "pass");
});

test("a change that is taken back ends the new side, and is told by its weight", () => {
  const { verdict, message, figures } = finding(rollback().finish());
  assert.deepEqual(
    [verdict, message],
    [
      "pass",
      "The new side answered nothing before it had weight, and answered its last request within 0.0 s of losing its weight.",
    ],
  );
  const distances = { newAnsweredAfterWeightMs: 112, newAnsweredAfterWeightGoneMs: 0 };
  assert.deepEqual(figures, { ...distances, connections: { reused: distances }, sessions: NO_SESSIONS, ...BOUNDS });
  const moved = rollback().at(38.7).session(there, back).finish();
  assert.match(finding(moved).message, /; of 1 move of sessions to the old side none was undone after that\.$/);
});

test("sessions that moved to the new side are counted in the sentence", () => {
  const one = sessions((story) => story.at(44).session(back, there));
  assert.deepEqual(said(one), [
    "pass",
    `${PASSED(0).slice(0, -1)}; of 1 move of sessions to it none was undone after that.`,
  ]);
  assert.deepEqual(finding(one).figures["sessions"], { changed: 1, forward: 1, backBefore: 0, backAfter: 0 });
  // Neither way: a move between two that are no sides of the change.
  const aside = sessions((story) => story.at(44).session([THIRD, "v3"], ["app-ghost", "v3"]));
  assert.deepEqual(said(aside), ["pass", PASSED(0)]);
});

test("of a change with a third version that one is the new side's (defect: who meets the third version is counted as nobody)", () => {
  const moved = (version: string) =>
    finding(third().at(70).session([OLD, "v1"], [OLD, version]).finish()).figures["sessions"];
  assert.deepEqual(moved("v3"), { changed: 1, forward: 1, backBefore: 0, backAfter: 0 });
  assert.deepEqual(moved("v2"), { changed: 1, forward: 0, backBefore: 0, backAfter: 0 });
  const returned = finding(third().at(79).session([THIRD, "v3"], [THIRD, "v1"]).finish());
  assert.deepEqual([returned.verdict, returned.violations[0]?.cause], ["fail", "session-went-back"]);
});

test("an upgrade of whose route no weight of the new side was seen has nothing to judge by", () => {
  const { verdict, message, figures } = finding(unweighed(aggressiveUpgrade().finish()));
  assert.deepEqual([verdict, message], ["invalid", "The new side was never seen to get weight."]);
  const distances = { newAnsweredAfterWeightMs: null, oldAnsweredAfterWeightGoneMs: null };
  assert.deepEqual(figures, { ...distances, connections: { reused: distances }, sessions: NO_SESSIONS, ...BOUNDS });
});

test("a side whose last weight was never seen to go has nothing to be judged by", () => {
  const told = finding(routeSeen(aggressiveUpgrade().finish(), (second) => second < 43));
  assert.deepEqual([told.verdict, told.message], ["invalid", "The old side was never seen to lose its last weight."]);
  const distances = { newAnsweredAfterWeightMs: 112, oldAnsweredAfterWeightGoneMs: null };
  assert.deepEqual(told.figures["connections"], { reused: distances });
  assert.deepEqual(said(routeSeen(rollback().finish(), (second) => second < 40)), [
    "invalid",
    "The new side was never seen to lose its last weight.",
  ]);
});

test("weight that was gone before the change was not taken by it, and weight that went with it was", () => {
  const gone = (second: number): Story => {
    const story = routeSeen(aggressiveUpgrade().finish(), (seen) => seen < 1);
    const [moved] = aggressiveUpgrade()
      .at(second)
      .route({ [NEW]: 100 })
      .observations.slice(-1);
    assert.ok(moved !== undefined);
    const observations = [...story.observations, moved].toSorted((a, b) => a.monoMs - b.monoMs);
    return { ...story, observations };
  };
  assert.deepEqual(said(gone(9.999)), ["invalid", "The old side was never seen to lose its last weight."]);
  assert.deepEqual(said(gone(10)), [
    "fail",
    "The old side answered on a kept connection a request that started 0.9 s after its last weight was gone.",
  ]);
});

test("of a change of which no trigger is on record no side is known", () => {
  assert.deepEqual(said(withoutAction(aggressiveUpgrade().finish(), "trigger")), [
    "invalid",
    "The new side was never seen to get weight.",
  ]);
});

test("a change that is taken back before the new side had weight asks that it answered nothing", () => {
  const silent = finding(undeployable().finish());
  assert.deepEqual(
    [silent.verdict, silent.message],
    ["not-applicable", "app-fghij never had weight, and answered nothing."],
  );
  const distances = { newAnsweredAfterWeightMs: null, newAnsweredAfterWeightGoneMs: null };
  const figures = { ...distances, connections: { reused: distances }, sessions: NO_SESSIONS, ...BOUNDS };
  assert.deepEqual(silent.figures, figures);
  // Also where the route was first seen after that.
  assert.deepEqual(said(routeSeen(undeployable().finish(), (second) => second > 41)), [silent.verdict, silent.message]);
  const { verdict, message, violations, ...told } = finding(and(undeployable(), 36, NEW, { version: "v2" }));
  assert.deepEqual([verdict, message], ["fail", "The new side answered although it never had weight."]);
  assert.deepEqual(violations, [
    { atMs: ms(36), cause: "new-without-weight", facts: { client: "short", connection: "reused", count: 1 } },
  ]);
  assert.deepEqual(told, { id: "version-cutover", fromMissing: "between", figures: { ...figures, violations: 1 } });
});

test("a new side that never had weight and answered is no fail where the route may have been missed", () => {
  const story = undeployable().at(20).relisted("HTTPRoute", 18);
  assert.deepEqual(said(and(story, 36, NEW)), [
    "invalid",
    "The new side answered although it never had weight, but the watch of HTTPRoute started over during the change and may have missed a transition.",
  ]);
});

test("a change that is taken back before a new side was seen has none that could have had weight", () => {
  const story = takenBack(rollbackPlan()).finish();
  const unseen = withObservations(story, (line) => {
    if (line.type === "action" && line.action === "rollback") return { ...line, facts: { after: { generation: 3 } } };
    return line.type === "object" && line.kind === "RayService" && line.monoMs > 10_000 ? undefined : line;
  });
  assert.deepEqual(said(unseen), ["invalid", "The new side was never seen to get weight."]);
});

test("violations beyond those that are kept are counted (defect: a side that answers for hours is told as one that does for a while)", () => {
  const story = undeployable();
  const row = { client: "short", cluster: NEW, version: "v2", connection: "reused", count: 1, latency: {} } as const;
  for (let index = 0; index < 10_001; index += 1) story.rows.push({ type: "answered", binMs: ms(36) + index, ...row });
  const { verdict, figures, violations } = finding(story.finish());
  assert.deepEqual([verdict, figures["violations"], violations.length], ["fail", 10_001, 10_000]);
});

test("where no version is to change there is no cut-over, and a change in place has one of its own", () => {
  const { verdict, message, figures } = finding(steady().finish());
  assert.deepEqual([verdict, message, figures], ["not-applicable", "No version was to change.", {}]);
  assert.deepEqual(said(inPlace().finish()), [
    "pass",
    "v2 answered nothing before the spec was changed to it, and for 0.4 s both versions answered.",
  ]);
});

test("a pass needs a watch of the route that did not start over", () => {
  assert.deepEqual(said(aggressiveUpgrade().at(40).relisted("HTTPRoute", 39).finish()), [
    "invalid",
    `${PASSED(0).slice(0, -1)}, but the watch of HTTPRoute started over during the change and may have missed a transition.`,
  ]);
});

test("no violation is told by times of the ledger that cannot be held against the history's (defect: a clock that is off fails the product)", () => {
  const stories: readonly (readonly [cause: string, story: Story])[] = [
    ["new-before-weight", answering(33, NEW)],
    ["new-without-weight", and(undeployable(), 36, NEW)],
    ["old-after-weight", answering(44.4, OLD)],
    ["new-after-weight", and(rollback(), 42, NEW)],
    ["passing-before-weight", and(third(), 33, NEW)],
    ["passing-after-weight", and(third(), 42, NEW)],
    ["session-went-back", sessions((told) => told.at(45).session(there, back))],
    ["new-before-change", and(inPlace(), 5, OLD, { version: "v2" })],
    ["old-after-change", and(inPlace(), 14, OLD)],
  ];
  for (const [cause, story] of stories) {
    const { verdict, message, violations } = finding(story);
    assert.deepEqual([verdict, violations.map((one) => one.cause)], ["fail", [cause]]);
    const off = withObservations(story, (line) =>
      line.type === "clock" && line.of === "k6-pod" ? { ...line, offsetMs: 400 } : line,
    );
    const why =
      "the ledger's times cannot be held against the history's: the k6 pod's clock may be 403 ms from the runner's; 250 ms are allowed";
    assert.deepEqual(said(off), ["invalid", `${message.slice(0, -1)}, but ${why}.`]);
  }
});
