import { leastLatencyMs } from "../history/histogram.ts";
import { serveServiceOf } from "../history/httproute.ts";
import { BIN_MS } from "../history/ledger-account.ts";
import type { Timeline } from "../history/timeline.ts";
import { seconds } from "../history/words.ts";
import type { Check, Violation } from "./check.ts";
import { CLOCK_BOUND_MS, CONVERGENCE_MS, ROUTE_LEAD_MS } from "./evidence.ts";
import { fail, invalid, MOST_VIOLATIONS, pass } from "./finding.ts";

const id = "version-cutover";

interface State {
  /** When the new side first had weight, and when the old side had its last; Unix ms, null when it never came. */
  edges: Edges | null;
  /** Least end of a request that the new side answered, and greatest start of one that the old side answered; Unix ms. */
  earliestNewMs: number | null;
  latestOldMs: number | null;
  strays: number;
  readonly violations: Violation[];
}

interface Edges {
  readonly newFromMs: number | null;
  readonly oldUntilMs: number | null;
}

/**
 * No request was answered by the new side before it got weight, and none that was STARTED after the old side's last weight was gone was
 * answered by the old side. The gateway may act on a route up to ROUTE_LEAD_MS before the watch tells of it, and has CONVERGENCE_MS to
 * act on it; both clocks may differ by CLOCK_BOUND_MS.
 *
 * A row of the ledger counts many requests of 100 ms: the new side's are held against the earliest end that the row's fastest
 * request can have had at the latest, the old side's against the start of their bin, so that every violation is certain.
 *
 * Source: Gateway API, HTTPRouteRule.backendRefs: a backend of weight 0 receives no request.
 */
export const versionCutover: Check<State> = {
  id,
  evidence: {
    watches: ["HTTPRoute"],
    timed: { watches: ["HTTPRoute"], causes: ["new-before-weight", "old-after-weight"] },
    ledger: true,
  },
  init: () => ({ edges: null, earliestNewMs: null, latestOldMs: null, strays: 0, violations: [] }),
  onLedger(state, line, timeline) {
    if (line.type !== "answered") return;
    const { newFromMs, oldUntilMs } = (state.edges ??= edgesOf(timeline));
    if (line.cluster === timeline.arriving) {
      const endMs = line.binMs + BIN_MS + leastLatencyMs(line.latency);
      state.earliestNewMs = Math.min(state.earliestNewMs ?? Infinity, endMs);
      if (newFromMs !== null && endMs < newFromMs - ROUTE_LEAD_MS - CLOCK_BOUND_MS) {
        note(state, {
          atMs: line.binMs,
          cause: "new-before-weight",
          facts: { count: line.count, weightAtMs: newFromMs },
        });
      }
    } else if (line.cluster === timeline.leaving) {
      state.latestOldMs = Math.max(state.latestOldMs ?? -Infinity, line.binMs);
      if (oldUntilMs !== null && line.binMs > oldUntilMs + CONVERGENCE_MS + CLOCK_BOUND_MS) {
        note(state, {
          atMs: line.binMs,
          cause: "old-after-weight",
          facts: { count: line.count, weightGoneMs: oldUntilMs },
        });
      }
    }
  },
  finish({ edges, earliestNewMs, latestOldMs, strays, violations }, { timeline }) {
    const { newFromMs, oldUntilMs } = edges ?? edgesOf(timeline);
    const figures = {
      newAnsweredAfterWeightMs:
        earliestNewMs === null || newFromMs === null ? null : Math.round(earliestNewMs - newFromMs),
      oldAnsweredAfterWeightGoneMs:
        latestOldMs === null || oldUntilMs === null ? null : Math.round(latestOldMs + BIN_MS - oldUntilMs),
      convergenceBoundMs: CONVERGENCE_MS + CLOCK_BOUND_MS,
      leadBoundMs: ROUTE_LEAD_MS + CLOCK_BOUND_MS,
    };
    if (newFromMs === null) return invalid(id, "The new side was never seen to get weight.", figures);
    const [first] = violations;
    if (first !== undefined) {
      const message =
        first.cause === "new-before-weight"
          ? `The new side answered ${seconds(newFromMs - first.atMs)} before it got weight.`
          : `The old side answered a request that started ${seconds(first.atMs - (oldUntilMs ?? 0))} after its last weight was gone.`;
      return fail(id, message, figures, violations, strays);
    }
    if (oldUntilMs === null) return invalid(id, "The old side was never seen to lose its last weight.", figures);
    if (earliestNewMs === null) return invalid(id, "The new side answered nothing.", figures);
    const old =
      latestOldMs === null
        ? "nothing"
        : `its last request within ${seconds(Math.max(0, latestOldMs + BIN_MS - oldUntilMs))} of losing its weight`;
    return pass(id, `The new side answered nothing before it had weight, and the old side answered ${old}.`, figures);
  },
};

function edgesOf({ routeChanges, trigger, arriving, leaving, weightMoved }: Timeline): Edges {
  const weightOf = (index: number, cluster: string | null): number =>
    cluster === null ? 0 : (routeChanges[index]?.weights.get(serveServiceOf(cluster)) ?? 0);
  // The last time that the old side's weight became 0, if it has stayed so.
  let oldUntilMs: number | null = null;
  for (const [index, change] of routeChanges.entries()) {
    if (trigger !== null && change.monoMs < trigger.monoMs) continue;
    if (weightOf(index, leaving) > 0) oldUntilMs = null;
    else if (weightOf(index - 1, leaving) > 0) oldUntilMs = change.wallMs;
  }
  return { newFromMs: arriving === null ? null : (weightMoved?.wallMs ?? null), oldUntilMs };
}

function note(state: State, violation: Violation): void {
  state.strays += 1;
  if (state.violations.length < MOST_VIOLATIONS) state.violations.push(violation);
}
