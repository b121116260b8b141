import assert from "node:assert/strict";
import { test } from "node:test";
import { START_MS, StoryWriter } from "../checks/story-writer.ts";
import { planOf } from "../checks/testing.ts";
import { RecordedClocks } from "./recorded-clocks.ts";

function clocksOf(story: StoryWriter): RecordedClocks {
  const clocks = new RecordedClocks();
  for (const line of story.observations) clocks.observe(line);
  return clocks;
}
const begun = () => new StoryWriter(planOf()).at(0).action("record-start");
const measured = () => begun().at(1).clock("api-server").clock("k6-pod");

test("times of the runner that go on, or stand still, are none that go backwards", () => {
  assert.deepEqual(clocksOf(measured().at(2).action("load-start").action("warm-up-steady")).problems(1), []);
});

test("every line before the latest time so far goes backwards (defect: one that is later than the one before it is taken for right)", () => {
  const story = measured().at(2).action("load-start").at(1.2).action("warm-up-steady").at(1.8).action("stop-load");
  assert.deepEqual(clocksOf(story).problems(1), ["The history's times go backwards 2 times"]);
});

test("the runner's wall clock may deviate from its monotonic one by 250 ms, one way or the other", () => {
  for (const [deviationMs, problems] of [
    [0, []],
    [250, []],
    [-250, []],
    [251, ["The runner's wall clock was stepped by 251 ms during the run"]],
    [-1300, ["The runner's wall clock was stepped by 1,300 ms during the run"]],
  ] as const) {
    const clocks = clocksOf(measured());
    clocks.observe({ type: "environment", monoMs: 2000, wallMs: START_MS + 2000 + deviationMs, facts: {} });
    clocks.observe({ type: "environment", monoMs: 3000, wallMs: START_MS + 3000, facts: {} });
    assert.deepEqual([clocks.stepMs, clocks.problems(1)], [Math.abs(deviationMs), problems]);
  }
});

test("a clock must be measured before the change (defect: one that was only measured after it is taken for known)", () => {
  const late = begun().at(1).clock("k6-pod").at(10).action("trigger").at(11).clock("api-server");
  assert.deepEqual(clocksOf(late).problems(1), ["The API server's clock was not measured before the change"]);
  assert.deepEqual(clocksOf(late).problems(1, ["k6-pod"]), []);
  const never = clocksOf(begun());
  assert.deepEqual(never.problems(1), [
    "The API server's clock was not measured before the change",
    "The k6 pod's clock was not measured before the change",
  ]);
  assert.deepEqual(never.problems(0, ["k6-pod"]), ["The k6 pod's clock was not measured before the change"]);
});

test("every k6 pod's clock must be measured, and the one of the API server once, however many pods there are", () => {
  const two = begun().at(1).clock("api-server").clock("k6-pod", 2, 3, "load-0").clock("k6-pod", 2, 3, "load-1");
  assert.deepEqual(clocksOf(two).problems(2), []);
  assert.deepEqual(clocksOf(two).problems(3), ["The k6 pod's clock was not measured before the change"]);
});

test("a clock was set when its measurements contradict each other by more than 250 ms", () => {
  const moved = (fromMs: number, toMs: number) =>
    clocksOf(measured().at(2).clock("api-server", fromMs, 0).at(3).clock("api-server", toMs, 0));
  assert.deepEqual(moved(-125, 125).problems(1), []);
  assert.deepEqual(moved(-126, 125).problems(1), ["The API server's clock was set by at least 251 ms during the run"]);
});

test("of several pods' clocks the one that was set counts (defect: one that kept still speaks for all)", () => {
  const story = begun()
    .at(1)
    .clock("k6-pod", 0, 10, "load-0")
    .clock("k6-pod", -300, 0, "load-1")
    .at(2)
    .clock("k6-pod", 300, 0, "load-1");
  assert.deepEqual(clocksOf(story).problems(2, ["k6-pod"]), [
    "The k6 pod's clock was set by at least 600 ms during the run",
  ]);
});

test("a clock may be 250 ms from the runner's, its uncertainty included", () => {
  const apart = (offsetMs: number) => clocksOf(begun().at(1).clock("api-server", offsetMs, 3).clock("k6-pod"));
  assert.deepEqual(apart(247).problems(1), []);
  assert.deepEqual(apart(-247).problems(1), []);
  assert.deepEqual(apart(248).problems(1), [
    "The API server's clock may be 251 ms from the runner's; 250 ms are allowed",
  ]);
});

test("how far each measured clock may have been off, by all of its measurements together, and of nothing else", () => {
  const story = begun()
    .environment({ kubernetes: "v1.35.4" })
    .platform()
    .at(1)
    .clock("api-server", -40, 5)
    .clock("k6-pod", 2, 3)
    .at(2)
    .clock("api-server", -42, 1);
  assert.deepEqual(
    clocksOf(story).worstMs(),
    new Map([
      ["api-server", 43],
      ["k6-pod", 5],
    ]),
  );
});
