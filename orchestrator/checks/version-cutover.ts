import { attributedNote } from "../history/attributed.ts";
import { leastLatencyMs } from "../history/histogram.ts";
import { serveServiceOf } from "../history/httproute.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { BIN_MS } from "../history/bins.ts";
import type { Timeline } from "../history/timeline.ts";
import { counted, number, seconds } from "../history/words.ts";
import { plannedClients, type Plan } from "../plan/plan.ts";
import { createdFor, versionOf } from "../plan/way.ts";
import type { Check, Figures, Finding, Violation } from "./check.ts";
import { directionOf, SessionChanges } from "./cutover-sessions.ts";
import { CLOCK_BOUND_MS } from "../history/recorded-clocks.ts";
import { CONVERGENCE_MS, ROUTE_LEAD_MS } from "./evidence.ts";
import { fail, invalid, missing, MOST_VIOLATIONS, notApplicable, pass } from "./finding.ts";
import { inPlaceFinding, inPlaceOf, type InPlaceCutover } from "./in-place-cutover.ts";

const id = "version-cutover";

/** The side that a change ends. */
function losingSide({ rollback }: Timeline): "old" | "new" {
  return rollback === null ? "old" : "new";
}

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
  /** Only of a change in place. */
  readonly inPlace: InPlaceCutover | null;
  /** By kind of connection. */
  readonly connections: Map<string, Extremes>;
  readonly sessions: SessionChanges;
  strays: number;
  readonly violations: Violation[];
}

interface Edges {
  readonly newFromMs: number | null;
  readonly losingUntilMs: number | null;
  /** When each RayCluster that was given up on the way had its last weight; Infinity while it has some. */
  readonly passingUntilMs: ReadonlyMap<string, number>;
}

/** Causes by which an answer is held against the route. */
const BY_WEIGHT = [
  "new-before-weight",
  "new-without-weight",
  "old-after-weight",
  "new-after-weight",
  "passing-before-weight",
  "passing-after-weight",
  "session-went-back",
];

/**
 * No request was answered by the new side before it got weight, and none that was STARTED after the losing side's last weight was gone was
 * answered by it, on new connections or on kept ones. From then on no session goes back to it or its version. The losing side is the one that
 * the change ends: the old one, or the new one in a rollback. The
 * gateway may act on a route up to ROUTE_LEAD_MS before the watch tells of it, and has CONVERGENCE_MS to act on it; both clocks may
 * differ by CLOCK_BOUND_MS. A RayCluster that was given up on the way answers nothing before its first and after its last weight either. A change in place has no weights: see
 * InPlaceCutover.
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
    timed: { watches: ["HTTPRoute"], causes: BY_WEIGHT },
    ledger: true,
    dated: [...BY_WEIGHT, "new-before-change", "old-after-change"],
  },
  init: (plan) => ({
    application: plan.application,
    holdsMs: new Map(plannedClients(plan).map(({ client, holdsMs }) => [client, holdsMs])),
    edges: null,
    inPlace: inPlaceOf(plan),
    connections: new Map(),
    sessions: new SessionChanges(),
    strays: 0,
    violations: [],
  }),
  onLedger(state, line, timeline) {
    state.edges ??= edgesOf(timeline);
    state.inPlace?.observe(line, timeline, state.application);
    if (line.type === "answered") onAnswered(state, state.edges, line, timeline);
    if (line.type === "session") onSession(state, state.edges, line, timeline);
  },
  finish(state, { plan, timeline }) {
    const edges = state.edges ?? edgesOf(timeline);
    if (state.inPlace !== null) return inPlaceFinding(state.inPlace, timeline, plan.application);
    if (timeline.made === "steady") return notApplicable(id, "No version was to change.");
    const { newFromMs, losingUntilMs } = edges;
    const all = extremesOf(state.connections);
    const figures = {
      ...distances(all, edges, timeline),
      connections: Object.fromEntries(
        [...state.connections]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([kind, one]) => [kind, distances(one, edges, timeline)]),
      ),
      sessions: state.sessions.figures(),
      convergenceBoundMs: CONVERGENCE_MS + CLOCK_BOUND_MS,
      leadBoundMs: ROUTE_LEAD_MS + CLOCK_BOUND_MS,
      ...attributedNote(plan),
    };
    if (newFromMs === null) return neverWeighed(state, timeline, figures);
    const losing = losingSide(timeline);
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
  { newFromMs, losingUntilMs, passingUntilMs }: Edges,
  { binMs, client, cluster, connection, count, latency }: Extract<LedgerLine, { type: "answered" }>,
  timeline: Timeline,
): void {
  const passedMs = passingUntilMs.get(cluster) ?? null;
  if (isAfterCutover(binMs, passedMs)) {
    const facts = { client, connection, count, cluster, weightGoneMs: passedMs };
    note(state, { atMs: binMs, cause: "passing-after-weight", facts });
  }
  const passingFromMs = timeline.passing.includes(cluster)
    ? (timeline.firstWeights.get(cluster)?.wallMs ?? Infinity)
    : -Infinity;
  if (endOf(state, binMs, client, latency) < passingFromMs - ROUTE_LEAD_MS - CLOCK_BOUND_MS) {
    const weightAtMs = Number.isFinite(passingFromMs) ? passingFromMs : null;
    const facts = { client, connection, count, cluster, weightAtMs };
    note(state, { atMs: binMs, cause: "passing-before-weight", facts });
  }
  if (cluster !== timeline.arriving && cluster !== timeline.leaving) return;
  const extremes = state.connections.get(connection) ?? { earliestNewMs: null, latestLosingMs: null };
  state.connections.set(connection, extremes);
  if (cluster === timeline.arriving) {
    const endMs = endOf(state, binMs, client, latency);
    extremes.earliestNewMs = Math.min(extremes.earliestNewMs ?? Infinity, endMs);
    if (newFromMs === null && timeline.rollback !== null) {
      note(state, { atMs: binMs, cause: "new-without-weight", facts: { client, connection, count } });
    }
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

/** When a row's fastest request can have ended at the latest, less what its answer takes by design; Unix ms. */
function endOf(
  { holdsMs }: State,
  binMs: number,
  client: string,
  latency: Extract<LedgerLine, { type: "answered" }>["latency"],
): number {
  return binMs + BIN_MS + Math.max(0, leastLatencyMs(latency) - (holdsMs.get(client) ?? 0));
}

function onSession(
  state: State,
  { losingUntilMs }: Edges,
  line: Extract<LedgerLine, { type: "session" }>,
  timeline: Timeline,
): void {
  const versions = { versionBefore: state.application.versionBefore, versionAfter: arrivingVersion(state, timeline) };
  const direction = directionOf(line, timeline, versions);
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
  timeline: Timeline,
): Figures {
  return {
    newAnsweredAfterWeightMs:
      earliestNewMs === null || newFromMs === null ? null : Math.round(earliestNewMs - newFromMs),
    [`${losingSide(timeline)}AnsweredAfterWeightGoneMs`]:
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
    case "passing-before-weight": {
      const { weightAtMs } = facts;
      const cluster = String(facts["cluster"]);
      return typeof weightAtMs === "number"
        ? `${cluster} answered${where} ${seconds(weightAtMs - atMs)} before it got weight.`
        : `${cluster} answered${where} although it never had weight.`;
    }
    case "passing-after-weight":
      return `${String(facts["cluster"])} answered${where} a request that started ${seconds(atMs - Number(facts["weightGoneMs"]))} after its last weight was gone.`;
    default:
      return `The ${losing} side answered${where} a request that started ${seconds(atMs - losingUntilMs)} after its last weight was gone.`;
  }
}

/** What the side that was to come answered although it never had weight; in a change that was taken back before it had any, rightly nothing. */
function neverWeighed({ violations, strays }: State, { rollback, arriving }: Timeline, figures: Figures): Finding {
  const [first] = violations;
  if (first !== undefined) {
    const finding = missing(id, "The new side answered although it never had weight.", figures, violations, "between");
    return { ...finding, figures: { ...finding.figures, violations: strays } };
  }
  if (rollback === null || arriving === null) return invalid(id, "The new side was never seen to get weight.", figures);
  return notApplicable(id, `${arriving} never had weight, and answered nothing.`, figures);
}

function arrivingVersion({ application }: State, { goals, passing }: Timeline): string {
  return versionOf(application, createdFor(goals)[passing.length] ?? "after");
}

function edgesOf({ routeChanges, trigger, arriving, ending, passing, weightMoved }: Timeline): Edges {
  const weightOf = (index: number, cluster: string | null): number =>
    cluster === null ? 0 : (routeChanges[index]?.weights.get(serveServiceOf(cluster)) ?? 0);
  // The last time that a side's weight became 0, if it has stayed so.
  const goneMs = (cluster: string | null): number | null => {
    let untilMs: number | null = null;
    for (const [index, change] of routeChanges.entries()) {
      if (trigger !== null && change.monoMs < trigger.monoMs) continue;
      if (weightOf(index, cluster) > 0) untilMs = null;
      else if (weightOf(index - 1, cluster) > 0) untilMs = change.wallMs;
    }
    return untilMs;
  };
  return {
    newFromMs: arriving === null ? null : (weightMoved?.wallMs ?? null),
    losingUntilMs: goneMs(ending),
    passingUntilMs: new Map(passing.flatMap((cluster) => [[cluster, goneMs(cluster) ?? Infinity] as const])),
  };
}

function note(state: State, violation: Violation): void {
  state.strays += 1;
  if (state.violations.length < MOST_VIOLATIONS) state.violations.push(violation);
}
