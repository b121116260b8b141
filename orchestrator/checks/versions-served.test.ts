import assert from "node:assert/strict";
import { test } from "node:test";
import { timelineOf } from "../history/timeline-fold.ts";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  OLD,
  planOf,
  START_MS,
  steadyLoad,
  THIRD,
  withObservations,
  withoutAction,
  type Story,
} from "./testing.ts";
import { ownPlan, SERVICE, withoutClusters } from "./testing/own-service-story.ts";
import { rollback } from "./testing/rollback-story.ts";
import { inPlace, steady, undeployable } from "./testing/staying-stories.ts";
import { third } from "./testing/turned-stories.ts";

const finding = (story: Story) => findingOf("versions-served", story);

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

test("a side that answered nothing of a load that was gone by then is not proven silent (defect: a load that is deleted fails the product)", () => {
  const story = aggressiveUpgrade().finish();
  const silent = {
    ...story,
    ledger: story.ledger.map((line) => (line.type === "answered" ? { ...line, version: "v1" } : line)),
  };
  const died = finding(withoutAction(silent, "load-ended"));
  assert.equal(died.verdict, "invalid");
  assert.match(
    died.message,
    /^No load request was answered by version v2 .*, but the load ended before the change did/,
  );
  const ended = (second: number) =>
    finding({
      ...silent,
      ledger: silent.ledger.map((line) => (line.type === "end" ? { ...line, atMs: START_MS + second * 1000 } : line)),
    });
  const { drained } = timelineOf(silent.plan, silent.observations);
  const overS = ((drained?.wallMs ?? Number.NaN) - START_MS) / 1000;
  assert.deepEqual([ended(overS - 0.1).verdict, ended(overS).verdict], ["invalid", "fail"]);
});

test("nobody asked for the new version where the load ended before a change that had time left; a change whose time is up is to blame (defect: a load that somebody stops fails the product)", () => {
  const story = aggressiveUpgrade().finish();
  const unfinished = (convergedMs: number): Story => ({
    ...story,
    plan: { ...story.plan, deadlines: { ...story.plan.deadlines, converged: convergedMs } },
    observations: story.observations.filter(({ type, wallMs }) => type !== "object" || wallMs < START_MS + 40_000),
    ledger: story.ledger.map((line) => (line.type === "answered" ? { ...line, version: "v1" } : line)),
  });
  assert.equal(timelineOf(story.plan, unfinished(240_000).observations).converged, null);
  assert.equal(finding(unfinished(240_000)).verdict, "invalid");
  assert.equal(finding(unfinished(20_000)).verdict, "fail");
});

test("without an upgrade there are no two sides", () => {
  assert.equal(findingOf("versions-served", steadyLoad(planOf()).served(1, 20, 0).finish()).verdict, "invalid");
});

const said = (story: Story): [verdict: string, message: string] => {
  const { verdict, message } = finding(story);
  return [verdict, message];
};
/** A story without the answers of a RayCluster, or without those of a version. */
function silencing(story: Story, who: string): Story {
  const ledger = story.ledger.filter((line) => line.type !== "answered" || ![line.cluster, line.version].includes(who));
  return { ...story, ledger: ledger.map((line, index) => ({ ...line, seq: index + 1 })) };
}
/** A story whose HTTPRoute was seen at some of its moments alone. */
const routeSeen = (story: Story, isSeen: (second: number) => boolean): Story =>
  withObservations(story, (line) =>
    line.type === "object" && line.kind === "HTTPRoute" && !isSeen(line.monoMs / 1000) ? undefined : line,
  );

test("a pass says who answered how often with what", () => {
  for (const [story, message] of [
    [
      aggressiveUpgrade(),
      "Both sides answered: 3,760 requests by v1 on app-abcde and 4,040 requests by v2 on app-fghij.",
    ],
    [rollback(), "Both sides answered: 5,965 requests by v1 on app-abcde and 90 requests by v2 on app-fghij."],
    [
      third(),
      "All sides answered: 6,817 requests by v1 on app-abcde, 90 requests by v2 on app-fghij and 3,948 requests by v3 on app-klmno.",
    ],
    [inPlace(), "Both versions answered: 955 requests by v1 on app-abcde and 445 requests by v2 on app-abcde."],
    [steady(), "The one version answered: 2,200 requests by v1 on app-abcde."],
  ] as const) {
    assert.deepEqual(said(story.finish()), ["pass", message]);
  }
});

test("where answers tell their version alone, versions answered, and the figures say that RayClusters were told by these", () => {
  const own = finding(withoutClusters(aggressiveUpgrade(ownPlan()).finish()));
  assert.equal(
    own.message,
    "Both versions answered: 3,760 requests by v1 on app-abcde and 4,040 requests by v2 on app-fghij.",
  );
  assert.deepEqual(own.figures, {
    ...{ leaving: OLD, arriving: NEW, attributed: true },
    answers: { v1: { [OLD]: 3760 }, v2: { [NEW]: 4040 } },
  });
  const steadily = { ...steady().finish(), plan: { ...steady().plan, service: SERVICE } };
  assert.deepEqual(said(withoutClusters(steadily)), [
    "pass",
    "The one version answered: 2,200 requests by v1 on app-abcde.",
  ]);
});

test("figures tell of both sides and of every answer, whoever gave it", () => {
  const { figures } = finding(
    rollback()
      .answered(START_MS + 36_000, "app-ghost", "v9", 1)
      .finish(),
  );
  assert.deepEqual(figures, {
    leaving: OLD,
    arriving: NEW,
    answers: { v1: { [OLD]: 5965, [NEW]: 145 }, v2: { [NEW]: 90 }, v9: { "app-ghost": 1 } },
  });
});

test("who answered nothing is told, each with its version and RayCluster, dated at the ledger's end", () => {
  const { verdict, message, violations, figures, fromMissing } = finding(silencing(aggressiveUpgrade().finish(), NEW));
  assert.deepEqual(
    [verdict, message, fromMissing],
    ["fail", `No load request was answered by version v2 on ${NEW}.`, "until-the-end"],
  );
  const atMs = START_MS + 80_000;
  assert.deepEqual(violations, [{ atMs, cause: "never-answered", facts: { version: "v2", cluster: NEW } }]);
  assert.deepEqual(figures, { leaving: OLD, arriving: NEW, answers: { v1: { [OLD]: 3760 } }, violations: 1 });
  for (const [story, names] of [
    [silencing(aggressiveUpgrade().finish(), OLD), "version v1 on app-abcde"],
    [silencing(third().finish(), NEW), "version v2 on app-fghij"],
    [silencing(silencing(third().finish(), NEW), THIRD), "version v2 on app-fghij and version v3 on app-klmno"],
    [silencing(inPlace().finish(), "v2"), "version v2 on app-abcde"],
    [silencing(inPlace().finish(), "v1"), "version v1 on app-abcde"],
    [silencing(steady().finish(), "v1"), "version v1 on app-abcde"],
    [silencing(rollback().finish(), NEW), "version v2 on app-fghij"],
    [silencing(undeployable().finish(), OLD), "version v1 on app-abcde"],
  ] as const) {
    assert.deepEqual(said(story), ["fail", `No load request was answered by ${names}.`]);
  }
});

test("a RayCluster that was given up need not have answered where it never had weight, the one that is to come must have", () => {
  const passed = routeSeen(silencing(third().finish(), NEW), (second) => second < 30 || second > 60);
  assert.deepEqual(said(passed), [
    "pass",
    "Both sides answered: 6,817 requests by v1 on app-abcde and 3,948 requests by v3 on app-klmno.",
  ]);
  const blind = routeSeen(silencing(aggressiveUpgrade().finish(), NEW), (second) => second < 30);
  assert.deepEqual(said(blind), ["fail", `No load request was answered by version v2 on ${NEW}.`]);
});

test("a new side that a change was taken back from before it had weight was to serve nobody", () => {
  const { verdict, message, figures } = finding(undeployable().finish());
  assert.deepEqual(
    [verdict, message],
    [
      "not-applicable",
      "app-fghij never had weight, so nobody was to be served by it; 5,200 requests by v1 on app-abcde.",
    ],
  );
  assert.deepEqual(figures, { leaving: OLD, arriving: NEW, answers: { v1: { [OLD]: 5200 } } });
});

test("without two sides, or the one of a change in place, there is nobody who could have answered", () => {
  const unseen = "No upgrade was seen, so there are no two RayClusters that could have answered.";
  const alone = finding(steadyLoad(planOf()).served(1, 20, 0).finish());
  assert.deepEqual([alone.verdict, alone.message], ["invalid", unseen]);
  assert.deepEqual(alone.figures, { leaving: OLD, arriving: null, answers: { v1: { [OLD]: 1900 } } });
  const untouched = finding(withoutAction(inPlace().finish(), "trigger"));
  assert.deepEqual([untouched.verdict, untouched.message], ["invalid", unseen]);
  assert.equal(untouched.figures["leaving"], null);
});

test("a ledger without an end proves nobody silent, also where the change has no moment", () => {
  const { ledger, ...story } = silencing(aggressiveUpgrade().finish(), NEW);
  const cut = { ...story, ledger: ledger.slice(0, -1) };
  const message = `No load request was answered by version v2 on ${NEW}, but the ledger is not whole, so something may be missing.`;
  assert.deepEqual(said(cut), ["invalid", message]);
  const pending = withObservations(withoutAction(cut, "trigger"), (line) =>
    line.type === "object" && line.kind === "RayService" && line.monoMs > 45_000 ? undefined : line,
  );
  assert.deepEqual(said(pending), ["invalid", message]);
});
