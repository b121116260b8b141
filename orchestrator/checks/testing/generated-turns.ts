/** For tests only: recordings of changes whose goal is set again under way, by KubeRay's algorithm, with whatever may differ between two good ones. */
import fc from "fast-check";
import { ALONE, sameState, stateText, type RolloutState } from "../../plan/state.ts";
import type { Goal, Step } from "../../plan/steps.ts";
import { SimulatedOperator } from "../../plan/testing/operator.ts";
import { NEW, OLD, THIRD, type Story } from "../story-writer.ts";
import { planOf, steadyLoad } from "../testing.ts";

export interface Turned {
  /** Goals that follow the first one, `after`. */
  readonly goals: readonly Goal[];
  readonly step: number;
  readonly surge: number;
  readonly interval: number;
  /** Seconds between two reconciles of the operator. */
  readonly reconcile: number;
  /** Seconds by which the HTTPRoute leads the status. */
  readonly lead: number;
  /** Reconciles from one goal to the next, counted from the first one in which traffic has moved. */
  readonly after: readonly number[];
  /** Seconds from the patch to the runner's note of it; negative: the watch tells later. */
  readonly noteAfter: number;
}

/** Changes of which some step can be judged at this rate. */
export function turned(goals: readonly Goal[]): fc.Arbitrary<Turned> {
  return fc.record({
    goals: fc.constant(goals),
    step: fc.integer({ min: 10, max: 60 }),
    surge: fc.oneof(fc.integer({ min: 10, max: 100 }), fc.constant(5)),
    interval: fc.integer({ min: 2, max: 5 }),
    reconcile: fc.constantFrom(2, 2.1, 2.5),
    lead: fc.constantFrom(0.02, 0.3, 0.9),
    after: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: goals.length, maxLength: goals.length }),
    noteAfter: fc.constantFrom(-0.05, 0.02, 0.3),
  });
}

const RATE = 20;
const VERSIONS: Readonly<Record<Goal, string>> = { before: "v1", after: "v2", third: "v3" };
const DO: Readonly<Record<Goal, "upgrade" | "third" | "rollback">> = {
  before: "rollback",
  after: "upgrade",
  third: "third",
};
const PENDINGS = [NEW, THIRD] as const;
/** Reconciles until a new RayCluster's application runs. */
const STARTING = 8;

/** A valid recording; null where the operator is done before the last goal is set. `state` tells another text than the true one of a state. */
export function recordedTurns(turns: Turned, state = (text: string): string => text): Story | null {
  const { goals, step, surge, interval, reconcile, lead, after, noteAfter } = turns;
  const strategy = { name: "any", stepSizePercent: step, intervalSeconds: interval, maxSurgePercent: surge };
  const base = planOf(strategy, { scenario: "turned", deadlines: { converged: 3_600_000, rolledBack: 3_600_000 } });
  const application = { ...base.application, versionThird: VERSIONS.third };
  const story = steadyLoad({ ...base, application, load: { ...base.load, rate: RATE } }, RATE);
  const operator = new SimulatedOperator(strategy);
  operator.goal = "after";
  const steps: Step[] = [{ do: "upgrade" }];
  let [now, served, traffic, stamp, generation, version] = [12.5, 1, 0, 12, 2, VERSIONS.after];
  let [pending, started, passes, moved] = [0, 0, 0, 0];
  const name = (): (typeof PENDINGS)[number] => PENDINGS[pending] ?? NEW;
  const serveUntil = (second: number): void => {
    story.served(served, second, traffic / 100, RATE, version, name());
    served = second;
  };
  const told = () => ({ stamp, generation, pending: name(), rollingBack: operator.rollingBack });
  const moveTo = (next: RolloutState): void => {
    const to = next.pendingTraffic ?? 0;
    if (to === traffic) return;
    serveUntil(now);
    story.at(now).route({ [OLD]: 100 - to, [name()]: to });
    now += lead;
    [traffic, stamp] = [to, Math.floor(now)];
  };
  story.at(10.5).status("100,100|0,0", { generation }).pod(NEW, "new-head").at(now).status("100,100|0,0", told());
  let last: RolloutState = operator.written.at(-1) ?? ALONE;
  while (!operator.done) {
    const goal = goals[steps.length - 1];
    if (goal !== undefined && moved > (after[steps.length - 1] ?? 0)) {
      const at = last.pendingTraffic ?? 0;
      steps.push({ do: DO[goal], when: { traffic: [at, at] } });
      generation += 1;
      const facts = { goal, after: { generation }, pendingCluster: name() };
      const patched = now + 0.5;
      const noted = patched + noteAfter;
      story.at(patched).status(state(stateText(last)), told());
      story.at(noted).action(goal === "before" ? "rollback" : "change", facts);
      serveUntil(patched + 0.4);
      [version, operator.goal, moved] = [VERSIONS[goal], goal, 0];
    }
    now += reconcile;
    passes += 1;
    const wrote = operator.written.length;
    const intervalPassed = now - stamp >= interval + 0.1;
    operator.pass({ intervalPassed, pendingReady: passes - started > STARTING });
    if (traffic > 0 || moved > 0 || operator.rollingBack) moved += 1;
    const next = operator.written.at(-1) ?? ALONE;
    if (operator.pending !== pending) {
      // The pending side had lost everything in the same reconcile.
      moveTo({ ...last, pendingTraffic: 0 });
      const gone = name();
      [pending, started, moved] = [operator.pending, passes, 0];
      story.at(now).status("100,100|0,0", { generation, pending: name() }).pod(name(), "third-head");
      story
        .at(now + 1.2)
        .gone("EndpointSlice", `${gone}-slice`)
        .gone("RayCluster", gone);
      story.at(now + 1.9).gone("Pod", "new-head");
      stamp = Math.floor(now + 1.5);
      story.at(now + 1.5).status("100,100|0,0", told());
    } else if (sameState(next, ALONE)) {
      break;
    } else {
      if (passes - started === STARTING) story.at(now).endpoints(name(), 2);
      moveTo(next);
      if (operator.written.length > wrote || operator.rollingBack) story.at(now).status(state(stateText(next)), told());
    }
    last = next;
  }
  if (steps.length <= goals.length || !sameState(operator.written.at(-1) ?? ALONE, ALONE)) return null;
  const promoted = !operator.rollingBack;
  const ending = promoted ? OLD : name();
  if (!promoted && traffic > 0) moveTo({ ...last, pendingTraffic: 0 });
  story
    .at(now)
    .status("100,100|-", { active: promoted ? name() : OLD, generation })
    .at(now + 1)
    .route({ [promoted ? name() : OLD]: 100 })
    .at(now + 2)
    .gone("EndpointSlice", `${ending}-slice`)
    .gone("RayCluster", ending)
    .at(now + 30);
  for (const pod of promoted ? ["old-worker", "old-head"] : [pending === 0 ? "new-head" : "third-head"])
    story.gone("Pod", pod);
  story.ends(now + 34, now + 34.5, now + 35);
  serveUntil(Math.floor(now + 34));
  return { ...story.finish(), plan: { ...story.plan, steps } };
}
