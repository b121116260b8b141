import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trouble } from "../history/pod-troubles.ts";
import { LostHeads } from "./lost-heads.ts";
import { momentAt, NEW, OLD, planOf, StoryWriter } from "./testing.ts";

const BEING_DELETED = { deletionTimestamp: "2026-03-14T09:00:50Z" };

/** A pod of a RayCluster, with what else its metadata carries. */
function pod(cluster: string, nodeType: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { metadata: { labels: { "ray.io/cluster": cluster, "ray.io/node-type": nodeType }, ...more } };
}

/** The new RayCluster with a head and a worker, as pods with the first uids of the story. */
function begun(): StoryWriter {
  return new StoryWriter(planOf())
    .at(1)
    .object("Pod", "new-head", pod(NEW, "head"))
    .object("Pod", "new-worker", pod(NEW, "worker"))
    .rayCluster(NEW);
}

function lost({ observations }: StoryWriter): Trouble[] {
  const heads = new LostHeads();
  for (const line of observations) heads.observe(line);
  return heads.troubles();
}

/** The head of the story, lost at a second. */
const headAt = (second: number): Trouble => {
  const nobody = { container: "", detail: "" };
  return { at: momentAt(second), cause: "replaced", pod: "new-head", uid: "uid-1", of: NEW, ...nobody };
};

test("heads that stay are not lost", () => {
  assert.deepEqual(lost(begun().at(5).object("Pod", "new-head", pod(NEW, "head"))), []);
});

test("a head that is being deleted while its RayCluster stays is lost from then on, and told once", () => {
  const story = begun()
    .at(5)
    .object("Pod", "new-head", pod(NEW, "head", BEING_DELETED))
    .at(6)
    .object("Pod", "new-head", pod(NEW, "head", BEING_DELETED))
    .at(7)
    .gone("Pod", "new-head");
  assert.deepEqual(lost(story), [headAt(5)]);
});

test("a head that is gone at once is lost, whatever its last word says of it", () => {
  assert.deepEqual(lost(begun().at(5).gone("Pod", "new-head")), [headAt(5)]);
});

test("a head that was first seen when it was being deleted is lost as well", () => {
  const story = new StoryWriter(planOf()).at(5).object("Pod", "new-head", pod(NEW, "head", BEING_DELETED));
  assert.deepEqual(lost(story), [headAt(5)]);
});

test("workers that go, and pods of no RayCluster, tell nothing", () => {
  const story = begun()
    .at(5)
    .object("Pod", "new-worker", pod(NEW, "worker", BEING_DELETED))
    .gone("Pod", "new-worker")
    .object("Pod", "other", { metadata: BEING_DELETED })
    .gone("Pod", "other");
  assert.deepEqual(lost(story), []);
});

test("a pod that cannot be read is no head, and a known one that cannot is not taken for gone", () => {
  const story = begun()
    .at(5)
    .object("Pod", "broken", { metadata: "none" })
    .gone("Pod", "broken")
    .object("Pod", "new-head", { metadata: "none" });
  assert.deepEqual(lost(story), []);
});

test("a head goes with its RayCluster, of which the other watch may tell two seconds sooner or later", () => {
  const goes = (clusterSecond: number): Trouble[] =>
    lost(begun().at(5).gone("Pod", "new-head").at(clusterSecond).gone("RayCluster", NEW));
  assert.deepEqual(goes(2), []);
  assert.deepEqual(goes(7), []);
  assert.deepEqual(goes(7.001), [headAt(5)]);
});

test("a RayCluster goes from the first word of its deletion on", () => {
  const story = (firstSecond: number): StoryWriter =>
    begun()
      .at(5)
      .gone("Pod", "new-head")
      .at(firstSecond)
      .object("RayCluster", NEW, { metadata: BEING_DELETED })
      .at(20)
      .gone("RayCluster", NEW);
  assert.deepEqual(lost(story(6)), []);
  assert.deepEqual(lost(story(8)), [headAt(5)]);
});

test("what becomes of another RayCluster, or of one that merely changes, explains nothing", () => {
  const other = begun().rayCluster(OLD).at(4).gone("RayCluster", OLD).at(5).gone("Pod", "new-head");
  assert.deepEqual(lost(other), [headAt(5)]);
  const changed = begun().at(4).rayCluster(NEW, {}).at(5).gone("Pod", "new-head");
  assert.deepEqual(lost(changed), [headAt(5)]);
  const unreadable = begun().at(4).object("RayCluster", NEW, { metadata: "none" }).at(5).gone("Pod", "new-head");
  assert.deepEqual(lost(unreadable), [headAt(5)]);
});

test("another kind of object by the name of the RayCluster, and what is no object, explain nothing", () => {
  const story = begun().at(4).object("Job", NEW, { metadata: BEING_DELETED }).action("fault").at(5);
  assert.deepEqual(lost(story.gone("Pod", "new-head")), [headAt(5)]);
  const service = begun()
    .at(4)
    .object("RayService", NEW, pod(NEW, "head", BEING_DELETED));
  assert.deepEqual(lost(service), []);
});

test("each head is told of by itself, in the order in which they went", () => {
  const story = begun().object("Pod", "old-head", pod(OLD, "head")).at(5).gone("Pod", "old-head");
  assert.deepEqual(
    lost(story.at(6).gone("Pod", "new-head")).map(({ pod: name, of, at }) => [name, of, at.monoMs]),
    [
      ["old-head", OLD, 5000],
      ["new-head", NEW, 6000],
    ],
  );
});
