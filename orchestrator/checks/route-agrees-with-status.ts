import { isRouteOf, readHttpRoute, sameWeights, serveServiceOf, type RouteWeights } from "../history/httproute.ts";
import { instantOf, type Instant } from "../history/instant.ts";
import type { Observation } from "../history/observation.ts";
import { readRayService, type RayServiceView } from "../history/rayservice.ts";
import { seconds } from "../history/words.ts";
import type { Plan } from "../plan/plan.ts";
import { staysInPlace } from "../plan/way.ts";
import type { Check, Violation } from "./check.ts";
import { CLOCK_BOUND_MS } from "../history/recorded-clocks.ts";
import { fail, invalid, MOST_VIOLATIONS, pass } from "./finding.ts";

const id = "route-agrees-with-status";

/**
 * Longest time (ms) that route and status may say different things. The operator writes the route first and the status 0.02 to 0.9 s
 * later, in the same reconcile.
 */
const AGREEMENT_MS = 2000;
/**
 * Longest time (ms) between the two for which the status' own stamp is believed that it was written in time. An operator that has a tenth of a
 * processor, as KubeRay's manifests give it, was seen to need 2.5 s from the stamp to the write that took effect.
 */
const TOLD_LATE_MS = 5000;

interface State {
  readonly rayService: string;
  route: RouteWeights | null;
  status: RayServiceView | null;
  /** Since when they disagree; null while they agree. */
  since: Instant | null;
  leader: "route" | "status";
  longestMs: { route: number; status: number };
  /** Longest disagreement that the status' own stamp denies. */
  toldLateMs: number;
  readonly violations: Violation[];
  count: number;
  compared: number;
}

/**
 * The HTTPRoute's weights sum to 100, name no service but those of the RayClusters that the status names (with weight), and equal the
 * status' trafficRoutedPercent within two seconds of either's change. From the first time that both were seen to the record's end. A status
 * that was told later but stamped in time agrees; one that was told very much later makes the run invalid, not a fail.
 *
 * Source: createHTTPRoute and calculateStatus of KubeRay 1.6.2: the status' percentages are read back from the route just written.
 */
export const routeAgreesWithStatus: Check<State> = {
  id,
  evidence: {
    watches: ["RayService", "HTTPRoute"],
    timed: { watches: ["RayService", "HTTPRoute"], causes: ["disagreed"] },
    ledger: false,
  },
  init: (plan: Plan) => ({
    rayService: plan.application.name,
    route: null,
    status: null,
    since: null,
    leader: "route",
    longestMs: { route: 0, status: 0 },
    toldLateMs: 0,
    violations: [],
    count: 0,
    compared: 0,
  }),
  onObservation(state, line) {
    // How long a disagreement lasted cannot be told across a hole.
    if (line.type === "gap" && line.how === "relisted" && (line.kind === "HTTPRoute" || line.kind === "RayService")) {
      state.since = null;
    }
    const changed = takeIn(state, line);
    if (changed !== null) compare(state, instantOf(line), changed);
  },
  finish(state, { timeline }) {
    const { lastLine, arriving, made } = timeline;
    if (lastLine !== null) endDisagreement(state, lastLine, "record");
    const { longestMs, toldLateMs, compared, violations, count } = state;
    const figures = {
      changes: compared,
      longestLeadOfRouteMs: Math.round(longestMs.route),
      longestLeadOfStatusMs: Math.round(longestMs.status),
      boundMs: AGREEMENT_MS,
    };
    if (compared === 0) return invalid(id, "HTTPRoute and status were never seen together.", figures);
    const [first] = violations;
    if (first !== undefined) return fail(id, messageOf(first), figures, violations, count);
    if (arriving === null && !staysInPlace(made)) return invalid(id, "No upgrade was seen to begin.", figures);
    if (toldLateMs > 0) {
      const message = `Route and status were told ${seconds(toldLateMs)} apart, but by its own stamp the status was written within ${seconds(AGREEMENT_MS)}.`;
      return toldLateMs > TOLD_LATE_MS ? invalid(id, message, figures) : pass(id, message, figures);
    }
    const longest = Math.max(longestMs.route, longestMs.status);
    return pass(id, `Route and status agreed; for at most ${seconds(longest)} one was ahead of the other.`, figures);
  },
};

/** Which of the two a line changed, if any. */
function takeIn(state: State, line: Observation): "route" | "status" | null {
  if (line.type !== "object") return null;
  if (isRouteOf(state.rayService, line)) {
    if (line.event === "deleted") {
      // Nobody has weight any more.
      state.route = new Map();
      return "route";
    }
    const route = readHttpRoute(line.object);
    if (!route.ok || route.view === null || (state.route !== null && sameWeights(route.view, state.route))) return null;
    state.route = route.view;
    return "route";
  }
  if (line.kind === "RayService" && line.name === state.rayService && line.event !== "deleted") {
    const status = readRayService(line.object);
    if (!status.ok || status.view.active.rayClusterName === "") return null;
    const last = state.status;
    state.status = status.view;
    return last !== null && sameWeights(weightsOf(last), weightsOf(status.view)) ? null : "status";
  }
  return null;
}

function compare(state: State, now: Instant, changed: "route" | "status"): void {
  const { route, status } = state;
  if (route === null || status === null) return;
  state.compared += 1;
  const sum = [...route.values()].reduce((total, weight) => total + weight, 0);
  if (changed === "route" && sum !== 100) {
    note(state, { atMs: now.wallMs, cause: "weights-do-not-sum", facts: { weights: Object.fromEntries(route), sum } });
  }
  if (sameShares(route, weightsOf(status))) endDisagreement(state, now, changed);
  else if (state.since === null) {
    state.since = now;
    state.leader = changed;
  }
}

/** Ends a disagreement, if there is one, by what changed last or because nothing more is on record. */
function endDisagreement(state: State, now: Instant, by: "route" | "status" | "record"): void {
  const { since, leader } = state;
  if (since === null) return;
  const lastedMs = now.monoMs - since.monoMs;
  state.longestMs[leader] = Math.max(state.longestMs[leader], lastedMs);
  state.since = null;
  if (lastedMs <= AGREEMENT_MS) return;
  // A route that comes back to what the status said all along was never told by it: when that was written does not matter.
  if (leader === "route" && by === "status" && wasWrittenInTime(state, since)) {
    state.toldLateMs = Math.max(state.toldLateMs, lastedMs);
    return;
  }
  const weights = Object.fromEntries(state.route ?? []);
  const facts = { leader, lastedMs: Math.round(lastedMs), untilMs: now.wallMs, weights };
  note(state, { atMs: since.wallMs, cause: "disagreed", facts });
}

/** Whether the status that ends a disagreement was written in time by its own stamp, which has whole seconds, and only told late. */
function wasWrittenInTime({ status }: State, since: Instant): boolean {
  const writtenMs = status?.lastUpdateTime ?? null;
  return writtenMs !== null && writtenMs + 1000 + CLOCK_BOUND_MS - since.wallMs <= AGREEMENT_MS;
}

/** The weights the route must have by the status: a side without a percentage has 0. */
function weightsOf({ active, pending }: RayServiceView): RouteWeights {
  const sides = [active, pending].filter(({ rayClusterName }) => rayClusterName !== "");
  return new Map(sides.map((side) => [serveServiceOf(side.rayClusterName), side.trafficRoutedPercent]));
}

/** Equal but for services of weight 0: the old one stays in the route for a reconcile after the promotion. */
function sameShares(a: RouteWeights, b: RouteWeights): boolean {
  const services = new Set([...a.keys(), ...b.keys()]);
  return [...services].every((service) => (a.get(service) ?? 0) === (b.get(service) ?? 0));
}

function note(state: State, violation: Violation): void {
  state.count += 1;
  if (state.violations.length < MOST_VIOLATIONS) state.violations.push(violation);
}

function messageOf({ cause, facts }: Violation): string {
  const weights = Object.entries(facts["weights"] as Record<string, number>)
    .map(([service, weight]) => `${service} ${weight}`)
    .join(", ");
  if (cause === "weights-do-not-sum") return `The HTTPRoute's weights sum to ${String(facts["sum"])}: ${weights}.`;
  return `Route and status disagreed for ${seconds(Number(facts["lastedMs"]))}, the ${String(facts["leader"])} ahead; the route at its end: ${weights}.`;
}
