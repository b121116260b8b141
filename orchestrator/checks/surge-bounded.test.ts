import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, findingOf, planOf, steadyLoad } from "./testing.ts";

const finding = (story: ReturnType<typeof aggressiveUpgrade>) => findingOf("surge-bounded", story.finish());

test("an upgrade within its surge passes and says how far it went", () => {
  const { verdict, figures } = finding(aggressiveUpgrade());
  assert.deepEqual([verdict, figures["maximum"], figures["bound"]], ["pass", 150, 150]);
});

test("one percent over the surge fails", () => {
  const story = steadyLoad(planOf()).at(11).status("100,100|0,0").at(30).status("100,100|51,0", { stamp: 12 });
  const { verdict, message } = finding(story);
  assert.equal(verdict, "fail");
  assert.equal(message, "Both sides together had 151 % of the capacity at 100,100|51,0; 150 % are allowed.");
});

test("a watch that started over may hide more, but what was seen over the bound stays", () => {
  assert.equal(finding(aggressiveUpgrade().at(37).relisted("RayService", 36.5)).verdict, "invalid");
  const over = steadyLoad(planOf()).at(11).status("100,100|0,0").at(20).relisted("RayService", 19);
  assert.equal(finding(over.at(30).status("100,100|60,0", { stamp: 12 })).verdict, "fail");
});

test("without an upgrade there is no surge", () => {
  assert.equal(finding(steadyLoad(planOf())).verdict, "invalid");
});
