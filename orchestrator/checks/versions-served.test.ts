import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, findingOf, NEW, OLD, planOf, steadyLoad } from "./testing.ts";

test("both sides answering with their versions passes and counts them", () => {
  const { verdict, figures } = findingOf("versions-served", aggressiveUpgrade().finish());
  assert.equal(verdict, "pass");
  assert.deepEqual(figures["answers"], { v1: { [OLD]: 3760 }, v2: { [NEW]: 4040 } });
});

test("a new RayCluster that goes on answering with the old version fails", () => {
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.map((line) => (line.type === "answered" ? { ...line, version: "v1" } : line));
  const { verdict, message } = findingOf("versions-served", { ...story, ledger });
  assert.equal(verdict, "fail");
  assert.equal(message, `No load request was answered by version v2 on ${NEW}.`);
});

test("the new version answering only on the old RayCluster, as after an in-place edit, fails", () => {
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.map((line) => (line.type === "answered" ? { ...line, cluster: OLD } : line));
  assert.equal(findingOf("versions-served", { ...story, ledger }).verdict, "fail");
});

test("a side missing from a ledger that is cut short is not proven silent", () => {
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.filter((line) => line.type === "answered" && line.version === "v1");
  assert.equal(findingOf("versions-served", { ...story, ledger }).verdict, "invalid");
});

test("without an upgrade there are no two sides", () => {
  assert.equal(findingOf("versions-served", steadyLoad(planOf()).served(1, 20, 0).finish()).verdict, "invalid");
});
