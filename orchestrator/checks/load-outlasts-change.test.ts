import assert from "node:assert/strict";
import { test } from "node:test";
import type { Action } from "../history/observation.ts";
import {
  aggressiveUpgrade,
  findingOf,
  momentAt,
  NEW,
  OLD,
  planOf,
  START_MS,
  withObservations,
  withoutAction,
  type Story,
} from "./testing.ts";
import { rollback } from "./testing/rollback-story.ts";
import { inPlace, steady } from "./testing/staying-stories.ts";

const finding = (story: Story) => findingOf("load-outlasts-change", story);
/** The story with an action moved to another second. */
const moved = (action: Action["action"], second: number, story = aggressiveUpgrade().finish()): Story =>
  withObservations(story, (line) =>
    line.type === "action" && line.action === action ? { ...line, ...momentAt(second) } : line,
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
  assert.match(finding(staying("old-head", aggressiveUpgrade().finish())).message, /never seen to go/);
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

/** The story without any status of the RayService. */
const statusless = (story: Story): Story =>
  withObservations(story, (line) => (line.type === "object" && line.kind === "RayService" ? undefined : line));
/** The story in which nobody saw an object go. */
const staying = (name: string, story: Story): Story =>
  withObservations(story, (line) =>
    line.type === "object" && line.name === name && line.event === "deleted" ? undefined : line,
  );
/** The story without what clients asked from one second to another. */
const silent = (from: number, to: number, story = aggressiveUpgrade().finish()): Story => {
  const within = (ms: number): boolean => ms >= START_MS + from * 1000 && ms < START_MS + to * 1000;
  const ledger = story.ledger.filter((line) => line.type !== "answered" || !within(line.binMs));
  return { ...story, ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })) };
};
const graceOf = (graceMs: number): Story =>
  aggressiveUpgrade(planOf(undefined, { load: { ...planOf().load, graceMs } })).finish();

test("what a load that spans the change did is told, by what was changed and how", () => {
  const whole = (story: Story): unknown[] => {
    const { verdict, message, figures, violations } = finding(story);
    assert.deepEqual([verdict, violations], ["pass", []]);
    return [message, figures];
  };
  const figures = { secondsBefore: 9, secondsAfter: 3.1 };
  assert.deepEqual(whole(aggressiveUpgrade().finish()), [
    "Load began 9.0 s before the change and ended 3.1 s after the old pods were gone.",
    figures,
  ]);
  assert.deepEqual(whole(rollback().finish()), [
    "Load began 9.0 s before the change and ended 3.1 s after the new pods were gone.",
    figures,
  ]);
  assert.deepEqual(whole(inPlace().finish()), [
    "Load began 9.0 s before the change and ended 3.1 s after it was complete.",
    figures,
  ]);
  assert.deepEqual(whole(steady().finish()), [
    "Load began 9.0 s before the first fault and ended 3.1 s after the application was as before.",
    figures,
  ]);
});

test("what is missing of load or change is told, each by its own sentence", () => {
  const upgrade = aggressiveUpgrade().finish();
  const requestless = { ...upgrade, ledger: upgrade.ledger.filter(({ type }) => type === "end") };
  const both = withoutAction(withoutAction(upgrade, "stop-load"), "load-ended");
  const [before, nothing] = [{ secondsBefore: 9, secondsAfter: null }, {}];
  const neverGone = "was never seen to go, so the change outlasted the record.";
  const cases: readonly [message: string, figures: Record<string, unknown>, story: Story][] = [
    ["The change was never made.", nothing, withoutAction(upgrade, "trigger")],
    ["The change was never made.", nothing, withoutAction(inPlace().finish(), "trigger")],
    ["No fault was ever made.", nothing, withoutAction(steady().finish(), "fault")],
    ["The load was never started.", nothing, withoutAction(upgrade, "load-start")],
    ["The load made no request.", nothing, requestless],
    [`The last pod of ${OLD} ${neverGone}`, before, staying("old-head", upgrade)],
    [`The last pod of ${NEW} ${neverGone}`, before, staying("new-head", rollback().finish())],
    [`The last pod of the old RayCluster ${neverGone}`, before, statusless(upgrade)],
    [`The last pod of the new RayCluster ${neverGone}`, before, statuslessRollback()],
    [
      "The record does not say that it was complete, so it ends too early.",
      before,
      withoutAction(inPlace().finish(), "in-place-done"),
    ],
    [
      "The record does not say that the application was as before, so it ends too early.",
      before,
      withoutAction(steady().finish(), "recovered"),
    ],
    ["The end of the load was not recorded.", before, both],
  ];
  for (const [message, figures, story] of cases) {
    assert.deepEqual(
      finding(story),
      { id: "load-outlasts-change", verdict: "invalid", message, figures, violations: [] },
      message,
    );
  }
});

test("the load must have begun the steady window before the change, no less", () => {
  const { verdict, message, figures } = finding(moved("trigger", 3.999));
  assert.equal(verdict, "invalid");
  assert.equal(message, "Load began 3.0 s before the change, less than the steady window of 3.0 s.");
  assert.deepEqual(figures, { secondsBefore: 2.999, secondsAfter: 3.1 });
  assert.equal(finding(moved("trigger", 4)).verdict, "pass");
  assert.equal(
    finding(moved("fault", 2.5, steady().finish())).message,
    "Load began 1.5 s before the first fault, less than the steady window of 3.0 s.",
  );
});

test("the load must go on for the grace period, but for half a second by which D may be seen later", () => {
  const ends = (second: number, story?: Story): unknown[] => {
    const { verdict, message } = finding(moved("stop-load", second, story));
    return verdict === "pass" ? [verdict] : [verdict, message];
  };
  const gone = "the old RayCluster's last pod was gone; the grace period is 3.0 s.";
  assert.deepEqual(ends(78.5), ["pass"]);
  assert.deepEqual(ends(78.4), ["invalid", `Load ended 2.4 s after ${gone}`]);
  assert.deepEqual(ends(78.499), ["invalid", `Load ended 2.5 s after ${gone}`]);
  assert.deepEqual(ends(76), ["invalid", `Load ended 0.0 s after ${gone}`]);
  assert.deepEqual(ends(75), ["invalid", `Load ended 1.0 s before ${gone}`]);
  assert.deepEqual(ends(61, rollback().finish()), [
    "invalid",
    "Load ended 1.0 s after the new RayCluster's last pod was gone; the grace period is 3.0 s.",
  ]);
  assert.deepEqual(ends(14, inPlace().finish()), [
    "invalid",
    "Load ended 2.0 s after it was complete; the grace period is 3.0 s.",
  ]);
  assert.deepEqual(ends(21, steady().finish()), [
    "invalid",
    "Load ended 1.0 s after the application was as before; the grace period is 3.0 s.",
  ]);
});

test("the load is over with its stop or its end, whichever came first or is on record", () => {
  const after = (story: Story): unknown => finding(story).figures["secondsAfter"];
  assert.equal(after(moved("load-ended", 78.6)), 2.6);
  assert.equal(after(withoutAction(aggressiveUpgrade().finish(), "load-ended")), 3.1);
  assert.equal(after(withoutAction(aggressiveUpgrade().finish(), "stop-load")), 4);
});

test("somebody must have asked when the change was over, unless hardly any time was planned for it", () => {
  const { message, figures } = finding(silent(76, 80));
  assert.equal(message, "No request was made after the old RayCluster's last pod was gone.");
  assert.deepEqual(figures, { secondsBefore: 9, secondsAfter: 3.1 });
  // One that starts in that very moment is enough.
  assert.equal(finding(silent(76.1, 80)).verdict, "pass");
  assert.equal(finding(silent(76, 80, graceOf(1000))).verdict, "invalid");
  assert.equal(finding(silent(76, 80, graceOf(999))).verdict, "pass");
});

test("a hole is five seconds under steady load", () => {
  const { verdict, message, figures } = finding(silent(20, 25));
  assert.deepEqual([verdict, message], ["invalid", "For five seconds no request was started, so the load had a hole."]);
  assert.deepEqual(figures, { secondsBefore: 9, secondsAfter: 3.1 });
  assert.equal(finding(silent(20, 24.9)).verdict, "pass");
  // Where the load was never called steady there is no stretch to look at: another check says so.
  assert.equal(finding(withoutAction(silent(20, 25), "warm-up-steady")).verdict, "pass");
});

test("only the watch of pods is needed, and no ledger that is whole", () => {
  assert.equal(finding(aggressiveUpgrade().at(40).relisted("Pod", 39).finish()).verdict, "invalid");
  assert.equal(finding(aggressiveUpgrade().at(40).relisted("RayService", 39).finish()).verdict, "pass");
  const story = aggressiveUpgrade().finish();
  assert.equal(finding({ ...story, ledger: story.ledger.slice(0, -1) }).verdict, "pass");
});

/** A rollback of which no status was ever seen, nor the name of the RayCluster that was taken back. */
function statuslessRollback(): Story {
  return withObservations(statusless(rollback().finish()), (line) =>
    line.type === "action" && line.action === "rollback" ? { ...line, facts: {} } : line,
  );
}
