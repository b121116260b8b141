import { z } from "zod";
import type { Finding, Violation } from "../checks/check.ts";
import type { Timeline } from "../history/timeline.ts";
import { FAULT_TARGETS } from "../plan/faults.ts";
import { CHECK_IDS, stepsOf, type Plan } from "../plan/plan.ts";
import { goalOf } from "../plan/steps.ts";
import declared from "./known-defects.json" with { type: "json" };

/** Moments of a run that bound what a defect explains, Unix ms; null when they never came. */
export interface Anchors {
  /** The arriving side first had weight in the HTTPRoute. */
  readonly "weight-moved": number | null;
  /** End of the 100 ms bin in which the first request answered by the arriving side started. */
  readonly "first-good-answer": number | null;
  /** T0. */
  readonly trigger: number | null;
  /** C: the change was complete. */
  readonly converged: number | null;
}

/** `cause`: what the defect comes after, see `after`. */
const anchor = z.enum(["weight-moved", "first-good-answer", "trigger", "converged", "cause"]);

/** What the runner did that a defect comes after: a kind of fault to one of these targets, a suspension of this, or another version of the operator. */
const afterSchema = z.union([
  z.strictObject({ faults: z.array(z.string()).min(1), of: z.array(z.enum(FAULT_TARGETS)).min(1).optional() }),
  z.strictObject({ suspended: z.enum(["RayService", "RayCluster"]) }),
  z.strictObject({ operator: z.literal("changed") }),
]);

/** Violations of a check, by what they are. */
const signSchema = z.object({
  check: z.enum(CHECK_IDS),
  /** Causes of violations that are meant. */
  causes: z.array(z.string()).min(1),
  /** Facts a violation must have: one of the values of every key. */
  facts: z.record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean()])).min(1)),
});
type Sign = z.infer<typeof signSchema>;

const explanationSchema = signSchema.extend({
  /**
   * A violation begins at `from` or later and ends (`untilMs` of its facts, else its own time) at most `atMostMs` after it, and
   * not after `to` if that is given. `slackMs`: how much sooner than `from` it may begin, as watches lag behind clients.
   */
  window: z.object({
    from: anchor,
    to: anchor.nullable(),
    atMostMs: z.number().positive(),
    slackMs: z.number().nonnegative(),
  }),
});

const knownDefectSchema = z.object({
  id: z.string(),
  /** Where it is described and reproduced. */
  page: z.string(),
  /** What goes wrong, as half a sentence. */
  summary: z.string(),
  /** Affected versions, per part; a part not named does not matter. */
  affects: z.record(z.string(), z.array(z.string()).min(1)),
  /** Strategies it was seen with; a key left out does not matter. */
  strategy: z.object({ stepSizePercent: z.number().int().optional() }),
  /** Ways of a change it was seen with; left out where that does not matter. */
  ways: z.array(z.string()).min(1).optional(),
  /** A goal was changed when the pending RayCluster was so far; left out where that does not matter. */
  turnedWhen: z.enum(["named", "created", "stuck"]).optional(),
  /** One of these; left out where it comes by itself. The first moment of any is the anchor `cause`. */
  after: z.array(afterSchema).min(1).optional(),
  /** Violations of which each must have been witnessed: without its own signs a defect explains nothing. */
  requires: z.array(signSchema).min(1),
  explains: z.array(explanationSchema).min(1),
});

export const knownDefectsSchema = z.object({
  schemaVersion: z.literal(1),
  /** Goes up with every change of the list, as a run's verdict depends on it. */
  version: z.string(),
  defects: z.array(knownDefectSchema),
});

export type KnownDefects = z.infer<typeof knownDefectsSchema>;
type KnownDefect = KnownDefects["defects"][number];
type Explanation = KnownDefect["explains"][number];

/** The defects declared with this judge. */
export const KNOWN_DEFECTS: KnownDefects = knownDefectsSchema.parse(declared);

/**
 * The finding, turned from fail to known if one declared defect explains every one of its violations; unchanged otherwise. `all` are the
 * findings of every check, in which the defect's own signs must be.
 */
export function applyKnownDefects(
  finding: Finding,
  all: readonly Finding[],
  known: KnownDefects,
  run: {
    readonly plan: Plan;
    readonly timeline: Timeline;
    /** Found on the cluster, by part. */
    readonly versions: Readonly<Record<string, string>>;
    readonly anchors: Anchors;
  },
): Finding {
  // Violations that were not kept cannot be explained.
  if (finding.verdict !== "fail" || finding.figures["violations"] !== finding.violations.length) return finding;
  for (const defect of known.defects) {
    if (finding.violations.length === 0 || !concerns(defect, run)) continue;
    const cause = defect.after === undefined ? null : causeMs(defect.after, run.timeline);
    if (defect.after !== undefined && cause === null) continue;
    const anchors = { ...run.anchors, cause };
    if (!defect.requires.every((sign) => isWitnessed(sign, all))) continue;
    const explanations = defect.explains.filter(({ check }) => check === finding.id);
    const explained = finding.violations.every((violation) =>
      explanations.some((explanation) => explains(explanation, violation, anchors)),
    );
    if (!explained) continue;
    return {
      ...finding,
      verdict: "known",
      message: `${finding.message.replace(/\.$/, "")}: known defect ${defect.id}.`,
      figures: { ...finding.figures, knownDefect: { id: defect.id, page: defect.page, summary: defect.summary } },
    };
  }
  return finding;
}

type Run = Parameters<typeof applyKnownDefects>[3];
type AllAnchors = Anchors & { readonly cause: number | null };

/** When the runner first was about to do what a defect comes after, Unix ms; null when it did not. */
function causeMs(causes: readonly z.infer<typeof afterSchema>[], timeline: Timeline): number | null {
  const moments = causes.flatMap((after) => momentOf(after, timeline) ?? []);
  return moments.length === 0 ? null : Math.min(...moments);
}

function momentOf(
  after: z.infer<typeof afterSchema>,
  { faults, suspended, operatorChangedMs }: Timeline,
): number | null {
  if ("operator" in after) return operatorChangedMs;
  if ("suspended" in after) return suspended?.of === after.suspended ? suspended.askedMs : null;
  const found = faults.find(({ fault }) => {
    if (fault === null || !after.faults.includes(fault.kind)) return false;
    return after.of === undefined || ("target" in fault && after.of.includes(fault.target));
  });
  return found?.askedMs ?? null;
}

function concerns(defect: KnownDefect, { plan, timeline, versions }: Run): boolean {
  if (defect.ways !== undefined && !defect.ways.includes(timeline.made)) return false;
  if (defect.turnedWhen !== undefined && !turnsWhen(plan, defect.turnedWhen)) return false;
  const { stepSizePercent } = defect.strategy;
  const affected = Object.entries(defect.affects).every(([part, list]) => list.includes(versions[part] ?? ""));
  return affected && (stepSizePercent === undefined || stepSizePercent === plan.strategy.stepSizePercent);
}

function isWitnessed(sign: Sign, all: readonly Finding[]): boolean {
  return all.some(({ id, verdict, violations }) => {
    return id === sign.check && verdict === "fail" && violations.some((violation) => matches(sign, violation));
  });
}

function turnsWhen(plan: Plan, pending: NonNullable<KnownDefect["turnedWhen"]>): boolean {
  return stepsOf(plan).some((step) => {
    const { when } = step;
    return goalOf(step) !== undefined && when !== undefined && "pending" in when && when.pending === pending;
  });
}

function matches({ causes, facts }: Sign, violation: Violation): boolean {
  if (!causes.includes(violation.cause)) return false;
  return Object.entries(facts).every(([key, allowed]) => allowed.some((one) => one === violation.facts[key]));
}

function explains(explanation: Explanation, violation: Violation, anchors: AllAnchors): boolean {
  if (!matches(explanation, violation)) return false;
  const { window } = explanation;
  const from = anchors[window.from];
  const to = window.to === null ? Infinity : anchors[window.to];
  if (from === null || to === null) return false;
  const untilMs = violation.facts["untilMs"];
  const endMs = typeof untilMs === "number" ? untilMs : violation.atMs;
  return violation.atMs >= from - window.slackMs && endMs <= Math.min(from + window.atMostMs, to);
}
