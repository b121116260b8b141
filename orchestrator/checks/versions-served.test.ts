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
  withoutAction,
  type Story,
} from "./testing.ts";

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
