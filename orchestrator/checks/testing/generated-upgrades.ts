/** For tests only: recordings of upgrades by KubeRay's algorithm, with whatever may differ between two good ones. */
import fc from "fast-check";
import { expectedStates, stateText } from "../../plan/state.ts";
import type { Plan } from "../../plan/plan.ts";
import type { WatchedKind } from "../../history/observation.ts";
import { MIX, mixedPlan, planOf, shiftedLedger, steadyLoad } from "../testing.ts";
import { NEW, OLD, type Story, type StoryWriter } from "../story-writer.ts";

export interface Upgrade {
  readonly step: number;
  readonly surge: number;
  readonly interval: number;
  /** Seconds from trigger to the first ready endpoint. */
  readonly startUp: number;
  /** Seconds between two reconciles of the operator. */
  readonly reconcile: number;
  /** Seconds by which the HTTPRoute leads the status. */
  readonly lead: number;
  /** Seconds by which the gateway acts after the watch tells of a move; negative: before. */
  readonly lag: number;
  /** Per state that may be merged: whether it is. */
  readonly merges: readonly boolean[];
  /** Requests per second. */
  readonly rate: number;
  /** Whether several kinds of clients make up the rate. */
  readonly kinds: boolean;
  /** By how much the k6 pod's clock is ahead, ms: whole bins. */
  readonly skewMs: number;
  /** Watches that were interrupted and resumed, or started over where it does not matter. */
  readonly gaps: readonly {
    readonly kind: WatchedKind;
    readonly how: "resumed" | "relisted";
    readonly second: number;
  }[];
}

const gaps: fc.Arbitrary<Upgrade["gaps"]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom<WatchedKind>("RayService", "HTTPRoute", "Pod", "EndpointSlice", "RayCluster"),
      how: fc.constant("resumed" as const),
      second: fc.integer({ min: 1, max: 60 }),
    }),
    // Events only comment; and what was lost before the change is listed again.
    fc.record({
      kind: fc.constant("Event" as const),
      how: fc.constant("relisted" as const),
      second: fc.integer({ min: 1, max: 60 }),
    }),
    fc.record({
      kind: fc.constantFrom<WatchedKind>("RayCluster", "Gateway", "Job"),
      how: fc.constant("relisted" as const),
      second: fc.integer({ min: 2, max: 9 }),
    }),
  ),
  { maxLength: 3 },
);

/** Last move of traffic in percent: what the longest step, the last one, must be able to show. */
function lastMove(strategy: { readonly step: number; readonly surge: number }): number {
  const states = expectedStates({ stepSizePercent: strategy.step, maxSurgePercent: strategy.surge });
  const traffic = states.flatMap(({ state }) => state.pendingTraffic ?? []);
  return 100 - Math.max(...traffic.filter((percent) => percent < 100));
}

const anyUpgrade: fc.Arbitrary<Upgrade> = fc.record({
  step: fc.integer({ min: 10, max: 100 }),
  surge: fc.integer({ min: 10, max: 100 }),
  interval: fc.integer({ min: 1, max: 5 }),
  startUp: fc.integer({ min: 5, max: 40 }),
  reconcile: fc.constantFrom(2, 2.1, 2.5),
  lead: fc.constantFrom(0.02, 0.3, 0.9),
  lag: fc.constantFrom(-0.1, 0, 0.2, 0.4),
  merges: fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }),
  rate: fc.constantFrom(400, 800),
  kinds: fc.boolean(),
  skewMs: fc.constantFrom(-100, 0, 100),
  gaps,
});

/** Upgrades of which some step can be judged at these rates. */
export const upgrades = anyUpgrade.filter((upgrade) => lastMove(upgrade) >= 10);

/** Upgrades under the load of several kinds of clients. */
export const mixed = upgrades.map((upgrade) => ({ ...upgrade, kinds: true }));

/** Upgrades with more than one move of traffic. */
export const gradual = upgrades.filter(({ step, surge }) => step <= 50 || surge <= 50);

/** A fact of the world that is otherwise, told at the moment it concerns. The writer's clock stands at that moment. */
export interface Twist {
  readonly plan?: Partial<Plan>;
  readonly atFirstWeight?: (story: StoryWriter, second: number) => void;
  readonly atPromotion?: (story: StoryWriter, second: number) => void;
  /** The text of a state instead of the true one. */
  readonly state?: (text: string, index: number) => string;
  /** Told right after a state; `index` counts the states told. */
  readonly afterState?: (story: StoryWriter, text: string, index: number, stamp: number) => void;
  /** The second move is stamped a second less than the interval after the first. */
  readonly stampEarly?: boolean;
  /** The new side's share instead of the weight's. */
  readonly share?: (weight: number) => number;
}

/** The kinds of MIX at another rate. */
function mixOf(rate: number): typeof MIX {
  return MIX.map((kind) => ({ ...kind, rate: ((kind.rate ?? 0) * rate) / 100 }));
}

/** A valid recording of an upgrade, but for the twist. */
export function recorded(upgrade: Upgrade, twist: Twist = {}): Story {
  const { step, surge, interval, startUp, reconcile, lead, lag, merges, rate, kinds, skewMs } = upgrade;
  const strategy = {
    name: `${step}/${interval}/${surge}`,
    stepSizePercent: step,
    intervalSeconds: interval,
    maxSurgePercent: surge,
  };
  const base = planOf(strategy, { deadlines: { converged: 3_600_000 }, ...twist.plan });
  const { load, clients } = kinds ? mixedPlan({}, mixOf(rate)) : base;
  const story = steadyLoad({ ...base, clients, load: { ...load, rate } }, rate);
  const shareOf = twist.share ?? ((weight: number) => weight / 100);
  let now = 10.5;
  let served = 1;
  let traffic = 0;
  let stamp = 12;
  let moves = 0;
  let merged = 0;
  let told = 0;
  const serveUntil = (second: number): void => {
    story.served(served, second, shareOf(traffic), rate);
    served = second;
  };
  story.at(now).status("100,100|0,0").pod(NEW, "new-head").at(12.5).status("100,100|0,0", { stamp });
  now = Math.max(now, 10 + startUp);
  story.at(now).endpoints(NEW, 2);
  const states = expectedStates(strategy).slice(2, -1);
  for (const [index, { state, mayBeMerged }] of states.entries()) {
    const last = index === states.length - 1;
    if (mayBeMerged && (last || merges[(merged += 1) % merges.length] === true)) continue;
    const to = state.pendingTraffic ?? 0;
    now += reconcile;
    if (to !== traffic) {
      now = Math.max(now, stamp + interval + 0.1);
      serveUntil(now + lag);
      story.at(now).route({ [OLD]: 100 - to, [NEW]: to });
      if (traffic === 0) twist.atFirstWeight?.(story, now);
      now += lead;
      traffic = to;
      moves += 1;
      stamp = twist.stampEarly === true && moves === 2 ? stamp + interval - 1 : Math.floor(now);
    }
    const text = twist.state?.(stateText(state), index) ?? stateText(state);
    story.at(now).status(text, { stamp });
    twist.afterState?.(story, text, told, stamp);
    told += 1;
  }
  now += reconcile;
  story.at(now).status("100,100|-", { active: NEW });
  twist.atPromotion?.(story, now);
  story
    .at(now + 1)
    .route({ [NEW]: 100 })
    .at(now + 2)
    .gone("EndpointSlice", `${OLD}-slice`)
    .gone("RayCluster", OLD)
    .at(now + 30)
    .gone("Pod", "old-worker")
    .gone("Pod", "old-head")
    .ends(now + 34, now + 34.5, now + 35);
  serveUntil(Math.floor(now + 34));
  for (const { kind, how, second } of upgrade.gaps) story.at(second).gap(kind, how, second - 0.5);
  return skewed(story.finish(), skewMs);
}

/** The same as told by a pod whose clock is ahead. */
function skewed(story: Story, skewMs: number): Story {
  if (skewMs === 0) return story;
  const ledger = shiftedLedger(story.ledger, skewMs);
  const observations = story.observations.map((line) => {
    if (line.type === "clock" && line.of === "k6-pod") return { ...line, offsetMs: skewMs };
    return line.type === "warm-up-reading" ? { ...line, secondMs: line.secondMs + skewMs } : line;
  });
  return { ...story, ledger, observations };
}
