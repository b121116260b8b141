import { attributedNote } from "../history/attributed.ts";
import { z } from "zod";
import { readEndpointSlice } from "../history/endpointslice.ts";
import { serveServiceOf } from "../history/httproute.ts";
import type { Observation } from "../history/observation.ts";
import { sinceWallMs, type Timeline } from "../history/timeline.ts";
import { counted, number } from "../history/words.ts";
import { plannedClients, type Plan } from "../plan/plan.ts";
import { staysInPlace } from "../plan/way.ts";
import type { Check, Finding } from "./check.ts";
import { CLOCK_BOUND_MS } from "../history/recorded-clocks.ts";
import { CONVERGENCE_MS, ROUTE_LEAD_MS } from "./evidence.ts";
import { fail, invalid, notApplicable, pass } from "./finding.ts";
import { ServingSides } from "./serving-sides.ts";
import { newSides, type Stretch } from "./share-periods.ts";
import { judgeDeterministic, judgeRandom, tellsFromAll, TOO_SHORT, type ShareStep } from "./share-steps.ts";
import { ShareTally, type Patience } from "./share-tally.ts";

const id = "share-matches-weight";

const threadsSchema = z.object({
  dataPlaneThreads: z.number().int().positive().optional().catch(undefined),
  nodes: z.array(z.object({ cpus: z.coerce.number() })).catch([]),
});

interface State {
  readonly sides: ServingSides;
  /** Changes of the ready endpoints of each service, Unix ms. */
  readonly endpointChanges: { readonly service: string; readonly atMs: number }[];
  /** Addresses of ready endpoints, by service and by the slice's uid. */
  readonly ready: Map<string, Map<string, string>>;
  facts: Record<string, unknown>;
  readonly patience: ReadonlyMap<string, Patience>;
  tally: ShareTally | null;
}

/**
 * In each step, from when the data plane has applied the weight to when it applies the next, the new RayCluster answers the share of the
 * requests that the route gives it. Two models, named in the plan by the gateway:
 *
 * - deterministic: Envoy Gateway makes the backends weighted localities of one cluster, and each of Envoy's worker threads takes them in
 *   turn by earliest deadline. In any run of requests a thread is then less than 2 off, and again after each change of the endpoints, which makes its
 *   schedule anew; a request in flight may have been sent by either side of an edge. So the count may differ from weight times requests by at most
 *   2 × threads × (1 + changes) + what was in flight at both ends. When Envoy took a weight up is found within ROUTE_LEAD_MS before and CONVERGENCE_MS after the
 *   watch told of it, and the measured bound of the clocks.
 * - random: the exact binomial band at 0.1 % over all steps together (Bonferroni), from CONVERGENCE_MS after the move to ROUTE_LEAD_MS before
 *   the next one. No retry.
 *
 * A step that could not have shown that the weight before was still in force is reported as unjudged. A side without a ready endpoint
 * gets nothing, so stretches with one are left out, as are those in which the route's watch may have missed a weight. Where the route had weights between
 * 0 and 100 % and none of them met enough requests to be told from all or nothing, these alone say little: then the evidence is too weak. RayClusters that follow one another as the new side are one side, as never two of them have weight.
 *
 * A request that waited for longer than a second, as one does that comes while the only data plane is away, may have been routed by any weight that there was meanwhile: it counts for none, and
 * as one of which nobody knows.
 *
 * Source: Envoy's EdfScheduler (earliest deadline first, deadline k / weight); Clopper and Pearson (1934).
 */
export const shareMatchesWeight: Check<State> = {
  id,
  evidence: {
    watches: ["HTTPRoute", "EndpointSlice"],
    timed: { watches: ["HTTPRoute", "EndpointSlice"], causes: ["share-off-weight"] },
    ledger: true,
    dated: ["share-off-weight"],
  },
  init: (plan: Plan) => ({
    sides: new ServingSides(plan.application.name),
    endpointChanges: [],
    ready: new Map(),
    facts: {},
    patience: new Map(plannedClients(plan).map((client) => [client.client, client])),
    tally: null,
  }),
  onObservation(state, line) {
    state.sides.observe(line);
    noteEndpoints(state, line);
    if (line.type === "environment") state.facts = { ...state.facts, ...line.facts };
  },
  onLedger(state, line, timeline) {
    (state.tally ??= tallyOf(state, timeline)).observe(line);
  },
  finish(state, { plan, timeline }) {
    const { splitModel } = plan.gateway;
    const tally = state.tally ?? tallyOf(state, timeline);
    const threads = threadsOf(state.facts);
    if (tally.periods.length === 0) return withoutPeriods(timeline);
    if (splitModel === "deterministic" && threads === null) {
      return invalid(id, "How many worker threads the data plane has is not on record, so no tolerance can be stated.");
    }
    const steps =
      splitModel === "random"
        ? judgeRandom(tally)
        : judgeDeterministic(tally, threads ?? 0, (part) => changesWithin(state, timeline, part));
    const judged = steps.filter(({ verdict }) => verdict !== "unjudged");
    const figures = {
      model: splitModel,
      threads,
      judged: judged.length,
      unjudged: steps.length - judged.length,
      steps,
      ...attributedNote(plan),
    };
    const differing = steps.filter(({ verdict }) => verdict === "differs");
    const [first] = differing;
    if (first !== undefined) {
      const violations = differing.map((step) => ({ atMs: step.atMs, cause: "share-off-weight", facts: { ...step } }));
      return fail(id, differsText(first), figures, violations);
    }
    if (judged.length === 0) {
      return isByFaults(state, timeline)
        ? notApplicable(
            id,
            "Whenever traffic was to be shared, a fault had left a side without a ready endpoint.",
            figures,
          )
        : invalid(id, `No step could be judged: ${steps[0]?.reason ?? ""}.`, figures);
    }
    const parted = steps.filter(({ weight }) => weight > 0 && weight < 100);
    const coarse = steps.filter(tellsFromAll);
    const saysNothing = parted.every(({ verdict, reason }) => verdict === "unjudged" && reason === TOO_SHORT);
    if (parted.length > 0 && saysNothing && coarse.length === 0) {
      return invalid(id, `No weight between 0 and 100 % could be judged: ${TOO_SHORT}.`, figures);
    }
    return pass(id, fitsText(judged, coarse, figures.unjudged - coarse.length), figures);
  },
};

/** A side that never had weight has no share: rightly so where none was to come, or the change was taken back before. */
function withoutPeriods({ made, rollback, arriving }: Timeline): Finding {
  if (staysInPlace(made)) return notApplicable(id, "There was one side, which had all of the traffic.");
  if (rollback !== null && arriving !== null) {
    return notApplicable(id, `${arriving} never had weight, so no share was asked for.`);
  }
  return invalid(id, "The new side was never seen to get weight.");
}

/** Whether a fault has left a side without a ready endpoint, in a route that was watched all the time: then it is no evidence that is missing. */
function isByFaults(state: State, timeline: Timeline): boolean {
  const firstMs = Math.min(...timeline.faults.map(({ askedMs }) => askedMs));
  return unseen(timeline).length === 0 && unready(state, timeline).some(({ fromMs }) => fromMs >= firstMs);
}

/** Stretches in which a side had weight and no ready endpoint. */
function unready({ sides }: State, timeline: Timeline): Stretch[] {
  const endMs = timeline.lastLine?.wallMs ?? Infinity;
  return sides
    .windows()
    .filter(({ cause }) => cause === "weight-without-endpoint")
    .map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? endMs }));
}

function tallyOf(state: State, timeline: Timeline): ShareTally {
  return new ShareTally(
    timeline,
    [...unready(state, timeline), ...unseen(timeline)],
    Math.min(CLOCK_BOUND_MS, timeline.clocks.worstMs().get("k6-pod") ?? CLOCK_BOUND_MS),
    state.patience,
  );
}

/** Stretches in which the route may have had weights that the watch never told of. */
function unseen({ relists }: Timeline): Stretch[] {
  return relists
    .filter(({ kind }) => kind === "HTTPRoute")
    .map((relist) => ({ fromMs: sinceWallMs(relist), toMs: relist.wallMs }));
}

function noteEndpoints({ endpointChanges, ready }: State, line: Observation): void {
  if (line.type !== "object" || line.kind !== "EndpointSlice") return;
  const slice = readEndpointSlice(line.object);
  if (!slice.ok) return;
  const { service } = slice.view;
  const now = line.event === "deleted" ? "" : slice.view.ready.toSorted().join();
  const slices = ready.get(service) ?? new Map<string, string>();
  ready.set(service, slices);
  // The first slice of a service is what there is; one more, or another one in its place, is a change.
  const before = slices.get(line.uid) ?? (slices.size === 0 ? now : "");
  slices.set(line.uid, now);
  if (before !== now) endpointChanges.push({ service, atMs: line.wallMs });
}

/** Changes of either side's endpoints that the gateway may have met in a stretch of time. */
function changesWithin(
  { endpointChanges }: State,
  timeline: Timeline,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): number {
  const { leaving } = timeline;
  const services = [...(leaving === null ? [] : [leaving]), ...newSides(timeline)].map(serveServiceOf);
  return endpointChanges.filter(
    ({ service, atMs }) =>
      services.includes(service) && atMs >= fromMs - CONVERGENCE_MS && atMs <= toMs + ROUTE_LEAD_MS,
  ).length;
}

/** Worker threads of the data plane; where its nodes are not told, as many as all nodes have CPUs, which is never fewer. */
function threadsOf(facts: Record<string, unknown>): number | null {
  const { dataPlaneThreads, nodes } = threadsSchema.parse(facts);
  if (dataPlaneThreads !== undefined) return dataPlaneThreads;
  const cpus = nodes.reduce((sum, node) => sum + node.cpus, 0);
  return cpus > 0 ? cpus : null;
}

function fitsText(judged: readonly ShareStep[], coarse: readonly ShareStep[], unjudged: number): string {
  const power = `a deviation of ${shown(judged)} points would have shown`;
  const off = counted(Math.round(Math.max(...judged.map(({ seen }) => seen))), "request");
  const followed = `; in ${counted(coarse.length, "step")} that could not be told from the one before, one of ${shown(coarse)} points would have`;
  const rest = unjudged === 0 ? "" : `; ${counted(unjudged, "step")} could not be judged`;
  return `The new side's share fits the weight in ${counted(judged.length, "step")}, at most ${off} off; ${power}${coarse.length === 0 ? "" : followed}${rest}.`;
}

/** The smallest deviations that steps would have shown, from the least to the largest, in points. */
function shown(steps: readonly ShareStep[]): string {
  const deviations = steps.map(({ smallestDeviation }) => smallestDeviation ?? 1);
  const [least, most] = [points(Math.min(...deviations)), points(Math.max(...deviations))];
  return least === most ? least : `${least} to ${most}`;
}

function differsText({ weight, share, n, expected, k, seen, tolerance }: ShareStep): string {
  // The largest deviation is that of a run of them, and may be made good by the others.
  const off = Math.max(Math.abs(k - expected), seen);
  return `At weight ${weight} % the new side answered ${points(share ?? 0)} % of ${counted(n, "request")}, at most ${number(Math.round(off))} off; ${number(Math.round(tolerance))} are allowed.`;
}

/** A share as percent or percentage points. */
function points(share: number): string {
  return (share * 100).toFixed(1);
}
