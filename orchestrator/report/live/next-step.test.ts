import assert from "node:assert/strict";
import { test } from "node:test";
import { planOf } from "../../checks/testing.ts";
import type { RolloutState } from "../../plan/state.ts";
import { nextStep, nextWords, type Standing } from "./next-step.ts";

const plan = planOf();

/** States of an aggressive upgrade up to the one named, as `active capacity, active traffic, pending capacity, pending traffic`. */
function seenUntil(last: string): RolloutState[] {
  const all = ["100,100", "100,100,0,0", "100,100,50,0", "100,75,50,25", "100,50,50,50", "50,50,50,50", "50,25,100,75"];
  return all.slice(0, all.indexOf(last) + 1).map((text) => {
    const [activeCapacity = 0, activeTraffic = 0, pendingCapacity, pendingTraffic] = text.split(",").map(Number);
    return {
      activeCapacity,
      activeTraffic,
      pendingCapacity: pendingCapacity ?? null,
      pendingTraffic: pendingTraffic ?? null,
    };
  });
}

function words(changes: Partial<Standing>, nowMs: number): string {
  const standing: Standing = {
    phase: "shifting",
    plan,
    streak: 0,
    done: 1,
    seen: seenUntil("100,75,50,25"),
    seenMs: 34_300,
    rollback: "none",
    movedMs: 34_000,
    doneMs: null,
    deletionDelayMs: null,
    isEnding: false,
    drainedMs: null,
    ...changes,
  };
  return nextWords(nextStep(standing), nowMs);
}

test("traffic is due from the interval after its stamp on, for as long as the operator may take to look, and late after that", () => {
  assert.equal(words({}, 34_300), "next in 2 to 5 s: new traffic 50 %");
  assert.equal(words({}, 35_900), "next in 1 to 4 s: new traffic 50 %");
  assert.equal(words({}, 36_000), "next within 3 s: new traffic 50 %");
  assert.equal(words({}, 39_000), "next within 0 s: new traffic 50 %");
  assert.equal(words({}, 43_000), "next, overdue by 4.0 s: new traffic 50 %");
});

test("a change of capacity alone is due at the operator's next look, whatever the interval (defect: an interval that does not apply)", () => {
  const lowered = { seen: seenUntil("100,50,50,50"), seenMs: 36_500, movedMs: 36_000 };
  assert.equal(
    words({ ...lowered, plan: { ...plan, strategy: { ...plan.strategy, intervalSeconds: 60 } } }, 37_000),
    "next within 3 s: old capacity 50 %",
  );
});

test("capacity and traffic that may come in one status are told together", () => {
  const seen = seenUntil("50,50,50,50");
  assert.equal(
    words({ seen, seenMs: 38_500, movedMs: 38_000 }, 39_000),
    "next in 1 to 4 s: new capacity 100 % and new traffic 75 %",
  );
});

test("no time is promised while the new cluster starts (defect: overdue from the stamp that its side is made with)", () => {
  const starting = { phase: "starting", movedMs: 12_000 } as const;
  assert.equal(words({ ...starting, seen: seenUntil("100,100") }, 60_000), "next: a new RayCluster");
  assert.equal(
    words({ ...starting, seen: seenUntil("100,100,0,0") }, 60_000),
    "next: new capacity 50 % and new traffic 25 %, once the new cluster serves",
  );
  assert.equal(
    words({ ...starting, seen: seenUntil("100,100,50,0") }, 60_000),
    "next: new traffic 25 %, once the new cluster serves",
  );
  // The route tells of the first move before the status does.
  assert.equal(words({ movedMs: 12_000, seen: seenUntil("100,100,50,0") }, 60_000), "next: new traffic 25 %");
});

test("a state that the strategy never leads to is named, and nothing is expected after it", () => {
  const [, ...seen] = seenUntil("100,75,50,25").reverse();
  assert.equal(
    words(
      {
        seen: [...seen.reverse(), { activeCapacity: 100, activeTraffic: 40, pendingCapacity: 50, pendingTraffic: 60 }],
      },
      0,
    ),
    "next: unknown, as the strategy never leads to 100,40|50,60",
  );
});

test("after the promotion the deletion is due by its delay, and pods take as long as they take", () => {
  const promoted = { phase: "promoted", doneMs: 46_000 } as const;
  assert.equal(words({ ...promoted, deletionDelayMs: 60_000 }, 50_000), "next in 56 to 59 s: old cluster deleted");
  assert.equal(words(promoted, 50_000), "next: old cluster deleted");
  assert.equal(words({ ...promoted, deletionDelayMs: 0, isEnding: true }, 90_000), "next: old cluster's last pod gone");
});

test("the end of the grace period is the runner's own and told closely", () => {
  assert.equal(words({ phase: "grace", drainedMs: 76_000 }, 77_500), "next in 2 to 3 s: the load is stopped");
});

test("one steady second that is missing is one second, and there are never fewer than none", () => {
  assert.equal(words({ phase: "warming-up", streak: 2 }, 0), "next: the change, after 1 more steady second");
  assert.equal(words({ phase: "warming-up", streak: 5 }, 0), "next: the change");
});
