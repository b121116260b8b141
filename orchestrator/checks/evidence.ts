import type { Instant } from "../history/instant.ts";
import type { WatchedKind } from "../history/observation.ts";
import type { Relist, Timeline } from "../history/timeline.ts";
import type { Evidence, Finding, Run } from "./check.ts";

/**
 * Two watches may deliver the same moment this far apart (ms): a shorter contradiction between them proves nothing.
 */
export const WATCH_SKEW_MS = 100;

/**
 * The gateway may act on a route this long (ms) before the runner's watch tells of it: 0.51 s was seen with both cores busy
 * (docs/findings/kuberay-blue-green-startup-race.md); 0.1 s is usual.
 */
export const ROUTE_LEAD_MS = 600;

/**
 * The gateway may act on a route this long (ms) after the runner's watch told of it. Beyond it the data plane has converged: Envoy
 * Gateway was seen to translate and push a change within 0.1 s, on a busy machine too.
 */
export const CONVERGENCE_MS = 600;

/** Most (ms) that the API server's or the k6 pod's clock may differ from the runner's, its uncertainty included. */
export const CLOCK_BOUND_MS = 250;

/** The first relist of one of the kinds that may hide something between two moments; a moment that never came is the end. */
export function relistWithin(
  timeline: Timeline,
  kinds: readonly WatchedKind[],
  from: Instant | null,
  to: Instant | null,
): Relist | undefined {
  const fromMs = from?.monoMs ?? -Infinity;
  const toMs = to?.monoMs ?? Infinity;
  return timeline.relists.find(
    (relist) => kinds.includes(relist.kind) && relist.monoMs > fromMs && relist.sinceMonoMs < toMs,
  );
}

/**
 * The finding as the evidence allows it: what was witnessed stands, and so does what is weak already; a pass, and a fail
 * concluded from something missing, become invalid where a watch that the check needs started over between T0 and D, or the
 * ledger that it needs is not whole; what did not come until the end, also where the history was cut short.
 */
export function heldAgainst(evidence: Evidence, finding: Finding, { timeline, account }: Run): Finding {
  const stands = finding.verdict === "pass" ? false : finding.verdict !== "fail" || finding.fromMissing === undefined;
  if (stands) return finding;
  const relist = relistWithin(timeline, evidence.watches, timeline.trigger, timeline.drained);
  const cutShort = finding.fromMissing === "until-the-end" && timeline.recordEnd === null;
  const hole = cutShort
    ? "the history was cut short"
    : relist !== undefined
      ? `the watch of ${relist.kind} started over during the change and may have missed a transition`
      : evidence.ledger && !account.whole
        ? "the ledger is not whole, so something may be missing"
        : null;
  if (hole === null) return finding;
  const message = `${finding.message.replace(/\.$/, "")}, but ${hole}.`;
  return { id: finding.id, verdict: "invalid", message, figures: finding.figures, violations: [] };
}
