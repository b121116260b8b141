/** For tests only: recordings written as literal histories, to be judged as they are or with one fact changed. */
import { attribution } from "../history/attributed.ts";
import { LedgerAccount } from "../history/ledger-account.ts";
import type { LedgerLine } from "../history/ledger.ts";
import type { Action, Observation } from "../history/observation.ts";
import type { Instant } from "../history/instant.ts";
import { timelineOf } from "../history/timeline-fold.ts";
import type { Timeline } from "../history/timeline.ts";
import { CHECK_IDS, planSchema, type CheckId, type Plan } from "../plan/plan.ts";
import { STRATEGIES, type Strategy } from "../plan/strategy.ts";
import type { Finding } from "./check.ts";
import { CHECKS } from "./index.ts";
import { NEW, OLD, START_MS, StoryWriter, type Story } from "./story-writer.ts";

export { NEW, OLD, START_MS, StoryWriter, THIRD, type Story } from "./story-writer.ts";

export function planOf(strategy: Strategy | undefined = STRATEGIES[1], changes: Partial<Plan> = {}): Plan {
  return planSchema.parse({
    schemaVersion: 1,
    runId: "20260314-090000-test",
    createdAt: "2026-03-14T09:00:00Z",
    scenario: "upgrade",
    strategy,
    load: { model: "open", rate: 100, vus: 50, requestTimeoutMs: 15_000, graceMs: 3000, warmUpSeconds: 3 },
    clients: ["short"],
    deadlines: { converged: 240_000, drained: 90_000 },
    application: { namespace: "test", name: "app", versionBefore: "v1", versionAfter: "v2" },
    target: "embedded",
    profile: "small",
    serveIngress: "haproxy",
    versions: { kuberay: "1.6.2" },
    gateway: { controller: "gateway.envoyproxy.io/gatewayclass-controller", splitModel: "deterministic" },
    requiredChecks: CHECK_IDS.filter((id) => id !== "latency-budget"),
    seed: 1,
    ...changes,
  });
}

/** What a story comes to, also before it is finished. */
export function timelineOfStory({ plan, observations }: Pick<Story, "plan" | "observations">): Timeline {
  return timelineOf(plan, observations);
}

/** A story's second by both clocks. */
export function momentAt(second: number): Instant {
  return { wallMs: START_MS + second * 1000, monoMs: second * 1000 };
}

/** Several kinds of clients that come to 100 requests/s. */
export const MIX: NonNullable<Plan["load"]["mix"]> = [
  kindOf("steady", 68, 50),
  kindOf("fresh", 20, 20),
  { ...kindOf("burst", 10, 5), requestsPerIteration: 10 },
  { ...kindOf("long", 2, 40), requestTimeoutMs: 21_000, holdsMs: 6000 },
];

/** A plan of the same load, but by several kinds of clients. */
export function mixedPlan(changes: Partial<Plan> = {}, mix = MIX): Plan {
  const { load } = planOf();
  const vus = mix.reduce((sum, kind) => sum + kind.vus, 0);
  return planOf(undefined, { load: { ...load, vus, mix }, clients: mix.map(({ client }) => client), ...changes });
}

function kindOf(client: string, rate: number, vus: number): NonNullable<Plan["load"]["mix"]>[number] {
  return { client, model: "open", rate, requestsPerIteration: 1, vus, requestTimeoutMs: 15_000, holdsMs: 0 };
}

/** The beginning of every story of a change: the old side serves, the load is steady from second 2 and the change is made at second 10. */
export function steadyLoad(plan: Plan, rate = plan.load.rate ?? 100): StoryWriter {
  return warmedUp(plan, rate)
    .at(10)
    .action("trigger", { before: { generation: 1 }, after: { generation: 2 }, activeCluster: OLD });
}

/** The old side serves, and the load is steady from second 2. */
export function warmedUp(plan: Plan, rate = plan.load.rate ?? 100): StoryWriter {
  return new StoryWriter(plan)
    .at(0)
    .action("record-start")
    .environment({ kubernetes: "v1.35.4", nodes: [{ name: "node", cpus: "2" }] })
    .rayCluster(OLD)
    .status("100,100|-")
    .route({ [OLD]: 100 })
    .endpoints(OLD, 2)
    .pod(OLD, "old-head")
    .pod(OLD, "old-worker")
    .synced("RayService", "RayCluster", "HTTPRoute", "Gateway", "Pod", "EndpointSlice", "Event", "Job")
    .at(1)
    .action("load-start")
    .clock("api-server")
    .clock("k6-pod")
    .platform()
    .at(2)
    .reading(Math.round(rate * 0.6), 0)
    .at(3)
    .reading(rate, 1)
    .at(4)
    .reading(rate, 2)
    .at(5)
    .reading(rate, 3)
    .action("warm-up-steady");
}

/** A whole aggressive upgrade (25/2/50) that passes: the trace of states seen on a real cluster, 100 requests/s. */
export function aggressiveUpgrade(plan = planOf()): StoryWriter {
  return steadyLoad(plan)
    .at(10.5)
    .status("100,100|0,0")
    .pod(NEW, "new-head")
    .at(30)
    .endpoints(NEW, 1)
    .status("100,100|0,0", { stamp: 12 })
    .at(32)
    .poll(NEW, 1)
    .status("100,100|50,0", { stamp: 12 })
    .at(34)
    .route({ [OLD]: 75, [NEW]: 25 })
    .at(34.3)
    .status("100,75|50,25", { stamp: 34 })
    .at(36.2)
    .route({ [OLD]: 50, [NEW]: 50 })
    .at(36.3)
    .status("100,50|50,50", { stamp: 36 })
    .at(38.5)
    .status("50,50|50,50", { stamp: 36 })
    .poll(OLD, 1)
    .at(41)
    .route({ [OLD]: 25, [NEW]: 75 })
    .at(41.2)
    .status("50,25|100,75", { stamp: 41 })
    .at(43.4)
    .route({ [OLD]: 0, [NEW]: 100 })
    .at(43.6)
    .status("50,0|100,100", { stamp: 43 })
    .at(45.9)
    .status("100,100|-", { active: NEW })
    .at(46.8)
    .route({ [NEW]: 100 })
    .at(48)
    .gone("RayCluster", OLD)
    .gone("EndpointSlice", `${OLD}-slice`)
    .at(60)
    .gone("Pod", "old-worker")
    .at(76)
    .gone("Pod", "old-head")
    .ends(79.1, 80, 81)
    .served(1, 34, 0)
    .served(34, 36, 0.25)
    .served(36, 41, 0.5)
    .served(41, 43.4, 0.75)
    .served(43.4, 79, 1);
}

/** One check's finding on a story. */
export function findingOf(id: CheckId, { plan, observations, ledger, summary }: Story): Finding {
  const check = CHECKS[id](plan);
  for (const line of observations) check.onObservation(line);
  const timeline = timelineOf(plan, observations);
  const account = new LedgerAccount();
  const attribute = attribution(plan, timeline);
  for (const line of ledger) {
    account.observe(line);
    check.onLedger(attribute(line), timeline);
  }
  return check.finish({ plan, timeline, account, summary });
}

/** The story with some of its observations left out or replaced. */
export function withObservations(story: Story, change: (line: Observation) => Observation | undefined): Story {
  return { ...story, observations: story.observations.flatMap((line) => change(line) ?? []) };
}

/** The story without an action of the runner. */
export function withoutAction(story: Story, action: Action["action"]): Story {
  return withObservations(story, (line) => (line.type === "action" && line.action === action ? undefined : line));
}

/** A ledger as a pod would have written it whose clock is ahead by so many ms (whole bins). */
export function shiftedLedger(ledger: readonly LedgerLine[], ms: number): LedgerLine[] {
  return ledger.map((line) => {
    switch (line.type) {
      case "answered":
      case "first-token":
      case "failures":
        return { ...line, binMs: line.binMs + ms };
      case "failed":
      case "session":
        return { ...line, startMs: line.startMs + ms };
      case "heartbeat":
        return { ...line, atMs: line.atMs + ms, settledMs: line.settledMs + ms };
      case "end":
        return { ...line, atMs: line.atMs + ms };
    }
  });
}
