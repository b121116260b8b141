import assert from "node:assert/strict";
import { test } from "node:test";
import { LedgerAccount } from "../history/ledger-account.ts";
import type { LateDelivery, Relist, Timeline } from "../history/timeline.ts";
import type { Evidence, Finding, Run, Violation } from "./check.ts";
import { heldAgainst, relistWithin } from "./evidence.ts";
import { fail, invalid, missing, notApplicable, pass } from "./finding.ts";
import { aggressiveUpgrade, momentAt, START_MS, timelineOfStory, withObservations, type Story } from "./testing.ts";

const ID = "zero-failures";
const ms = (second: number): number => START_MS + second * 1000;
/** T0 at second 10, C at 45.9, D at 76, and the load ends at 80. */
const STORY = aggressiveUpgrade().finish();

/** The recording of an upgrade, with what its history comes to changed. */
function runOf(changes: Partial<Timeline> = {}, { plan, observations, ledger, summary }: Story = STORY): Run {
  const account = new LedgerAccount();
  for (const line of ledger) account.observe(line);
  return { plan, timeline: { ...timelineOfStory({ plan, observations }), ...changes }, account, summary };
}

/** The upgrade whose ledger says that the load ended at a second. */
function endingAt(second: number): Story {
  const ledger = STORY.ledger.map((line) => (line.type === "end" ? { ...line, atMs: ms(second) } : line));
  return { ...STORY, ledger };
}
/** The upgrade whose ledger is cut short. */
const CUT: Story = { ...STORY, ledger: STORY.ledger.slice(0, -1) };
/** The upgrade in which nobody measured the k6 pod's clock. */
const UNMEASURED = withObservations(STORY, (line) =>
  line.type === "clock" && line.of === "k6-pod" ? undefined : line,
);

const relist = (kind: Relist["kind"], since: number, until: number): Relist => {
  return { ...momentAt(until), kind, sinceMonoMs: since * 1000, reason: "" };
};
const violation = (second: number, changes: Partial<Violation> = {}): Violation => {
  return { atMs: ms(second), cause: "late", facts: {}, ...changes };
};

const PODS: Evidence = { watches: ["Pod"], ledger: false };
const LEDGER: Evidence = { watches: ["Pod"], ledger: true };
const PASS = pass(ID, "All was well for 1.5 s.", { requests: 3 });
const FAIL = fail(ID, "It failed for 1.5 s.", { requests: 3 }, [violation(40)]);
const NEVER = missing(ID, "It never came.", { requests: 3 }, [violation(40)]);
const NOT_BETWEEN = missing(ID, "It did not come.", { requests: 3 }, [violation(40)], "between");

/** Why the finding was weakened, after its own words; null where it stands as it is. */
function weakenedBy(evidence: Evidence, finding: Finding, run: Run): string | null {
  const held = heldAgainst(evidence, finding, run);
  if (held === finding) return null;
  const own = finding.message.slice(0, -1);
  assert.deepEqual(
    { ...held, message: held.message.slice(0, own.length) },
    { id: ID, verdict: "invalid", message: own, figures: finding.figures, violations: [] },
  );
  return held.message.slice(own.length);
}

test("a relist hides what was between its two ends, and only of its kind", () => {
  const timeline = runOf({ relists: [relist("Pod", 20, 30), relist("RayService", 40, 50)] }).timeline;
  const found = (kinds: Evidence["watches"], from: number | null, to: number | null): string | undefined => {
    const at = (second: number | null) => (second === null ? null : momentAt(second));
    return relistWithin(timeline, kinds, at(from), at(to))?.kind;
  };
  assert.equal(found(["Pod"], 10, 70), "Pod");
  assert.equal(found(["RayService", "Pod"], 10, 70), "Pod");
  assert.equal(found(["RayService"], 10, 70), "RayService");
  assert.equal(found(["Gateway"], 10, 70), undefined);
  assert.equal(found([], 10, 70), undefined);
  // It may hide what began before its end and ended after its beginning.
  assert.equal(found(["Pod"], 29.999, 70), "Pod");
  assert.equal(found(["Pod"], 30, 70), undefined);
  assert.equal(found(["Pod"], 10, 20.001), "Pod");
  assert.equal(found(["Pod"], 10, 20), undefined);
  // A moment that never came is the end of the recording, on either side.
  assert.equal(found(["Pod"], null, 25), "Pod");
  assert.equal(found(["Pod"], 25, null), "Pod");
  assert.equal(found(["Pod"], null, null), "Pod");
});

test("what stands on evidence without a hole stands", () => {
  for (const finding of [PASS, FAIL, NEVER, NOT_BETWEEN]) {
    assert.equal(weakenedBy({ ...LEDGER, dated: ["late"] }, finding, runOf()), null);
  }
});

test("a watch that started over takes a pass and what is missing, not what was witnessed", () => {
  const why = ", but the watch of Pod started over during the change and may have missed a transition.";
  const run = runOf({ relists: [relist("Pod", 20, 30)] });
  for (const finding of [PASS, NEVER, NOT_BETWEEN]) assert.equal(weakenedBy(PODS, finding, run), why);
  for (const finding of [FAIL, invalid(ID, "Too little."), notApplicable(ID, "Not asked.")]) {
    assert.equal(weakenedBy(PODS, finding, run), null);
  }
  assert.equal(weakenedBy({ ...PODS, watches: ["RayService"] }, PASS, run), null);
  // Before T0 and after D nothing is looked for.
  assert.equal(weakenedBy(PODS, PASS, runOf({ relists: [relist("Pod", 5, 10)] })), null);
  assert.equal(weakenedBy(PODS, PASS, runOf({ relists: [relist("Pod", 9, 10.1)] })), why);
  assert.equal(weakenedBy(PODS, PASS, runOf({ relists: [relist("Pod", 76, 78)] })), null);
  assert.equal(weakenedBy(PODS, PASS, runOf({ relists: [relist("Pod", 75.9, 78)] })), why);
});

test("what did not come until the end may have come after a history that was cut short", () => {
  const run = runOf({ recordEnd: null });
  assert.equal(weakenedBy(PODS, NEVER, run), ", but the history was cut short.");
  // What lies between two things that were seen would have been seen, and a pass is no such word.
  for (const finding of [NOT_BETWEEN, PASS, FAIL]) assert.equal(weakenedBy(PODS, finding, run), null);
});

test("a ledger that is not whole takes a pass and what is missing from those that need it", () => {
  const why = ", but the ledger is not whole, so something may be missing.";
  for (const finding of [PASS, NOT_BETWEEN, NEVER]) {
    assert.equal(weakenedBy(LEDGER, finding, runOf({}, CUT)), why);
    assert.equal(weakenedBy(PODS, finding, runOf({}, CUT)), null);
  }
  assert.equal(weakenedBy(LEDGER, FAIL, runOf({}, CUT)), null);
});

test("what never answered was not asked where the load ended before the change did", () => {
  const why = ", but the load ended before the change did, so that nobody asked for it.";
  const byItself = runOf({ loadEnded: null });
  assert.equal(weakenedBy(LEDGER, NEVER, byItself), why);
  assert.equal(weakenedBy(PODS, NEVER, byItself), null);
  for (const finding of [NOT_BETWEEN, PASS]) assert.equal(weakenedBy(LEDGER, finding, byItself), null);
  const ended = (second: number, changes: Partial<Timeline> = {}): string | null =>
    weakenedBy(LEDGER, NEVER, runOf(changes, endingAt(second)));
  // The change is over with the last pod; where that was never seen to go, with C.
  assert.deepEqual([ended(75.9), ended(76)], [why, null]);
  assert.deepEqual([ended(45.8, { drained: null }), ended(45.9, { drained: null })], [why, null]);
  // An upgrade that is never over has 240 s from T0.
  const endless = { drained: null, converged: null };
  assert.deepEqual([ended(249.9, endless), ended(250, endless)], [why, null]);
  assert.equal(ended(79, { ...endless, made: "rollback" }), null);
  assert.equal(ended(79, { ...endless, trigger: null }), null);
});

test("violations that follow from the ledger's times prove nothing where its clock is not known", () => {
  const why =
    ", but the ledger's times cannot be held against the history's: the k6 pod's clock was not measured before the change.";
  const dated: Evidence = { ...LEDGER, dated: ["early", "late"] };
  const run = runOf({}, UNMEASURED);
  assert.equal(weakenedBy(dated, FAIL, run), why);
  const witnessed = violation(41, { cause: "failed-request" });
  // One that does not follow from them is enough.
  assert.equal(weakenedBy(dated, fail(ID, "It failed.", {}, [violation(40), witnessed]), run), null);
  assert.equal(weakenedBy(dated, fail(ID, "It failed.", {}, [witnessed]), run), null);
  assert.equal(weakenedBy(LEDGER, FAIL, run), null);
  for (const finding of [PASS, fail(ID, "It failed.", {}, [])]) assert.equal(weakenedBy(dated, finding, run), null);
});

/** The watches of pods and of the route are held against another clock; the route's was interrupted from second 35 to 40. */
const TIMED: Evidence = { ...LEDGER, timed: { watches: ["Pod", "HTTPRoute"], causes: ["late", "early"] } };
const LATE: LateDelivery = { ...momentAt(40), kind: "HTTPRoute", sinceMonoMs: 35_000 };
const TOLD_LATE = ", but the watch of HTTPRoute was interrupted and told late what happened meanwhile.";
const within = (...violations: Violation[]): string | null =>
  weakenedBy(TIMED, fail(ID, "It failed.", {}, violations), runOf({ lateDeliveries: [LATE] }));

test("what a watch told late may only seem to have been wrong, as far as a second around it", () => {
  assert.equal(within(violation(34)), TOLD_LATE);
  assert.equal(within(violation(33.999)), null);
  assert.equal(within(violation(41)), TOLD_LATE);
  assert.equal(within(violation(41.001)), null);
  assert.equal(within(violation(36, { facts: { untilMs: ms(41) } })), TOLD_LATE);
  assert.equal(within(violation(36, { facts: { untilMs: ms(41.001) } })), null);
});

test("all that was wrong must lie within what was told late, and be what a late word can make", () => {
  assert.equal(within(violation(36), violation(39, { cause: "early" })), TOLD_LATE);
  assert.equal(within(violation(36), violation(50)), null);
  assert.equal(within(violation(36), violation(39, { cause: "failed-request" })), null);
});

test("only watches that the check holds against another clock can have made its violations by being late", () => {
  const held = (evidence: Evidence, finding: Finding, ...lateDeliveries: LateDelivery[]): string | null =>
    weakenedBy(evidence, finding, runOf({ lateDeliveries }));
  assert.equal(held(TIMED, FAIL, LATE), TOLD_LATE);
  // The first one that explains all is named, whatever others there are.
  assert.equal(held(TIMED, FAIL, { ...LATE, kind: "Gateway" }, { ...LATE, ...momentAt(36) }, LATE), TOLD_LATE);
  assert.equal(held(TIMED, FAIL, { ...LATE, kind: "Gateway" }), null);
  assert.equal(held(TIMED, FAIL), null);
  assert.equal(held(LEDGER, FAIL, LATE), null);
  for (const finding of [PASS, fail(ID, "It failed.", {}, [])]) assert.equal(held(TIMED, finding, LATE), null);
});
