import type { Check, Figures, Violation } from "./check.ts";
import { WATCH_SKEW_MS } from "./evidence.ts";
import { fail, invalid, MOST_VIOLATIONS, pass } from "./finding.ts";
import { ServingSides, type UnreadyWindow } from "./serving-sides.ts";
import { clusterOfServeService } from "../history/httproute.ts";
import { changedFromMs, turnedFromMs, type Timeline } from "../history/timeline.ts";
import { isHead } from "../plan/faults.ts";
import { counted, seconds } from "../history/words.ts";
import { createdFor } from "../plan/way.ts";

const id = "traffic-only-to-ready";

/** Dashboards are asked this often (ms). */
const POLL_MS = 1000;

/**
 * No side has weight in the HTTPRoute while its serve service has no ready endpoint, or while Serve itself reports no RUNNING
 * replica there (only where the dashboard was polled). Judged from the steady window to the end of load; weight 0 needs
 * nothing, so objects that vanish after their weight did are no violation. Windows shorter than what two watches may lag
 * behind each other are counted but prove nothing. A goal that is changed under way changes the pending side in place: from when its patch was about to be
 * sent, a replica of that side that is UPDATING is as good as a RUNNING one; the same goes for the only side of a change in place. What a recorded fault
 * takes from a side is the fault's.
 *
 * Source: Gateway API sends a backend its share whether or not anything is behind it, and KubeRay 1.6.2 moves weight by Serve's own word
 * without a look at endpoints (docs/findings/kuberay-blue-green-startup-race.md).
 */
export const trafficOnlyToReady: Check<ServingSides> = {
  id,
  evidence: {
    watches: ["HTTPRoute", "EndpointSlice"],
    timed: { watches: ["HTTPRoute", "EndpointSlice"], causes: ["weight-without-endpoint", "weight-without-replica"] },
    ledger: false,
  },
  init: (plan) => new ServingSides(plan.application.name),
  onObservation(sides, line) {
    sides.observe(line);
  },
  finish(sides, { timeline }) {
    const fromMs = timeline.steadyFromMs ?? timeline.trigger?.wallMs ?? null;
    if (fromMs === null) return invalid(id, "There was no steady load to judge: warm-up never became steady.");
    if (!sides.judged) return invalid(id, "The HTTPRoute and its services' endpoints were never seen together.");
    const toMs = (timeline.stopLoad ?? timeline.loadEnded ?? timeline.lastLine)?.wallMs ?? Infinity;
    const all = sides.windows();
    const explained = all.filter((window) => !isChangedInPlace(window, timeline));
    const faulted = byFaults(explained, sides.clusterOfPod, timeline);
    const judged = explained.filter((window) => !faulted.has(window));
    const windows = judged
      .map((window) => ({
        ...window,
        fromMs: Math.max(window.fromMs, fromMs),
        toMs: Math.min(window.toMs ?? toMs, toMs),
      }))
      .filter((window) => window.toMs >= window.fromMs)
      .sort((a, b) => a.fromMs - b.fromMs);
    // A window of Serve's own reports is witnessed by each report, however short.
    const proven = windows.filter((w) => w.cause === "weight-without-replica" || w.toMs - w.fromMs > WATCH_SKEW_MS);
    const longest = proven.reduce<(typeof proven)[number] | undefined>(
      (most, window) => (most === undefined || window.toMs - window.fromMs > most.toMs - most.fromMs ? window : most),
      undefined,
    );
    const figures = {
      windows: proven.length,
      longestMs: longest === undefined ? 0 : longest.toMs - longest.fromMs,
      tooShortToProve: windows.length - proven.length,
      polls: sides.polls,
      ...(timeline.turns.length === 0 && timeline.made !== "in-place"
        ? {}
        : { changedInPlace: all.length - explained.length }),
      ...(timeline.faults.length === 0 ? {} : { byFaults: [...faulted].map(faultedFigure) }),
      weights: sides.weightLog(),
    };
    const [first] = proven;
    if (first === undefined || longest === undefined) {
      const replicas = sides.polls === 0 ? "" : " and a running replica";
      const but = faulted.size === 0 ? "" : `, but for ${counted(faulted.size, "window")} that the faults made`;
      return pass(id, `Every side that had weight had a ready endpoint${replicas}${but}.`, figures);
    }
    const lacked = first.cause === "weight-without-endpoint" ? "without a ready endpoint" : "without a running replica";
    const others =
      proven.length === 1
        ? ""
        : ` (${counted(proven.length, "window")} in all, the longest ${seconds(longest.toMs - longest.fromMs)})`;
    const message = `${clusterOfServeService(first.service)} had weight ${first.weight} for ${seconds(first.toMs - first.fromMs)} ${lacked}${others}.`;
    return fail(
      id,
      message,
      figures,
      proven.slice(0, MOST_VIOLATIONS).map((window) => violationOf(window, timeline)),
      proven.length,
    );
  },
};

/** Whether a side lacked a RUNNING replica only because a goal that was set gave it another serve config in place. */
function isChangedInPlace({ updating, service, fromMs }: UnreadyWindow, timeline: Timeline): boolean {
  const { made, leaving, arriving, passing, turns, goals } = timeline;
  const cluster = clusterOfServeService(service);
  if (!updating) return false;
  if (made === "in-place") return cluster === leaving && fromMs >= changedFromMs(timeline) - POLL_MS;
  const pending = [...passing, arriving].indexOf(cluster);
  // The goal is given to the RayCluster that is pending when it is set.
  return turns.some(
    (turn, index) =>
      createdFor(goals.slice(0, index + 1)).length - 1 === pending && fromMs >= turnedFromMs(turn) - POLL_MS,
  );
}

/**
 * How long the loss of a head may show: its workers go on without it, give up one after another, and others take their place. Seen: the last window
 * without an endpoint began 79 s after the fault and took 21 s.
 */
const HEAD_LOSS_MS = 180_000;

/**
 * The windows that faults made: of each RayCluster that lost a pod to a fault the first one of each cause that began after it. One after that is no more
 * the fault's, as the side was ready again in between; but where the pod was the head, its workers are lost with it later, until the application has got
 * over it.
 */
function byFaults(
  windows: readonly UnreadyWindow[],
  clusterOfPod: ReadonlyMap<string, string>,
  { faults, recovered }: Timeline,
): ReadonlySet<UnreadyWindow> {
  const found = new Set<UnreadyWindow>();
  const inOrder = windows.toSorted((a, b) => a.fromMs - b.fromMs);
  for (const { pods, askedMs } of faults) {
    const untilMs = Math.min(askedMs + HEAD_LOSS_MS, recovered?.wallMs ?? Infinity);
    for (const { uid, of } of pods) {
      const cluster = clusterOfPod.get(uid) ?? "";
      const after = inOrder.filter(
        ({ fromMs, service }) => fromMs >= askedMs && clusterOfServeService(service) === cluster,
      );
      for (const cause of ["weight-without-endpoint", "weight-without-replica"] as const) {
        const first = after.find((window) => window.cause === cause);
        if (first !== undefined) found.add(first);
      }
      if (isHead(of)) for (const window of after) if (window.fromMs <= untilMs) found.add(window);
    }
  }
  return found;
}

function faultedFigure({ cause, service, weight, fromMs, toMs }: UnreadyWindow): Figures {
  return { cause, cluster: clusterOfServeService(service), weight, fromMs, toMs };
}

function violationOf(window: UnreadyWindow & { readonly toMs: number }, { arriving, leaving }: Timeline): Violation {
  const cluster = clusterOfServeService(window.service);
  const side = cluster === arriving ? "arriving" : cluster === leaving ? "leaving" : "other";
  const { service, weight, weightSinceMs, fromMs, toMs, beforeFirstEndpoint, updating } = window;
  return {
    atMs: fromMs,
    cause: window.cause,
    facts: {
      service,
      cluster,
      side,
      weight,
      weightSinceMs,
      untilMs: toMs,
      durationMs: toMs - fromMs,
      beforeFirstEndpoint,
      ...(updating ? { updating } : {}),
    },
  };
}
