import { CLOCK_BOUND_MS } from "../../history/recorded-clocks.ts";
import { factsOf, routeAt } from "./course.ts";
import {
  intervalCut,
  movedEarly,
  readyLate,
  routeDiffers,
  stampsLie,
  weightGoesBack,
  weightsOff,
} from "./moving-histories.ts";
import {
  capacityGoesBack,
  delayCut,
  deletedBefore,
  newConfigToOldSide,
  promotedEarly,
  surgeExceeded,
} from "./mutant-histories.ts";
import { everyOne } from "./possible.ts";
import type { Sized, Unsized } from "./size.ts";

/** Whole percents, of which the status and the route have no others. */
const PERCENT = {
  unit: "%",
  none: 0,
  step: 1,
  possible: () => ({ size: 1, because: "capacities and weights are whole percents" }),
} as const;

/** Ways in which the operator breaks its promises, by the proofs' names. A mutant has the one size that it was built with. */
export const OPERATOR: Readonly<Record<string, Sized | Unsized>> = {
  "skip-step": { why: "one step, which is left out or is not" },
  "stamps-stand-still": { why: "stamps that stand still are 0 s apart" },
  "third-cluster": { why: "one RayCluster, which is there or is not" },
  "stuck-at-half": { why: "an upgrade that does not come to its end" },
  "old-cluster-never-deleted": { why: "one RayCluster, which stays" },
  "upgrade-never-told": { why: "one condition, which is never True" },
  "upgrade-never-over": { why: "one condition, which stays True" },
  "rollback-keeps-wrong-side": { why: "one name in the status, which is right or is not" },
  "rollback-in-one-step": { why: "one step, which is left out or is not" },
  "traffic-before-capacity": { why: "two steps, which are in order or are not" },
  "weight-goes-back": { ...PERCENT, of: "of the traffic, back", own: () => 25, derive: weightGoesBack },
  "capacity-goes-back": { ...PERCENT, of: "of the capacity, back", own: () => 25, derive: capacityGoesBack },
  "surge-exceeded": { ...PERCENT, of: "of capacity beyond the surge", own: () => 50, derive: surgeExceeded },
  "promotes-early": {
    ...PERCENT,
    of: "of the traffic left to the old side",
    own: () => 25,
    derive: promotedEarly,
  },
  "weights-do-not-sum": { ...PERCENT, of: "less than 100", own: () => 10, derive: weightsOff },
  "interval-cut-short": {
    unit: "s",
    of: "less than the interval",
    none: 0,
    step: 1,
    own: () => 4,
    derive: intervalCut,
    possible: () => ({ size: 1, because: "the operator's stamps have whole seconds" }),
  },
  "stamps-lie": {
    unit: "s",
    of: "by which each move is sooner than its stamp says",
    none: 0,
    step: 0.1,
    own: () => 5.5,
    derive: stampsLie,
    possible: () => ({
      size: CLOCK_BOUND_MS / 1000 / MOVES_AFTER_FIRST,
      because: `clocks may differ by ${String(CLOCK_BOUND_MS)} ms, and three moves add up; a stamp is cut by up to 1 s, which may hide 0.33 s more`,
    }),
  },
  "old-cluster-deleted-early": {
    unit: "ms",
    of: "before the promotion",
    none: 0,
    step: 1,
    // Promotion and deletion are written in one reconcile; the real ones were told 56 ms apart.
    own: () => 50,
    derive: deletedBefore,
    possible: () => ({ size: 1, because: "resourceVersions order two writes however close they are" }),
  },
  "deletion-delay-ignored": {
    unit: "s",
    of: "of the deletion delay",
    none: 0,
    step: 1,
    own: () => 55,
    derive: delayCut,
    possible: () => ({ size: 1, because: "a delay has whole seconds" }),
  },
  "new-config-to-old-side": {
    unit: "answer",
    of: "of the old side with the new version",
    none: 0,
    step: 1,
    own: () => 1000,
    derive: newConfigToOldSide,
    possible: () => everyOne("answer"),
  },
  "traffic-before-ready": {
    unit: "s",
    of: "before the first endpoint",
    none: 0,
    step: 0.1,
    own: () => 10,
    derive: movedEarly,
    possible: (recorded) => ({
      size: 0.1,
      because: `watches tell within 0.1 s as a rule; but the real operator moves early too, which is a declared defect, and in ${readyLate(recorded).toFixed(1)} s it could`,
    }),
  },
  "route-differs-from-status": {
    unit: "s",
    of: "of a difference of 1 %",
    none: 0,
    step: 0.1,
    own: () => 6,
    derive: routeDiffers,
    possible: (recorded) => {
      const { sides, moved } = factsOf(recorded);
      const apartS = (moved.monoMs - routeAt(recorded, sides.new.cluster, 25).monoMs) / 1000;
      return {
        size: apartS,
        because: `the operator writes the route first and the status after it, ${apartS.toFixed(1)} s in this recording`,
      };
    },
  },
};

/** Of a course by steps of 25 %. */
const MOVES_AFTER_FIRST = 3;
