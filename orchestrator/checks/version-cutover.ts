import { leastLatencyMs } from "../history/histogram.ts";
import { serveServiceOf } from "../history/httproute.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { BIN_MS } from "../history/ledger-account.ts";
import type { Timeline } from "../history/timeline.ts";
import { counted, number, seconds } from "../history/words.ts";
import { plannedClients, type Plan } from "../plan/plan.ts";
import type { Check, Figures, Violation } from "./check.ts";
import { directionOf, SessionChanges } from "./cutover-sessions.ts";
import { CLOCK_BOUND_MS, CONVERGENCE_MS, ROUTE_LEAD_MS } from "./evidence.ts";
import { fail, invalid, MOST_VIOLATIONS, pass } from "./finding.ts";

const id = "version-cutover";

/** The side that a change ends, by scenario. */
const LOSING: Readonly<Record<Plan["scenario"], "old" | "new">> = { upgrade: "old", rollback: "new" };

/** Least end of a request that the new side answered, and greatest start of one that the losing side answered; Unix ms. */
interface Extremes {
  earliestNewMs: number | null;
  latestLosingMs: number | null;
}

interface State {
  readonly application: Plan["application"];
  /** Time (ms) that a kind of client's answer takes by design. */
  readonly holdsMs: ReadonlyMap<string, number>;
  /** When the new side first had weight, and when the losing side had its last; Unix ms, null when it never came. */
  edges: Edges | null;
  /** By kind of connection. */
  readonly connections: Map<string, Extremes>;
  readonly sessions: SessionChanges;
  strays: number;
  readonly violations: Violation[];
}

interface Edges {
  readonly newFromMs: number | null;
  readonly losingUntilMs: number | null;
}

/**
 * No request was answered by the new side before it got weight, and none that was STARTED after the losing side's last weight was gone was
 * answered by it, on new connections or on kept ones. From then on no session goes back to it or its version. The losing side is the one that
 * the change ends: the old one, or the new one in a rollback. The
 * gateway may act on a route up to ROUTE_LEAD_MS before the watch tells of it, and has CONVERGENCE_MS to act on it; both clocks may
 * differ by CLOCK_BOUND_MS.
 *
 * A row of the ledger counts many requests of 100 ms: the new side's are held against the earliest end that the row's fastest
 * request can have had at the latest (less what an answer takes by design, as the side had the request before that), the losing side's against
 * the start of their bin, so that every violation is certain.
 *
 * Source: Gateway API, HTTPRouteRule.backendRefs: a backend of weight 0 receives no request.
 */
export const versionCutover: Check<State> = {
  id,
  evidence: {
    watches: ["HTTPRoute"],
    timed: {
      watches: ["HTTPRoute"],
      causes: ["new-before-weight", "old-after-weight", "new-after-weight", "session-went-back"],
    },
    ledger: true,
  },
  init: (plan) => ({
    application: plan.application,
    holdsMs: new Map(plannedClients(plan).map(({ client, holdsMs }) => [client, holdsMs])),
    edges: null,
    connections: new Map(),
    sessions: new SessionChanges(),
    strays: 0,
    violations: [],
  }),
  onLedger(state, line, timeline) {
    state.edges ??= edgesOf(timeline);
    if (line.type === "answered") onAnswered(state, state.edges, line, timeline);
    if (line.type === "session") onSession(state, state.edges, line, timeline);
  },
  finish(state, { timeline }) {
    const edges = state.edges ?? edgesOf(timeline);
    const { newFromMs, losingUntilMs } = edges;
    const all = extremesOf(state.connections);
    const figures = {
      ...distances(all, edges, timeline.made),
      connections: Object.fromEntries(
        [...state.connections]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([kind, one]) => [kind, distances(one, edges, timeline.made)]),
      ),
      sessions: state.sessions.figures(),
      convergenceBoundMs: CONVERGENCE_MS + CLOCK_BOUND_MS,
      leadBoundMs: ROUTE_LEAD_MS + CLOCK_BOUND_MS,
    };
    if (newFromMs === null) return invalid(id, "The new side was never seen to get weight.", figures);
    const losing = LOSING[timeline.made];
    const [first] = state.violations;
    if (first !== undefined) {
      const text = violatedText(first, newFromMs, losingUntilMs ?? 0, losing);
      return fail(id, text, figures, state.violations, state.strays);
    }
    if (losingUntilMs === null)
      return invalid(id, `The ${losing} side was never seen to lose its last weight.`, figures);
    if (all.earliestNewMs === null) return invalid(id, "The new side answered nothing.", figures);
    const last =
      all.latestLosingMs === null
        ? "nothing"
        : `its last request within ${seconds(Math.max(0, all.latestLosingMs + BIN_MS - losingUntilMs))} of losing its weight`;
    const changes = state.sessions.forward;
    const sessions =
      changes === 0
        ? ""
        : `; of ${counted(changes, "move")} of sessions to ${losing === "old" ? "it" : "the old side"} none was undone after that`;
    return pass(
      id,
      `The new side answered nothing before it had weight, and ${losing === "old" ? "the old side answered" : "answered"} ${last}${sessions}.`,
      figures,
    );
  },
};

function onAnswered(
  state: State,
  { newFromMs, losingUntilMs }: Edges,
  { binMs, client, cluster, connection, count, latency }: Extract<LedgerLine, { type: "answered" }>,
  timeline: Timeline,
): void {
  if (cluster !== timeline.arriving && cluster !== timeline.leaving) return;
  const extremes = state.connections.get(connection) ?? { earliestNewMs: null, latestLosingMs: null };
  state.connections.set(connection, extremes);
  if (cluster === timeline.arriving) {
    const tookMs = Math.max(0, leastLatencyMs(latency) - (state.holdsMs.get(client) ?? 0));
    const endMs = binMs + BIN_MS + tookMs;
    extremes.earliestNewMs = Math.min(extremes.earliestNewMs ?? Infinity, endMs);
    if (newFromMs !== null && endMs < newFromMs - ROUTE_LEAD_MS - CLOCK_BOUND_MS) {
      const facts = { client, connection, count, weightAtMs: newFromMs };
      note(state, { atMs: binMs, cause: "new-before-weight", facts });
    }
  }
  if (cluster === timeline.ending) {
    extremes.latestLosingMs = Math.max(extremes.latestLosingMs ?? -Infinity, binMs);
    if (isAfterCutover(binMs, losingUntilMs)) {
      const facts = { client, connection, count, weightGoneMs: losingUntilMs };
      note(state, {
        atMs: binMs,
        cause: cluster === timeline.leaving ? "old-after-weight" : "new-after-weight",
        facts,
      });
    }
  }
}

function onSession(
  state: State,
  { losingUntilMs }: Edges,
  line: Extract<LedgerLine, { type: "session" }>,
  timeline: Timeline,
): void {
  const direction = directionOf(line, timeline, state.application);
  if (!state.sessions.add(line, direction, isAfterCutover(line.startMs, losingUntilMs))) return;
  const { client, session, fromCluster, fromVersion, cluster, version, startMs } = line;
  const facts = { client, session, fromCluster, fromVersion, cluster, version, weightGoneMs: losingUntilMs };
  note(state, { atMs: startMs, cause: "session-went-back", facts });
}

/** Whether a request of a moment started when the gateway cannot but have taken the losing side's last weight away. */
function isAfterCutover(startMs: number, losingUntilMs: number | null): boolean {
  return losingUntilMs !== null && startMs > losingUntilMs + CONVERGENCE_MS + CLOCK_BOUND_MS;
}

function extremesOf(connections: ReadonlyMap<string, Extremes>): Extremes {
  const all = [...connections.values()];
  const news = all.flatMap(({ earliestNewMs }) => earliestNewMs ?? []);
  const olds = all.flatMap(({ latestLosingMs }) => latestLosingMs ?? []);
  return {
    earliestNewMs: news.length === 0 ? null : Math.min(...news),
    latestLosingMs: olds.length === 0 ? null : Math.max(...olds),
  };
}

/** How far from the route's moves both sides answered first and last. */
function distances(
  { earliestNewMs, latestLosingMs }: Extremes,
  { newFromMs, losingUntilMs }: Edges,
  scenario: Plan["scenario"],
): Figures {
  return {
    newAnsweredAfterWeightMs:
      earliestNewMs === null || newFromMs === null ? null : Math.round(earliestNewMs - newFromMs),
    [`${LOSING[scenario]}AnsweredAfterWeightGoneMs`]:
      latestLosingMs === null || losingUntilMs === null ? null : Math.round(latestLosingMs + BIN_MS - losingUntilMs),
  };
}

/** How a message names the kinds of connection that are known. */
const WHERE: Readonly<Record<string, string>> = { new: " on a new connection", reused: " on a kept connection" };

function violatedText(
  { atMs, cause, facts }: Violation,
  newFromMs: number,
  losingUntilMs: number,
  losing: "old" | "new",
): string {
  const where = WHERE[String(facts["connection"])] ?? "";
  switch (cause) {
    case "new-before-weight":
      return `The new side answered${where} ${seconds(newFromMs - atMs)} before it got weight.`;
    case "session-went-back":
      return `Session ${number(Number(facts["session"]))} went back to ${String(facts["version"])} on ${String(facts["cluster"])} by a request that started ${seconds(atMs - losingUntilMs)} after the ${losing} side's last weight was gone.`;
    default:
      return `The ${losing} side answered${where} a request that started ${seconds(atMs - losingUntilMs)} after its last weight was gone.`;
  }
}

function edgesOf({ routeChanges, trigger, arriving, ending, weightMoved }: Timeline): Edges {
  const weightOf = (index: number, cluster: string | null): number =>
    cluster === null ? 0 : (routeChanges[index]?.weights.get(serveServiceOf(cluster)) ?? 0);
  // The last time that the losing side's weight became 0, if it has stayed so.
  let losingUntilMs: number | null = null;
  for (const [index, change] of routeChanges.entries()) {
    if (trigger !== null && change.monoMs < trigger.monoMs) continue;
    if (weightOf(index, ending) > 0) losingUntilMs = null;
    else if (weightOf(index - 1, ending) > 0) losingUntilMs = change.wallMs;
  }
  return { newFromMs: arriving === null ? null : (weightMoved?.wallMs ?? null), losingUntilMs };
}

function note(state: State, violation: Violation): void {
  state.strays += 1;
  if (state.violations.length < MOST_VIOLATIONS) state.violations.push(violation);
}
