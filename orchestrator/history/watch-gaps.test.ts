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
