import assert from "node:assert/strict";
import { test } from "node:test";
import { STRATEGIES } from "../plan/strategy.ts";
import { aggressiveUpgrade, findingOf, NEW, planOf, steadyLoad } from "./testing.ts";

const finding = (story: ReturnType<typeof aggressiveUpgrade>) => findingOf("step-sequence", story.finish());

test("the trace of a real aggressive upgrade passes", () => {
  const { verdict, message } = finding(aggressiveUpgrade());
  assert.equal(verdict, "pass");
  assert.equal(message, "The upgrade went through the 9 states its strategy leads to.");
});

test("the trace of a real blue-green upgrade passes", () => {
  const story = steadyLoad(planOf(STRATEGIES[0]))
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .status("100,100|100,0", { stamp: 12 })
    .at(32)
    .status("100,0|100,100", { stamp: 32 })
    .at(34)
    .status("100,100|-", { active: NEW });
  assert.equal(finding(story).verdict, "pass");
});

test("traffic moved by twice the step fails and names what was expected", () => {
  const story = steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .status("100,100|50,0", { stamp: 12 })
    .at(34)
    .status("100,50|50,50", { stamp: 34 });
  const { verdict, message, violations } = finding(story);
  assert.equal(verdict, "fail");
  assert.equal(message, "The state 100,50|50,50 was seen after 100,100|50,0; expected was 100,75|50,25.");
  assert.equal(violations.length, 1);
});

test("the same under a watch that started over is not proven", () => {
  const story = steadyLoad(planOf())
    .at(11)
    .status("100,100|0,0")
    .at(30)
    .status("100,100|50,0", { stamp: 12 })
    .at(34)
    .relisted("RayService", 31)
    .status("100,50|50,50", { stamp: 34 });
  assert.equal(finding(story).verdict, "invalid");
});

test("a sequence that stops is invalid and names what did not follow", () => {
  const story = steadyLoad(planOf()).at(11).status("100,100|0,0");
  const { verdict, message } = finding(story);
  assert.equal(verdict, "invalid");
  assert.match(message, /stop at 100,100\|0,0; 100,100\|50,0 or 100,75\|50,25 did not follow/);
});

test("a change that began no upgrade is invalid", () => {
  assert.equal(finding(steadyLoad(planOf())).verdict, "invalid");
});
