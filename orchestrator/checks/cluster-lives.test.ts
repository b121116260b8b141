import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instant } from "../history/instant.ts";
import type { Observation } from "../history/observation.ts";
import { observeLife, thirdOf, type Life } from "./cluster-lives.ts";
import { aggressiveUpgrade, momentAt, NEW, OLD, planOf, StoryWriter, THIRD, timelineOfStory } from "./testing.ts";

/** The lives of RayClusters of the RayService `app`, as these lines tell of them. */
function livesOf(observations: readonly Observation[]): Map<string, Life> {
  const lives = new Map<string, Life>();
  for (const line of observations) if (line.type === "object") observeLife(lives, "app", line);
  return lives;
}

const LABELS = { "ray.io/originated-from-cr-name": "app", "ray.io/originated-from-crd": "RayService" };
const told = (): StoryWriter => new StoryWriter(planOf()).at(1).rayCluster(NEW, { a: 1 });
const only = ({ observations }: StoryWriter): Life | undefined => livesOf(observations).get(NEW);

test("a RayCluster lives from when it is first seen, and stays what it was while nothing is told to differ", () => {
  const { seen, changed, deleted } = only(told().at(2).rayCluster(NEW, { a: 1 })) ?? {};
  assert.deepEqual([seen, changed, deleted], [momentAt(1), null, null]);
});

test("another spec is a change, and a line that carries none is not (defect: every status of a RayCluster changes it)", () => {
  const story = told().at(2).rayCluster(NEW);
  assert.equal(only(story)?.changed, null);
  assert.deepEqual(only(story.at(3).rayCluster(NEW, { a: 2 }))?.changed, { ...momentAt(3), what: "spec" });
});

test("a RayCluster whose first lines carry no spec is what the first spec says", () => {
  const story = new StoryWriter(planOf()).at(1).rayCluster(NEW).at(2).rayCluster(NEW, { a: 1 });
  assert.equal(only(story)?.changed, null);
  assert.equal(only(story.at(3).rayCluster(NEW, { a: 2 }))?.changed?.what, "spec");
});

test("another object of the same name is a change, where the end of the first one was not told", () => {
  const { observations } = told().at(2).gone("RayCluster", NEW).at(3).rayCluster(NEW, { a: 1 });
  const unseen = observations.filter((line) => line.type !== "object" || line.event !== "deleted");
  const { changed, deleted } = livesOf(unseen).get(NEW) ?? {};
  assert.deepEqual([changed, deleted], [{ ...momentAt(3), what: "object" }, null]);
});

test("a life ends with its deletion, or when it begins to be deleted, and nothing after that belongs to it", () => {
  const metadata = { labels: LABELS, deletionTimestamp: "2026-03-14T09:00:02Z" };
  const ends = [told().at(2).gone("RayCluster", NEW), told().at(2).object("RayCluster", NEW, { metadata })];
  for (const story of ends) {
    const { changed, deleted } = only(story.at(3).rayCluster(NEW, { a: 2 }).at(4).gone("RayCluster", NEW)) ?? {};
    assert.deepEqual([changed, deleted], [null, { ...momentAt(2), version: "3" }]);
  }
});

test("an object that cannot be read changes no life", () => {
  const { changed, deleted } = only(told().at(2).object("RayCluster", NEW, { metadata: "?" })) ?? {};
  assert.deepEqual([changed, deleted], [null, null]);
});

test("what is no RayCluster, or another RayService's, or is first seen by its end has no life", () => {
  const story = new StoryWriter(planOf())
    .object("Pod", "pod", { metadata: { labels: LABELS } })
    .object("RayCluster", "others", { metadata: { labels: { ...LABELS, "ray.io/originated-from-cr-name": "other" } } })
    .rayCluster(NEW)
    .gone("RayCluster", NEW);
  const last = story.observations.map((line): Observation => {
    return line.type === "object" && line.event === "deleted"
      ? { ...line, object: { metadata: { labels: LABELS } } }
      : line;
  });
  const unseen = last.filter((line) => line.type !== "object" || line.name !== NEW || line.event === "deleted");
  assert.deepEqual([...livesOf(unseen).keys()], []);
});

/** An upgrade from the old side to the new one, its trigger at second 10. */
const UPGRADE = timelineOfStory(aggressiveUpgrade().finish());

function lives(...names: readonly string[]): Map<string, Life> {
  return livesOf(names.reduce((story, name) => story.rayCluster(name), new StoryWriter(planOf()).at(5)).observations);
}

/** When a status first named RayClusters, by their seconds. */
function named(seconds: Readonly<Record<string, number>>): Map<string, Instant> {
  return new Map(Object.entries(seconds).map(([name, second]) => [name, momentAt(second)]));
}

test("RayClusters of the change are not too many, any other one that existed is", () => {
  assert.deepEqual(thirdOf(lives(OLD, NEW), named({ [OLD]: 0, [NEW]: 11 }), UPGRADE), []);
  const third = { cluster: THIRD, seen: momentAt(5), existed: true };
  assert.deepEqual(thirdOf(lives(OLD, NEW, THIRD), named({ [OLD]: 0, [NEW]: 11 }), UPGRADE), [third]);
  assert.deepEqual(thirdOf(lives(OLD, NEW, THIRD), named({}), { ...UPGRADE, passing: [THIRD] }), []);
});

test("a name that the status told last and that never existed is the one too many (defect: the RayCluster made for the change is blamed)", () => {
  const ghost = { ...UPGRADE, arriving: THIRD };
  const told = named({ [OLD]: 0, [NEW]: 11, [THIRD]: 20 });
  assert.deepEqual(thirdOf(lives(OLD, NEW), told, ghost), [{ cluster: THIRD, seen: momentAt(20), existed: false }]);
  // Where none was made for the change, its object may come yet.
  assert.deepEqual(thirdOf(lives(OLD), named({ [OLD]: 0, [THIRD]: 20 }), ghost), []);
});

test("where none is to come, whatever exists beside the old side is too many", () => {
  const timeline = { ...UPGRADE, arriving: null };
  const third = { cluster: NEW, seen: momentAt(5), existed: true };
  assert.deepEqual(thirdOf(lives(OLD, NEW), named({ [NEW]: 11 }), timeline), [third]);
});

test("in a rollback a name alone is too many from the trigger on, in an upgrade it is not (defect: names of the upgrade before are blamed)", () => {
  const rollback = { ...UPGRADE, made: "rollback" } as const;
  const at = (second: number): Map<string, Instant> => named({ [OLD]: 0, [NEW]: 11, [THIRD]: second });
  const third = { cluster: THIRD, seen: momentAt(10), existed: false };
  assert.deepEqual(thirdOf(lives(OLD, NEW), at(10), rollback), [third]);
  assert.deepEqual(thirdOf(lives(OLD, NEW), at(9.999), rollback), []);
  assert.deepEqual(thirdOf(lives(OLD, NEW), at(10), { ...rollback, trigger: null }), []);
  assert.deepEqual(thirdOf(lives(OLD, NEW), at(10), UPGRADE), []);
  // One of the change is none too many because its object is not on record.
  assert.deepEqual(thirdOf(lives(NEW), at(9), rollback), []);
});
