import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveObjects } from "./live-objects.ts";
import type { Observation, WatchedKind } from "./observation.ts";
import type { Reading } from "./reading.ts";

const AT = { wallMs: 1e12, monoMs: 0 };

const object = (event: "listed" | "added" | "modified" | "deleted", uid: string, kind: WatchedKind = "Pod") =>
  ({ type: "object", ...AT, kind, event, name: uid, uid, resourceVersion: "1", object: { of: uid } }) as const;
const synced = (kind: WatchedKind = "Pod") => ({ type: "synced", ...AT, kind, resourceVersion: "1" }) as const;
const gap = (how: "resumed" | "relisted", kind: WatchedKind = "Pod") =>
  ({ type: "gap", ...AT, kind, how, sinceMonoMs: 0, reason: "410 Gone" }) as const;

/** Whatever a line carries is its view, also nothing. */
const anything = (carried: unknown): Reading<unknown> => ({ ok: true, view: carried });

function pods(...lines: readonly Observation[]): LiveObjects<unknown> {
  const live = new LiveObjects("Pod", anything);
  for (const line of lines) live.observe(line);
  return live;
}
const told = (live: LiveObjects<unknown>): unknown[] => [...live.values()];
const [ONE, TWO] = [{ of: "one" }, { of: "two" }];

test("objects of the watched kind come, are told of once, and go", () => {
  const live = pods(object("listed", "one"), synced(), object("added", "two"), object("modified", "one"));
  assert.deepEqual(told(live), [ONE, TWO]);
  live.observe(object("deleted", "one"));
  assert.deepEqual(told(live), [TWO]);
});

test("no other line adds one (defect: objects of another kind, or a line without an object, counted)", () => {
  const live = pods(
    object("listed", "a RayCluster", "RayCluster"),
    { type: "action", ...AT, action: "record-start", facts: {} },
    gap("relisted"),
    object("listed", "one"),
    synced(),
  );
  assert.deepEqual(told(live), [ONE]);
});

test("an object of another kind that comes or goes after the list is none (defect: a RayCluster counted as a pod until the next list)", () => {
  const live = pods(object("listed", "one"), synced());
  for (const event of ["listed", "added", "modified", "deleted"] as const) {
    live.observe(object(event, "a RayCluster", "RayCluster"));
    assert.deepEqual(told(live), [ONE], event);
  }
});

test("what a list that starts over no longer names is gone when it is complete, and not before", () => {
  const live = pods(object("listed", "one"), object("listed", "two"), synced(), gap("relisted"));
  assert.deepEqual(told(live), [ONE, TWO]);
  live.observe(object("listed", "two"));
  assert.deepEqual(told(live), [ONE, TWO]);
  live.observe(synced());
  assert.deepEqual(told(live), [TWO]);
});

test("another kind's list says nothing about this one's (defect: two lists at once empty each other)", () => {
  const live = pods(object("listed", "one"), object("listed", "two"), synced(), gap("relisted"), synced("Event"));
  assert.deepEqual(told(live), [ONE, TWO]);
  for (const line of [object("listed", "two"), gap("relisted", "Event"), synced()]) live.observe(line);
  assert.deepEqual(told(live), [TWO]);
});

test("a watch that resumes begins no list, and a list that ends twice takes nothing more", () => {
  assert.deepEqual(told(pods(object("listed", "one"), gap("resumed"), synced())), [ONE]);
  assert.deepEqual(told(pods(object("listed", "one"), synced(), object("added", "two"), synced())), [ONE, TWO]);
});

test("an object that cannot be read, or says nothing new, leaves what was known of it", () => {
  const answers: Reading<string | null>[] = [
    { ok: true, view: "known" },
    { ok: false, problem: "unreadable" },
    { ok: true, view: null },
  ];
  const live = new LiveObjects("Pod", () => answers.shift() ?? assert.fail());
  const seen: string[][] = [];
  for (let times = 0; times < 3; times += 1) {
    live.observe(object("modified", "one"));
    seen.push([...live.values()]);
  }
  assert.deepEqual(seen, [["known"], ["known"], ["known"]]);
});

test("an object that a list names without anything new is still there", () => {
  const answers: Reading<string | null>[] = [
    { ok: true, view: "known" },
    { ok: true, view: null },
  ];
  const live = new LiveObjects("Pod", () => answers.shift() ?? assert.fail());
  for (const line of [object("listed", "one"), synced(), gap("relisted"), object("listed", "one"), synced()]) {
    live.observe(line);
  }
  assert.deepEqual([...live.values()], ["known"]);
});
