import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  OLD,
  planOf,
  START_MS,
  steadyLoad,
  withObservations,
  withoutAction,
  type Story,
} from "./testing.ts";

const finding = (story: Story) => findingOf("clusters-as-expected", story);
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

test("the old RayCluster deleted after the promotion, and nobody else, passes", () => {
  const { verdict, figures } = finding(aggressiveUpgrade().finish());
  assert.equal(verdict, "pass");
  assert.equal(figures["deletedAfterPromotionSeconds"], 2.1);
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
