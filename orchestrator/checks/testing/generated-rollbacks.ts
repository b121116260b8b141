/** For tests only: recordings of rollbacks by KubeRay's algorithm, with whatever may differ between two good ones. */
import fc from "fast-check";
import { expectedRollback } from "../../plan/rollback.ts";
import { ALONE, expectedStates, stateText, type RolloutState } from "../../plan/state.ts";
import type { Strategy } from "../../plan/strategy.ts";
import { NEW, OLD, type Story } from "../story-writer.ts";
import { steadyLoad } from "../testing.ts";
import { ROLLING_BACK, rollbackPlan } from "./rollback-story.ts";

export interface Rollback {
  readonly step: number;
  readonly surge: number;
  readonly interval: number;
  /** Seconds between two reconciles of the operator. */
  readonly reconcile: number;
  /** Seconds by which the HTTPRoute leads the status. */
  readonly lead: number;
  /** Which of the states with traffic on the new side it begins in, 0 to 1. */
  readonly from: number;
  /** Seconds from that state to the patch, and from the patch to the runner's note of it; negative: the watch tells first. */
  readonly patchAfter: number;
  readonly noteAfter: number;
  /** Whether the operator tells of the rollback before it moves anything. */
  readonly toldFirst: boolean;
  /** Per state that may be merged: whether it is. */
  readonly merges: readonly boolean[];
}

const anyRollback: fc.Arbitrary<Rollback> = fc.record({
  step: fc.integer({ min: 10, max: 100 }),
  surge: fc.integer({ min: 10, max: 100 }),
  interval: fc.integer({ min: 1, max: 5 }),
  reconcile: fc.constantFrom(2, 2.1, 2.5),
  lead: fc.constantFrom(0.02, 0.3, 0.9),
  from: fc.double({ min: 0, max: 0.999, noNaN: true }),
  patchAfter: fc.constantFrom(0.1, 0.5, 1.5),
  noteAfter: fc.constantFrom(-0.05, 0.02, 0.3),
  toldFirst: fc.boolean(),
  merges: fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }),
});

function strategyOf({ step, surge, interval }: Rollback): Strategy {
  return { name: "any", stepSizePercent: step, intervalSeconds: interval, maxSurgePercent: surge };
}

/** States of the upgrade up to the one in which it is taken back, and those from it on. */
function statesOf(rollback: Rollback): { forward: readonly Told[]; back: readonly Told[] } {
  const forward = expectedStates(strategyOf(rollback));
  // Active capacity 0 is never written: the operator promotes in that reconcile.
  const candidates = forward.flatMap(({ state }, index) =>
    (state.pendingTraffic ?? 0) > 0 && state.activeCapacity > 0 ? [index] : [],
  );
  const index = candidates[Math.floor(rollback.from * candidates.length)] ?? 0;
  const from = forward[index]?.state;
  const back = from === undefined ? [] : expectedRollback(from, strategyOf(rollback));
  return { forward: forward.slice(2, index + 1), back: back.slice(1, -1) };
}

type Told = ReturnType<typeof expectedStates>[number];

/** Last move back in percent: what the longest step, the last one without weight, must be able to show. */
function lastMove(rollback: Rollback): number {
  const { forward, back } = statesOf(rollback);
  const traffic = [...forward, ...back].flatMap(({ state }) => state.pendingTraffic ?? []);
  return traffic.findLast((percent) => percent > 0) ?? 0;
}

/** Rollbacks of which some step can be judged at this rate. */
export const rollbacks = anyRollback.filter((rollback) => lastMove(rollback) >= 10);

const RATE = 400;

/** A valid recording of a rollback. `state` tells another text than the true one of a state on the way back. */
export function recordedRollback(rollback: Rollback, state = (text: string, _index: number): string => text): Story {
  const { interval, reconcile, lead, patchAfter, noteAfter, toldFirst, merges } = rollback;
  const { forward, back } = statesOf(rollback);
  const turn = forward.at(-1)?.state.pendingTraffic ?? 0;
  const base = rollbackPlan(undefined, {
    strategy: strategyOf(rollback),
    rollback: { window: "generated", fromTraffic: turn, toTraffic: turn },
    deadlines: { converged: 3_600_000, rolledBack: 3_600_000 },
  });
  const story = steadyLoad({ ...base, load: { ...base.load, rate: RATE } }, RATE);
  let [now, served, traffic, stamp, merged] = [30, 1, 0, 12, 0];
  let version = "v2";
  const serveUntil = (second: number): void => {
    story.served(served, second, traffic / 100, RATE, version);
    served = second;
  };
  const write = (to: RolloutState, text: string, told: object): void => {
    now += reconcile;
    const pending = to.pendingTraffic ?? 0;
    if (pending !== traffic) {
      now = Math.max(now, stamp + interval + 0.1);
      serveUntil(now);
      story.at(now).route({ [OLD]: 100 - pending, [NEW]: pending });
      now += lead;
      traffic = pending;
      stamp = Math.floor(now);
    }
    story.at(now).status(text, { stamp, ...told });
  };
  const skips = (mayBeMerged: boolean, last: boolean): boolean =>
    mayBeMerged && (last || merges[(merged += 1) % merges.length] === true);

  story.at(10.5).status("100,100|0,0", { generation: 2 }).pod(NEW, "new-head");
  story.at(12.5).status("100,100|0,0", { stamp, generation: 2 }).at(now).endpoints(NEW, 2);
  for (const [index, one] of forward.entries()) {
    // The state in which it is taken back was written.
    if (index < forward.length - 1 && skips(one.mayBeMerged, false)) continue;
    write(one.state, stateText(one.state), { generation: 2 });
  }
  const lastText = stateText(forward.at(-1)?.state ?? ALONE);
  now += patchAfter;
  story.at(now).status(lastText, { stamp, generation: 3 });
  story.at(now + noteAfter).action("rollback", { before: { generation: 2 }, after: { generation: 3 } });
  serveUntil(now + 0.3);
  version = "v1";
  if (toldFirst) story.at(now + 0.2).status(lastText, { stamp, ...ROLLING_BACK });
  for (const [index, one] of back.entries()) {
    if (skips(one.mayBeMerged, index === back.length - 1)) continue;
    write(one.state, state(stateText(one.state), index), ROLLING_BACK);
  }
  now += reconcile;
  story
    .at(now)
    .status("100,100|-", { generation: 3 })
    .at(now + 1)
    .route({ [OLD]: 100 })
    .at(now + 2)
    .gone("EndpointSlice", `${NEW}-slice`)
    .gone("RayCluster", NEW)
    .at(now + 30)
    .gone("Pod", "new-head")
    .ends(now + 34, now + 34.5, now + 35);
  serveUntil(Math.floor(now + 34));
  return story.finish();
}
