import assert from "node:assert/strict";
import { test } from "node:test";
import { StoryWriter } from "../checks/story-writer.ts";
import { planOf } from "../checks/testing.ts";
import { WatchGaps } from "./watch-gaps.ts";

function gapsOf(story: StoryWriter): WatchGaps {
  const gaps = new WatchGaps();
  for (const line of story.observations) gaps.observe(line);
  return gaps;
}
const begun = () => new StoryWriter(planOf()).at(1).pod("a", "one");

test("a watch that starts over may have missed something, and told the rest late", () => {
  const gaps = gapsOf(begun().at(5).relisted("Pod", 3));
  assert.deepEqual(
    [gaps.relists, gaps.lateDeliveries].map((list) =>
      list.map(({ kind, sinceMonoMs, monoMs }) => [kind, sinceMonoMs, monoMs]),
    ),
    [[["Pod", 3000, 5000]], [["Pod", 3000, 5000]]],
  );
});

test("a resumed watch told late what it tells right after", () => {
  const gaps = gapsOf(begun().at(5).gap("Pod", "resumed", 3).at(5.2).pod("a", "two"));
  assert.deepEqual([gaps.relists.length, gaps.lateDeliveries.length], [0, 1]);
});

test("a resumed watch of which nothing comes, or only later, was merely quiet", () => {
  const quiet = begun().at(150).gap("Pod", "resumed", 0);
  assert.equal(gapsOf(quiet).lateDeliveries.length, 0);
  assert.equal(gapsOf(quiet.at(160).pod("a", "two").at(160.1).pod("a", "three")).lateDeliveries.length, 0);
  // Another kind says nothing about it.
  assert.equal(gapsOf(begun().at(5).gap("Pod", "resumed", 3).at(5.1).route({ a: 100 })).lateDeliveries.length, 0);
});

/** Two pods are known when the watch breaks off; the list after it is told by `list`. */
function relisted(list: (story: StoryWriter) => StoryWriter): number {
  const known = new StoryWriter(planOf()).at(0).pod("a", "one").pod("a", "two").synced("Pod").at(5).relisted("Pod", 3);
  return gapsOf(list(known)).relists.length;
}
/** The line that first told of a pod, as a list tells of it again. */
function again(story: StoryWriter, name: string, change: { resourceVersion?: string } = {}): StoryWriter {
  const first = story.observations.find((line) => line.type === "object" && line.name === name);
  if (first?.type === "object")
    story.observations.push({ ...first, event: "listed", wallMs: 0, monoMs: 5000, ...change });
  return story;
}

test("a list that names every object as it was has hidden nothing (defect: each stop of the API server makes a run invalid)", () => {
  assert.equal(
    relisted((story) => again(again(story, "one"), "two").synced("Pod")),
    0,
  );
});

test("a list that lacks one, has one more, or one that was written since, may hide what happened (defect: equal names taken for equal objects)", () => {
  assert.equal(
    relisted((story) => again(story, "one").synced("Pod")),
    1,
  );
  assert.equal(
    relisted((story) => again(again(story, "one"), "two").pod("a", "three").synced("Pod")),
    1,
  );
  assert.equal(
    relisted((story) => again(again(story, "one", { resourceVersion: "99" }), "two").synced("Pod")),
    1,
  );
});

test("a list that is not complete shows nothing, and nor does one of a kind of which nothing was known", () => {
  assert.equal(
    relisted((story) => again(again(story, "one"), "two")),
    1,
  );
  const unknown = new StoryWriter(planOf()).at(5).relisted("Job", 3).synced("Job");
  assert.equal(gapsOf(unknown).relists.length, 1);
});

test("one that was gone before the watch broke off is not missing from the list after it (defect: each pod that ever was is asked for)", () => {
  const known = new StoryWriter(planOf())
    .at(0)
    .pod("a", "one")
    .pod("a", "two")
    .synced("Pod")
    .at(2)
    .gone("Pod", "two")
    .at(5)
    .relisted("Pod", 3);
  assert.equal(gapsOf(again(known, "one").synced("Pod")).relists.length, 0);
});

test("a kind of which a whole list named nothing is known to be empty", () => {
  const empty = () => new StoryWriter(planOf()).at(0).synced("Job").at(5).relisted("Job", 3);
  assert.equal(gapsOf(empty().synced("Job")).relists.length, 0);
  assert.equal(gapsOf(empty().object("Job", "load", { metadata: {} }).synced("Job")).relists.length, 1);
});

test("each interruption is held against its own list (defect: the second one of a watch always counts as a loss)", () => {
  const whole = (story: StoryWriter) => again(again(story, "one"), "two").synced("Pod");
  assert.equal(
    relisted((story) => whole(whole(story).at(9).relisted("Pod", 8))),
    0,
  );
  assert.equal(
    relisted((story) => again(whole(story).at(9).relisted("Pod", 8), "one").synced("Pod")),
    1,
  );
});

test("a resumed watch told late once, and within a second (defect: each line of it counts)", () => {
  const resumed = () => begun().at(5).gap("Pod", "resumed", 3);
  assert.equal(gapsOf(resumed().at(5.2).pod("a", "two").at(5.3).pod("a", "three")).lateDeliveries.length, 1);
  assert.equal(gapsOf(resumed().at(6).pod("a", "two")).lateDeliveries.length, 1);
  assert.equal(gapsOf(resumed().at(6.001).pod("a", "two")).lateDeliveries.length, 0);
});
