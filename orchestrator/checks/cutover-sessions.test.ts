import assert from "node:assert/strict";
import { test } from "node:test";
import { directionOf, SessionChanges } from "./cutover-sessions.ts";
import { NEW, OLD, START_MS, THIRD } from "./testing.ts";

type Side = readonly [cluster: string, version: string];

/** A session that was answered by one side and then by another. */
function moved([fromCluster, fromVersion]: Side, [cluster, version]: Side, session = 3) {
  const sides = { fromCluster, fromVersion, cluster, version };
  return { type: "session", seq: 1, startMs: START_MS, client: "session", session, ...sides } as const;
}

const VERSIONS = { versionBefore: "v1", versionAfter: "v2" };
const UPGRADE = { leaving: OLD, arriving: NEW, ending: OLD };
const TAKEN_BACK = { leaving: OLD, arriving: NEW, ending: NEW };

type Case = readonly [from: Side, to: Side, direction: ReturnType<typeof directionOf>];

function holds(change: typeof UPGRADE, cases: readonly Case[]): void {
  for (const [from, to, direction] of cases) {
    assert.equal(directionOf(moved(from, to), change, VERSIONS), direction, `${from.join()} to ${to.join()}`);
  }
}

test("an upgrade sends sessions forward to the new side or version, and back to the old ones", () => {
  holds(UPGRADE, [
    [[OLD, "v1"], [NEW, "v2"], "forward"],
    [[OLD, "v1"], [OLD, "v2"], "forward"],
    [[NEW, "v2"], [OLD, "v1"], "back"],
    [[NEW, "v2"], [NEW, "v1"], "back"],
    // Who is sent to the new side and given the old version by it has gone back.
    [[OLD, "v2"], [NEW, "v1"], "back"],
    [[THIRD, "v2"], [OLD, "v2"], "back"],
  ]);
});

test("a change that is taken back sends sessions to the old side, and who stays on a side goes neither way", () => {
  holds(TAKEN_BACK, [
    [[NEW, "v2"], [OLD, "v1"], "forward"],
    [[NEW, "v1"], [OLD, "v1"], "forward"],
    [[OLD, "v1"], [NEW, "v2"], "back"],
    [[OLD, "v1"], [NEW, "v1"], "back"],
    [[NEW, "v2"], [NEW, "v1"], "other"],
    [[NEW, "v1"], [NEW, "v2"], "other"],
  ]);
});

test("a session that meets neither another side nor another version of the change went neither way (defect: who stays on the old side counted as gone back)", () => {
  const neither: readonly Case[] = [
    [[THIRD, "v3"], [THIRD, "v4"], "other"],
    [[OLD, "v1"], [OLD, "v3"], "other"],
    [[NEW, "v2"], [NEW, "v3"], "other"],
    [[OLD, "v1"], [THIRD, "v1"], "other"],
    [[NEW, "v2"], [THIRD, "v2"], "other"],
  ];
  holds(UPGRADE, neither);
  holds(TAKEN_BACK, neither);
});

test("changes are counted by their way, those back by when they started, and the sessions that changed once each", () => {
  const changes = new SessionChanges();
  const [one, other] = [moved([OLD, "v1"], [NEW, "v2"], 1), moved([OLD, "v1"], [NEW, "v2"], 2)];
  const ofAnotherClient = { ...one, client: "long" };
  assert.deepEqual(
    [
      changes.add(one, "forward", false),
      changes.add(one, "back", false),
      changes.add(one, "forward", true),
      changes.add(other, "back", true),
      changes.add(other, "back", true),
      changes.add(ofAnotherClient, "other", true),
    ],
    [false, false, false, true, true, false],
  );
  assert.deepEqual(changes.figures(), { changed: 3, forward: 2, backBefore: 1, backAfter: 2 });
});
