import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, findingOf, START_MS, withObservations, withoutAction, type Story } from "./testing.ts";

const finding = (story: Story) => findingOf("load-outlasts-change", story);
/** The upgrade with an action moved to another second. */
const moved = (action: string, second: number): Story =>
  withObservations(aggressiveUpgrade().finish(), (line) =>
    line.type === "action" && line.action === action
      ? { ...line, monoMs: second * 1000, wallMs: START_MS + second * 1000 }
      : line,
  );

test("load from before the steady window to after the grace period passes", () => {
  const { verdict, figures } = finding(aggressiveUpgrade().finish());
  assert.equal(verdict, "pass");
  assert.deepEqual(figures, { secondsBefore: 9, secondsAfter: 3.1 });
});

test("load stopped before the grace period was over is invalid", () => {
  assert.match(finding(moved("stop-load", 77)).message, /ended 1\.0 s after .* grace period is 3\.0 s/);
});

test("load that ended by itself before the old pods were gone is invalid", () => {
  const { verdict, message } = finding(moved("load-ended", 60));
  assert.equal(verdict, "invalid");
  assert.match(message, /Load ended 16\.0 s before/);
});

test("load begun less than a steady window before the change is invalid", () => {
  assert.equal(finding(moved("trigger", 3)).verdict, "invalid");
});

test("load begins with its first request, not when the runner has written so", () => {
  assert.equal(finding(moved("load-start", 8)).verdict, "pass");
});

test("old pods that were never seen to go leave the end of the change open", () => {
  const story = withObservations(aggressiveUpgrade().finish(), (line) =>
    line.type === "object" && line.name === "old-head" && line.event === "deleted" ? undefined : line,
  );
  assert.match(finding(story).message, /never seen to go/);
});

test("a load that was stopped late but had long fallen silent is invalid", () => {
  const story = aggressiveUpgrade().finish();
  const ledger = story.ledger.filter((line) => line.type !== "answered" || line.binMs < START_MS + 70_000);
  assert.match(finding({ ...story, ledger }).message, /No request was made after/);
});

test("a hole of five seconds in the load proves nothing about them", () => {
  const story = aggressiveUpgrade().finish();
  const hole = story.ledger.filter(
    (line) => line.type !== "answered" || line.binMs < START_MS + 20_000 || line.binMs >= START_MS + 25_000,
  );
  const { verdict, message } = finding({ ...story, ledger: hole.map((line, index) => ({ ...line, seq: index + 1 })) });
  assert.equal(verdict, "invalid");
  assert.match(message, /For five seconds no request was started/);
});

test("without the change, or the load, there is nothing to compare", () => {
  assert.equal(finding(withoutAction(aggressiveUpgrade().finish(), "trigger")).verdict, "invalid");
  assert.equal(finding(withoutAction(aggressiveUpgrade().finish(), "load-start")).verdict, "invalid");
});
