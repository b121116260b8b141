import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aggressiveUpgrade,
  findingOf,
  momentAt,
  NEW,
  OLD,
  planOf,
  START_MS,
  steadyLoad,
  StoryWriter,
  THIRD,
  warmedUp,
  withObservations,
  withoutAction,
  type Story,
} from "./testing.ts";
import { rollback } from "./testing/rollback-story.ts";
import { inPlace } from "./testing/staying-stories.ts";
import { third } from "./testing/turned-stories.ts";

const ms = (second: number): number => START_MS + second * 1000;
const finding = (story: Story) => findingOf("clusters-as-expected", story);
/** Verdict and sentence. */
function said(story: Story): readonly [verdict: string, message: string] {
  const { verdict, message } = finding(story);
  return [verdict, message];
}
/** The upgrade with the old RayCluster's deletion at another second, or never. */
function deletedAt(second: number | null): Story {
  return withObservations(aggressiveUpgrade().finish(), (line) => {
    if (line.type !== "object" || line.kind !== "RayCluster" || line.event !== "deleted") return line;
    return second === null ? undefined : { ...line, monoMs: second * 1000, wallMs: START_MS + second * 1000 };
  });
}
/** The same with a deletion delay in the spec, in seconds; null: left out. */
function delayed(story: Story, delay: number | null): Story {
  return withObservations(story, (line) =>
    line.type === "object" && line.kind === "RayService"
      ? { ...line, object: { ...line.object, spec: { rayClusterDeletionDelaySeconds: delay } } }
      : line,
  );
}

/** The story without any line of a RayCluster as an object. */
function unrecorded(story: Story, cluster: string): Story {
  return withObservations(story, (line) =>
    line.type === "object" && line.kind === "RayCluster" && line.name === cluster ? undefined : line,
  );
}
/** The story without any line of the RayService. */
function withoutStatus(story: Story): Story {
  return withObservations(story, (line) => (line.type === "object" && line.kind === "RayService" ? undefined : line));
}
/** The story in which a RayCluster is never deleted. */
function lasting(story: Story, cluster: string): Story {
  return withObservations(story, (line) =>
    line.type === "object" && line.name === cluster && line.event === "deleted" ? undefined : line,
  );
}
/** The story as far as a second, at which the record ends. */
function until(story: Story, second: number): Story {
  const { observations } = withObservations(story, (line) => (line.monoMs <= second * 1000 ? line : undefined));
  const end = { type: "action", action: "record-end", facts: {}, ...momentAt(second) } as const;
  return { ...story, observations: [...observations, end] };
}
/** An upgrade that begins and is never over, until the record's end at second 60. */
function stuck(begun: StoryWriter): StoryWriter {
  return begun.at(10.5).status("100,100|0,0").at(60).action("record-end");
}

test("the old RayCluster deleted after the promotion, and nobody else, passes", () => {
  const { verdict, message, figures } = finding(aggressiveUpgrade().finish());
  assert.equal(verdict, "pass");
  assert.equal(
    message,
    "2 RayClusters existed, app-abcde and app-fghij; the old one was deleted 2.1 s after the promotion.",
  );
  assert.deepEqual(figures, {
    clusters: [
      { name: OLD, seenMs: ms(0), deletedMs: ms(48), answered: 3760 },
      { name: NEW, seenMs: ms(10.5), deletedMs: null, answered: 4040 },
    ],
    deletionDelaySeconds: 0,
    deletedAfterPromotionSeconds: 2.1,
  });
});

test("a third RayCluster fails, one of another RayService does not", () => {
  assert.match(
    finding(aggressiveUpgrade().at(40).rayCluster("app-third").finish()).message,
    /A third RayCluster existed, app-third/,
  );
  const stranger = aggressiveUpgrade()
    .at(40)
    .object("RayCluster", "somebody", { metadata: { labels: {} } });
  assert.equal(finding(stranger.finish()).verdict, "pass");
});

test("a deletion before the promotion, or before the deletion delay, fails", () => {
  assert.match(finding(deletedAt(40)).message, /was deleted 5\.9 s before its successor's promotion/);
  // Two watches may be 1.9 s apart; which was written first tells.
  assert.equal(finding(deletedAt(44)).verdict, "pass");
  const first = withObservations(deletedAt(44), (line) =>
    line.type === "object" && line.kind === "RayCluster" && line.event === "deleted"
      ? { ...line, resourceVersion: "2" }
      : line,
  );
  assert.equal(finding(first).verdict, "fail");
  assert.equal(finding(delayed(deletedAt(48), 60)).verdict, "fail");
  assert.equal(finding(delayed(deletedAt(48), 4)).verdict, "pass");
  // Left out it is a minute.
  assert.equal(finding(delayed(deletedAt(48), null)).verdict, "fail");
});

test("a deletionTimestamp is a deletion, whatever finalizers keep the object", () => {
  const labels = { "ray.io/originated-from-cr-name": "app", "ray.io/originated-from-crd": "RayService" };
  const story = aggressiveUpgrade()
    .at(40)
    .object("RayCluster", OLD, { metadata: { labels, deletionTimestamp: "2026-03-14T09:00:40Z" } });
  assert.equal(finding(story.finish()).verdict, "fail");
});

test("the new RayCluster's deletion fails", () => {
  assert.match(
    finding(aggressiveUpgrade().at(60).gone("RayCluster", NEW).finish()).message,
    /The new RayCluster app-fghij was deleted/,
  );
});

test("an old RayCluster that is never deleted fails where the record is whole, else it is not proven", () => {
  assert.equal(finding(deletedAt(null)).verdict, "fail");
  assert.equal(finding(withoutAction(deletedAt(null), "record-end")).verdict, "invalid");
  const gap = aggressiveUpgrade()
    .at(60)
    .relisted("RayCluster", 50)
    .observations.filter(({ type }) => type === "gap");
  const story = deletedAt(null);
  assert.equal(finding({ ...story, observations: [...story.observations, ...gap] }).verdict, "invalid");
});

test("an answer by a RayCluster that never existed fails", () => {
  const { verdict, message } = finding(
    aggressiveUpgrade()
      .answered(START_MS + 50_000, "app-ghost", "v2", 3)
      .finish(),
  );
  assert.equal(verdict, "fail");
  assert.match(message, /app-ghost, which never existed on record, answered 3 requests/);
});

test("without an upgrade there is nothing to expect", () => {
  assert.equal(finding(steadyLoad(planOf()).finish()).verdict, "invalid");
});

test("a pass tells of every RayCluster, which one stayed, and when the one that ends was deleted", () => {
  assert.deepEqual(said(rollback().finish()), [
    "pass",
    "2 RayClusters existed, app-abcde and app-fghij; the old one stayed as it was, and the new one was deleted 2.0 s after the rollback.",
  ]);
  assert.deepEqual(said(third().finish()), [
    "pass",
    "3 RayClusters existed, app-abcde, app-fghij and app-klmno; app-fghij came and went, and the old one was deleted 2.0 s after the promotion.",
  ]);
  assert.deepEqual(said(inPlace().finish()), ["pass", "app-abcde was the only RayCluster, and stayed as it was."]);
});

test("an answer that names no RayCluster is no stranger's (defect: the empty name held against the record)", () => {
  assert.equal(finding(aggressiveUpgrade().answered(ms(50), "", "v2", 3).finish()).verdict, "pass");
});

test("who answered without ever being on record is named with its first answer and all of its answers", () => {
  const story = aggressiveUpgrade().answered(ms(50), "app-ghost", "v2", 3).answered(ms(51), "app-ghost", "v2", 2);
  const { message, violations } = finding(story.finish());
  assert.equal(message, "app-ghost, which never existed on record, answered 5 requests.");
  assert.deepEqual(violations, [
    { atMs: ms(50), cause: "answered-by-stranger", facts: { cluster: "app-ghost", count: 5 } },
  ]);
  assert.deepEqual(said(inPlace().answered(ms(11), "app-ghost", "v2", 1).finish()), [
    "fail",
    "app-ghost, which never existed on record, answered 1 request.",
  ]);
});

test("either side that is known by the status alone is a stranger when it answers (defect: judging such a record breaks off)", () => {
  assert.deepEqual(said(unrecorded(aggressiveUpgrade().finish(), OLD)), [
    "fail",
    "app-abcde, which never existed on record, answered 3,760 requests.",
  ]);
  assert.deepEqual(said(unrecorded(aggressiveUpgrade().finish(), NEW)), [
    "fail",
    "app-fghij, which never existed on record, answered 4,040 requests.",
  ]);
  const given = unrecorded(third().finish(), NEW);
  assert.deepEqual(said(given), ["fail", "app-fghij, which never existed on record, answered 235 requests."]);
  const silent = { ...given, ledger: given.ledger.filter((row) => !("cluster" in row && row.cluster === NEW)) };
  assert.deepEqual(said(silent), [
    "fail",
    "app-fghij was not deleted within 69.8 s after another one had taken its place.",
  ]);
});

test("a record that lacks what is to be judged is told to lack it, and proves nothing", () => {
  const none = withObservations(aggressiveUpgrade().finish(), (line) =>
    line.type === "object" && line.kind === "RayCluster" ? undefined : line,
  );
  assert.deepEqual(said(none), ["invalid", "No RayCluster was seen."]);
  assert.deepEqual(said(steadyLoad(planOf()).finish()), ["invalid", "No upgrade was seen to begin."]);
  assert.deepEqual(said(withoutStatus(rollback().finish())), ["invalid", "No upgrade was seen to begin."]);
  assert.deepEqual(said(withoutStatus(inPlace().finish())), [
    "invalid",
    "No RayCluster was seen to serve before the change.",
  ]);
});

test("a deletion is told by how long before or after the end of the change it came, and by the delay", () => {
  const early = finding(delayed(deletedAt(48), 60));
  assert.equal(
    early.message,
    "app-abcde was deleted 2.1 s after its successor's promotion; the deletion delay is 60.0 s.",
  );
  assert.deepEqual(early.violations, [
    { atMs: ms(48), cause: "deleted-early", facts: { cluster: OLD, sinceMs: 2100, delayMs: 60_000 } },
  ]);
  const sentences: [story: Story, message: string][] = [
    [
      delayed(deletedAt(45.9), 60),
      "app-abcde was deleted 0.0 s after its successor's promotion; the deletion delay is 60.0 s.",
    ],
    [deletedAt(43.8), "app-abcde was deleted 2.1 s before its successor's promotion; the deletion delay is 0.0 s."],
    [
      delayed(rollback().finish(), 60),
      "app-fghij was deleted 2.0 s after the end of the rollback; the deletion delay is 60.0 s.",
    ],
  ];
  for (const [story, message] of sentences) assert.deepEqual(said(story), ["fail", message]);
});

test("a deletion 2 s before its time may be the watches' doing, one a moment earlier is not", () => {
  assert.equal(finding(delayed(deletedAt(47.9), 4)).verdict, "pass");
  assert.equal(finding(delayed(deletedAt(47.899), 4)).verdict, "fail");
});

test("a deletion without any promotion fails", () => {
  const { verdict, message, violations } = finding(stuck(steadyLoad(planOf())).at(40).gone("RayCluster", OLD).finish());
  assert.deepEqual(
    [verdict, message],
    ["fail", "app-abcde was deleted without its successor's promotion; the deletion delay is 0.0 s."],
  );
  assert.deepEqual(violations, [
    { atMs: ms(40), cause: "deleted-early", facts: { cluster: OLD, sinceMs: null, delayMs: 0 } },
  ]);
});

test("a RayCluster that was given up is deleted by the delay after another one took its place (defect: counted from the promotion)", () => {
  const { verdict, message, violations } = finding(delayed(third().finish(), 60));
  assert.deepEqual(
    [verdict, message],
    ["fail", "app-fghij was deleted 2.0 s after another one had taken its place; the deletion delay is 60.0 s."],
  );
  assert.deepEqual(violations, [
    {
      atMs: ms(45.2),
      cause: "deleted-early",
      facts: { cluster: NEW, sinceMs: 2000, delayMs: 60_000, passing: true },
    },
    { atMs: ms(80), cause: "deleted-early", facts: { cluster: OLD, sinceMs: 2000, delayMs: 60_000 } },
  ]);
  // Both are deleted 2 s before their time, which the watches may have done.
  assert.equal(finding(delayed(third().finish(), 4)).verdict, "pass");
  assert.equal(finding(delayed(third(undefined, 43.201).finish(), 4)).verdict, "fail");
});

test("a RayCluster that was given up and is never deleted fails 20 s after its time, and is open before", () => {
  const story = lasting(third().finish(), NEW);
  const { verdict, message, violations } = finding(until(story, 63.2));
  assert.deepEqual(
    [verdict, message],
    ["fail", "app-fghij was not deleted within 20.0 s after another one had taken its place."],
  );
  assert.deepEqual(violations, [{ atMs: ms(63.2), cause: "never-deleted", facts: { cluster: NEW } }]);
  assert.deepEqual(said(until(story, 63.1)), [
    "invalid",
    "app-fghij was not deleted within 19.9 s after another one had taken its place.",
  ]);
  assert.equal(finding(until(delayed(story, 4), 67.1)).verdict, "invalid");
  assert.equal(finding(until(delayed(story, 4), 67.2)).verdict, "fail");
});

test("a RayCluster that the status names again in the end was not replaced (defect: judging such a record breaks off)", () => {
  const again = third().at(46.5).status("100,100|0,0", { stamp: 45, generation: 3, pending: NEW }).finish();
  const { verdict, message, violations } = finding(until(again, 60));
  const sentence = "app-fghij was deleted and no other one took its place; the deletion delay is 0.0 s.";
  assert.deepEqual([verdict, message], ["fail", sentence]);
  assert.deepEqual(violations, [
    { atMs: ms(45.2), cause: "deleted-early", facts: { cluster: NEW, sinceMs: null, delayMs: 0, passing: true } },
  ]);
  assert.deepEqual(said(until(lasting(again, NEW), 60)), [
    "invalid",
    "app-fghij was not deleted within 0.0 s after another one had taken its place.",
  ]);
});

test("an old RayCluster that is there 20 s after its time was forgotten; before that, or without a promotion, it is open", () => {
  const promoted = (story: StoryWriter, end: number): Story =>
    until(story.at(10.5).status("100,100|0,0").at(45.9).status("100,100|-", { active: NEW }).finish(), end);
  const forgotten = finding(promoted(steadyLoad(planOf()), 65.9));
  assert.deepEqual(
    [forgotten.verdict, forgotten.message],
    ["fail", "app-abcde was not deleted within 20.0 s after the promotion."],
  );
  assert.deepEqual(forgotten.violations, [{ atMs: ms(65.9), cause: "never-deleted", facts: { cluster: OLD } }]);
  const open: [story: Story, message: string][] = [
    [promoted(steadyLoad(planOf()), 65.8), "app-abcde was not deleted within 19.9 s after the promotion."],
    [stuck(steadyLoad(planOf())).finish(), "app-abcde was not deleted within 50.0 s after the trigger."],
    // The change was made by nobody on record.
    [stuck(warmedUp(planOf())).finish(), "app-abcde was not deleted within 0.0 s after the trigger."],
  ];
  for (const [story, message] of open) assert.deepEqual(said(story), ["invalid", message]);
  const delayedBy4 = (end: number) => finding(delayed(promoted(steadyLoad(planOf()), end), 4)).verdict;
  assert.deepEqual([delayedBy4(69.8), delayedBy4(69.9)], ["invalid", "fail"]);
});

/** A RayCluster with a spec, and the hash of the one that it was made from. */
function rayClusterOf(rayVersion: string, hash: string): Record<string, unknown> {
  const labels = { "ray.io/originated-from-cr-name": "app", "ray.io/originated-from-crd": "RayService" };
  const annotations = { "ray.io/hash-without-replicas-and-workers-to-delete": hash };
  return { metadata: { labels, annotations }, spec: { rayVersion } };
}

/** The story in which a RayCluster is another object from a second on. */
function replaced(story: Story, cluster: string, second: number): Story {
  return withObservations(story, (line) =>
    line.type === "object" && line.kind === "RayCluster" && line.name === cluster && line.monoMs >= second * 1000
      ? { ...line, uid: "another" }
      : line,
  );
}

test("a RayCluster that is no longer what it was is told by side and by what changed", () => {
  const cases: [cluster: string, cause: string, what: string, message: string][] = [
    [OLD, "old-cluster-changed", "spec", "The spec of the old RayCluster app-abcde was changed"],
    [NEW, "new-cluster-changed", "spec", "The spec of the new RayCluster app-fghij was changed"],
    [
      OLD,
      "old-cluster-changed",
      "hash",
      "The hash of the spec that the old RayCluster app-abcde was made from was changed",
    ],
    [
      NEW,
      "new-cluster-changed",
      "hash",
      "The hash of the spec that the new RayCluster app-fghij was made from was changed",
    ],
    [OLD, "old-cluster-changed", "object", "The old RayCluster app-abcde is another object by the same name"],
    [NEW, "new-cluster-changed", "object", "The new RayCluster app-fghij is another object by the same name"],
  ];
  for (const [cluster, cause, what, message] of cases) {
    const now = rayClusterOf(what === "spec" ? "2.53.0" : "2.52.0", what === "hash" ? "h2" : "h1");
    const told = stuck(steadyLoad(planOf()))
      .at(20)
      .object("RayCluster", cluster, rayClusterOf("2.52.0", "h1"))
      .at(30)
      .object("RayCluster", cluster, now)
      .finish();
    const story = what === "object" ? replaced(told, cluster, 30) : told;
    assert.deepEqual(said(story), ["fail", `${message}, which was to stay as it was.`]);
    assert.deepEqual(finding(story).violations, [{ atMs: ms(30), cause, facts: { cluster, what } }]);
  }
});

test("of several things that are wrong the first one in time is told, and all are listed in order", () => {
  const story = stuck(steadyLoad(planOf()))
    .at(5)
    .rayCluster(OLD, { rayVersion: "2.52.0" })
    .at(20)
    .rayCluster(OLD, { rayVersion: "2.53.0" })
    .at(40)
    .rayCluster(THIRD)
    .at(30)
    .gone("RayCluster", NEW);
  const { message, violations } = finding(story.finish());
  assert.equal(message, "The spec of the old RayCluster app-abcde was changed, which was to stay as it was.");
  assert.deepEqual(violations, [
    { atMs: ms(20), cause: "old-cluster-changed", facts: { cluster: OLD, what: "spec" } },
    { atMs: ms(30), cause: "new-cluster-deleted", facts: { cluster: NEW } },
    { atMs: ms(40), cause: "unexpected-cluster", facts: { cluster: THIRD } },
  ]);
});

test("a RayCluster beside those that a third spec leads to is a further one", () => {
  assert.deepEqual(said(third().at(50).rayCluster("app-fourth").finish()), [
    "fail",
    "A further RayCluster existed, app-fourth.",
  ]);
});

test("in place any other RayCluster fails, whether it exists or is only named", () => {
  const existing = finding(inPlace().at(12).rayCluster(THIRD).finish());
  assert.deepEqual([existing.verdict, existing.message], ["fail", "Another RayCluster existed, app-klmno."]);
  assert.deepEqual(existing.violations, [{ atMs: ms(12), cause: "unexpected-cluster", facts: { cluster: THIRD } }]);
  const named = finding(unrecorded(inPlace().at(11).status("100,100|0,0", { pending: THIRD }).finish(), THIRD));
  assert.deepEqual(
    [named.verdict, named.message],
    ["fail", "The status named another RayCluster, app-klmno, which never existed on record."],
  );
  assert.deepEqual(named.violations, [
    { atMs: ms(11), cause: "unexpected-cluster", facts: { cluster: THIRD, existed: false } },
  ]);
  // Also where the one that serves is not on record as an object.
  assert.deepEqual(said(unrecorded(inPlace().at(12).rayCluster(THIRD).finish(), OLD)), [
    "fail",
    "Another RayCluster existed, app-klmno.",
  ]);
});

test("in place the RayCluster that is there is neither deleted nor changed", () => {
  const deleted = finding(inPlace().at(13).gone("RayCluster", OLD).finish());
  assert.equal(deleted.message, "The old RayCluster app-abcde was deleted, which was to stay.");
  assert.deepEqual(deleted.violations, [{ atMs: ms(13), cause: "old-cluster-deleted", facts: { cluster: OLD } }]);
  const several = inPlace()
    .at(5)
    .rayCluster(OLD, { rayVersion: "2.52.0" })
    .at(11)
    .rayCluster(OLD, { rayVersion: "2.53.0" })
    .at(12)
    .rayCluster(THIRD)
    .at(13)
    .gone("RayCluster", OLD);
  const { message, violations } = finding(several.finish());
  assert.equal(message, "The spec of the old RayCluster app-abcde was changed, which was to stay as it was.");
  assert.deepEqual(violations, [
    { atMs: ms(11), cause: "old-cluster-changed", facts: { cluster: OLD, what: "spec" } },
    { atMs: ms(12), cause: "unexpected-cluster", facts: { cluster: THIRD } },
    { atMs: ms(13), cause: "old-cluster-deleted", facts: { cluster: OLD } },
  ]);
});

test("from when the operator is replaced it may write a RayCluster anew, but not make another one by its name", () => {
  const writtenAt = (second: number): Story =>
    inPlace()
      .at(5)
      .rayCluster(OLD, { rayVersion: "2.52.0" })
      .at(11)
      .action("operator")
      .at(second)
      .rayCluster(OLD, { rayVersion: "2.53.0" })
      .finish();
  assert.equal(finding(writtenAt(10.999)).verdict, "fail");
  assert.equal(finding(writtenAt(11)).verdict, "pass");
  assert.deepEqual(said(replaced(writtenAt(12), OLD, 12)), [
    "fail",
    "The old RayCluster app-abcde is another object by the same name, which was to stay as it was.",
  ]);
});

test("what is not this RayService, or cannot be read, says nothing of the delay (defect: another one's delay taken for its own)", () => {
  const others = aggressiveUpgrade()
    .at(60)
    .object("RayService", "other", { metadata: {}, spec: { rayClusterDeletionDelaySeconds: 60 } })
    .object("Gateway", "app", { metadata: {}, spec: {} })
    .object("RayService", "app", { metadata: {}, spec: { rayClusterDeletionDelaySeconds: 60 }, status: "unknown" });
  const { verdict, figures } = finding(others.finish());
  assert.equal(verdict, "pass");
  assert.equal(figures["deletionDelaySeconds"], 0);
});

test("a status that names no pending RayCluster names nobody (defect: the empty name taken for a third one)", () => {
  const story = withObservations(rollback().finish(), (line) =>
    line.type === "object" && line.kind === "RayService" && line.monoMs < 10_500 ? undefined : line,
  );
  assert.equal(finding(story).verdict, "pass");
});

test("a record is not proven where the watch of RayClusters or of the RayService started over, other watches may", () => {
  const relisted = (kind: "RayCluster" | "RayService" | "Pod") =>
    said(aggressiveUpgrade().at(40).relisted(kind, 39).finish());
  const all = "2 RayClusters existed, app-abcde and app-fghij; the old one was deleted 2.1 s after the promotion";
  for (const kind of ["RayCluster", "RayService"] as const) {
    assert.deepEqual(relisted(kind), [
      "invalid",
      `${all}, but the watch of ${kind} started over during the change and may have missed a transition.`,
    ]);
  }
  assert.deepEqual(relisted("Pod"), ["pass", `${all}.`]);
});

test("a deletion that seems early proves nothing where either watch was told late, a third RayCluster does", () => {
  const late = (kind: "RayCluster" | "RayService" | "HTTPRoute", story: Story) => {
    const gaps = new StoryWriter(story.plan).at(46).gap(kind, "relisted", 40).observations;
    return said({ ...story, observations: [...story.observations, ...gaps] });
  };
  const withThird = aggressiveUpgrade().at(41).rayCluster(THIRD).finish();
  const early = "app-abcde was deleted 5.9 s before its successor's promotion; the deletion delay is 0.0 s";
  for (const kind of ["RayCluster", "RayService"] as const) {
    assert.deepEqual(late(kind, deletedAt(40)), [
      "invalid",
      `${early}, but the watch of ${kind} was interrupted and told late what happened meanwhile.`,
    ]);
    assert.deepEqual(late(kind, withThird), ["fail", `A third RayCluster existed, ${THIRD}.`]);
  }
  assert.deepEqual(late("HTTPRoute", deletedAt(40)), ["fail", `${early}.`]);
});
