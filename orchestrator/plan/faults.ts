import { z } from "zod";

const heldSeconds = z.number().positive().max(600);
/** A run goes on without the API server for some 20 s (its lease of 30 s is renewed every 10 s), of which the server's start may take half. */
const withoutApiServerSeconds = z.number().positive().max(10);

/** What a fault can be done to. `load` is the k6 pod; operator, gateway (its control plane) and data-plane are the platform's. */
export const FAULT_TARGETS = [
  "operator",
  "gateway",
  "data-plane",
  "active-head",
  "active-worker",
  "pending-head",
  "pending-worker",
  "load",
] as const;
export type FaultTarget = (typeof FAULT_TARGETS)[number];

/**
 * Faults by kind, as scenarios declare them. Times in seconds.
 *
 * - `delete-pod`: one pod of the target is deleted; `graceSeconds` 0 is by force, left out is the pod's own grace period.
 * - `scale-to-zero`: the target's Deployment has no replica for `seconds`, then as many as before.
 * - `rollout`: the target's Deployment is restarted pod by pod, as `kubectl rollout restart` does it.
 * - `stop-api-server`: the API server does not run for `seconds`.
 * - `cut-network`: for `seconds` no packet reaches or leaves one pod of the target.
 * - `out-of-memory`: the target's container is filled until the kernel kills a process of it.
 */
export const faultSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("delete-pod"),
    target: z.enum(FAULT_TARGETS),
    graceSeconds: z.number().int().min(0).max(600).optional(),
  }),
  z.strictObject({ kind: z.literal("scale-to-zero"), target: z.enum(["operator", "gateway"]), seconds: heldSeconds }),
  z.strictObject({ kind: z.literal("rollout"), target: z.enum(["operator", "gateway", "data-plane"]) }),
  z.strictObject({ kind: z.literal("stop-api-server"), seconds: withoutApiServerSeconds }),
  z.strictObject({ kind: z.literal("cut-network"), target: z.enum(FAULT_TARGETS), seconds: heldSeconds }),
  z.strictObject({ kind: z.literal("out-of-memory"), target: z.enum(["active-head", "pending-head"]) }),
]);
export type Fault = z.infer<typeof faultSchema>;

/** Whether a target is the head of a RayCluster. */
export function isHead(target: FaultTarget): boolean {
  return target === "active-head" || target === "pending-head";
}

/** Whether the pods that a fault is done to are gone some time after it; those of other faults stay. */
export function takesPods({ kind }: Pick<Fault, "kind">): boolean {
  return kind !== "cut-network" && kind !== "stop-api-server";
}

/** A fault in a few words, for progress and reports. */
export function faultText(fault: Fault): string {
  switch (fault.kind) {
    case "delete-pod": {
      const how = fault.graceSeconds === 0 ? " by force" : "";
      return `a pod of ${targetText(fault.target)} deleted${how}`;
    }
    case "scale-to-zero":
      return `${targetText(fault.target)} scaled to 0 for ${String(fault.seconds)} s`;
    case "rollout":
      return `${targetText(fault.target)} rolled out anew`;
    case "stop-api-server":
      return `the API server stopped for ${String(fault.seconds)} s`;
    case "cut-network":
      return `the network of ${targetText(fault.target)} cut for ${String(fault.seconds)} s`;
    case "out-of-memory":
      return `${targetText(fault.target)} out of memory`;
  }
}

const TARGET_WORDS: Readonly<Record<FaultTarget, string>> = {
  operator: "the operator",
  gateway: "the gateway's control plane",
  "data-plane": "the gateway's data plane",
  "active-head": "the active head",
  "active-worker": "an active worker",
  "pending-head": "the pending head",
  "pending-worker": "a pending worker",
  load: "the load",
};

function targetText(target: FaultTarget): string {
  return TARGET_WORDS[target];
}
