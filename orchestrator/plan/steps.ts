import { z } from "zod";
import { faultSchema } from "./faults.ts";

const share = z.number().int().min(0).max(100);

/**
 * What a step waits for before it acts; without one it acts as soon as the step before it has. Told by watch events, never by looking from time to
 * time.
 *
 * - `traffic`: the first state in which the pending side's traffic, in percent, lies within these bounds, both included.
 * - `pending`: a pending RayCluster is `named` by the status; has a pod (`created`); or is `stuck`, with an application that says DEPLOY_FAILED, or a
 *   pod whose image cannot be pulled or that cannot be scheduled.
 * - `gone`: the pods that the last fault took away are gone.
 * - `seconds`: so long after the step before it; a stated time that something must last.
 */
export const whenSchema = z.union([
  z.strictObject({ traffic: z.tuple([share, share]).refine(([from, to]) => from <= to) }),
  z.strictObject({ pending: z.enum(["named", "created", "stuck"]) }),
  z.strictObject({ gone: z.literal(true) }),
  z.strictObject({ seconds: z.number().positive().max(600) }),
]);
export type When = z.infer<typeof whenSchema>;

const specPath = z.string().startsWith("/spec/", { error: "a path below /spec/" });

/** One operation of RFC 6902 on the RayService: what is different of a spec. Rolling back takes it back. */
export const specPatchSchema = z.discriminatedUnion("op", [
  z.strictObject({ op: z.enum(["add", "replace"]), path: specPath, value: z.json() }),
  z.strictObject({ op: z.literal("remove"), path: specPath }),
]);
export type SpecPatch = z.infer<typeof specPatchSchema>;

const when = whenSchema.optional();
const changed = {
  when,
  /** Import path of the applications, instead of the one that works. */
  importPath: z.string().optional(),
  /** Beside version and worker cpu. */
  patch: z.array(specPatchSchema).optional(),
};
const suspended = { when, of: z.enum(["RayService", "RayCluster"]) };

/**
 * What a scenario does, step by step. Those that set a goal (`upgrade`, `third`, `rollback`, `in-place`) change the RayService's spec:
 *
 * - `upgrade`: to the version after, on a new RayCluster; a second time after a `rollback`, which is thereby cancelled.
 * - `third`: to a third version, on yet another RayCluster.
 * - `rollback`: back to what the spec was before the first step.
 * - `in-place`: to the version after, by the serve config alone, which makes no new RayCluster.
 * - `suspend`, `resume`: sets `spec.suspend` of the RayService, or that of its `rayClusterConfig` where `of` says RayCluster.
 * - `fault`: something breaks.
 * - `operator`: the KubeRay operator's Deployment gets the image of another version. Over when that has taken the RayCluster over, unless `takenOver` is
 *   false: then as soon as it is available.
 */
export const stepSchema = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("upgrade"), ...changed }),
  z.strictObject({ do: z.literal("third"), ...changed }),
  z.strictObject({ do: z.literal("rollback"), when }),
  z.strictObject({ do: z.literal("in-place"), when }),
  z.strictObject({ do: z.literal("suspend"), ...suspended }),
  z.strictObject({ do: z.literal("resume"), ...suspended }),
  z.strictObject({ do: z.literal("fault"), when, fault: faultSchema }),
  z.strictObject({ do: z.literal("operator"), when, version: z.string(), takenOver: z.boolean().optional() }),
]);
export type Step = z.infer<typeof stepSchema>;

/** Seconds that a step states: what it waits for before it acts, and what it then lasts. */
export function statedSeconds(step: Step): { readonly waits: number; readonly lasts: number } {
  return {
    waits: step.when !== undefined && "seconds" in step.when ? step.when.seconds : 0,
    lasts: step.do === "fault" && "seconds" in step.fault ? step.fault.seconds : 0,
  };
}

/** What the spec is made to be, one after another; `before` is what it was at first. */
export type Goal = "before" | "after" | "third";

const GOALS: Readonly<Partial<Record<Step["do"], Goal>>> = {
  upgrade: "after",
  "in-place": "after",
  third: "third",
  rollback: "before",
};

/** The goal that a step sets; undefined for one that sets none. */
export function goalOf(step: Step): Goal | undefined {
  return GOALS[step.do];
}

/** A step that sets a goal. */
export type GoalStep = Extract<Step, { do: "upgrade" | "third" | "rollback" | "in-place" }>;

export function isGoalStep(step: Step): step is GoalStep {
  return goalOf(step) !== undefined;
}
