import { z } from "zod";
import { DEFAULT_DELETION_DELAY_SECONDS } from "../plan/scenario-parts.ts";
import type { RolloutState } from "../plan/state.ts";
import { read, readOnce, type Reading } from "./reading.ts";
import { reasonLine } from "./words.ts";

const percent = z
  .number()
  .int()
  .nullish()
  .transform((value) => value ?? 0);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");

const sideSchema = z.object({
  rayClusterName: text,
  targetCapacity: percent,
  trafficRoutedPercent: percent,
  /** Unix ms; the API server keeps whole seconds. */
  lastTrafficMigratedTime: z.iso
    .datetime({ offset: true })
    .nullish()
    .transform((stamp) => (stamp == null ? null : Date.parse(stamp))),
  applicationStatuses: z
    .record(z.string(), z.object({ status: text, message: text }))
    .nullish()
    .transform((applications) => applications ?? {}),
});

const conditionSchema = z.object({ type: z.string(), status: z.string(), reason: text, message: text });
const NO_SIDE = sideSchema.parse({});

/** What the judge reads of a RayService; names as in ray-operator/apis/ray/v1/rayservice_types.go of KubeRay 1.6.2. */
const rayServiceSchema = z.object({
  metadata: z.object({ generation: z.number().nullish() }).nullish(),
  spec: z.object({ rayClusterDeletionDelaySeconds: z.number().nullish() }).nullish(),
  status: z
    .object({
      activeServiceStatus: sideSchema.nullish(),
      pendingServiceStatus: sideSchema.nullish(),
      conditions: z.array(conditionSchema).nullish(),
      observedGeneration: z.number().nullish(),
      /** Unix ms of whole seconds: when the operator wrote this status. */
      lastUpdateTime: z.iso
        .datetime({ offset: true })
        .nullish()
        .transform((stamp) => (stamp == null ? null : Date.parse(stamp))),
    })
    .nullish()
    .transform((status) => ({
      active: status?.activeServiceStatus ?? NO_SIDE,
      pending: status?.pendingServiceStatus ?? NO_SIDE,
      conditions: status?.conditions ?? [],
      observedGeneration: status?.observedGeneration ?? null,
      lastUpdateTime: status?.lastUpdateTime ?? null,
    })),
});

export type RayServiceView = z.infer<typeof rayServiceSchema>["status"] & {
  /** Least time between a promotion and the old RayCluster's deletion, in s; null when the object carries no spec. */
  readonly deletionDelaySeconds: number | null;
  /** Of the spec; goes up with every change of it. Null where the object carries none. */
  readonly generation: number | null;
};

function deletionDelayOf(spec: z.infer<typeof rayServiceSchema>["spec"]): number | null {
  return spec == null ? null : (spec.rayClusterDeletionDelaySeconds ?? DEFAULT_DELETION_DELAY_SECONDS);
}

/** Absent capacity, traffic and names read as 0 and empty. */
export const readRayService = readOnce((object): Reading<RayServiceView> => {
  const reading = read(rayServiceSchema, object);
  if (!reading.ok) return reading;
  const { metadata, spec, status } = reading.view;
  const generation = metadata?.generation ?? null;
  return { ok: true, view: { ...status, deletionDelaySeconds: deletionDelayOf(spec), generation } };
});

/** Whether a condition is True. */
export function isConditionTrue({ conditions }: Pick<RayServiceView, "conditions">, condition: string): boolean {
  return conditions.some(({ type, status }) => type === condition && status === "True");
}

/** Where the upgrade stands, or null while there is no active RayCluster yet (the first one is starting). */
export function rolloutStateOf({ active, pending }: RayServiceView): RolloutState | null {
  if (active.rayClusterName === "") return null;
  const none = pending.rayClusterName === "";
  return {
    activeCapacity: active.targetCapacity,
    activeTraffic: active.trafficRoutedPercent,
    pendingCapacity: none ? null : pending.targetCapacity,
    pendingTraffic: none ? null : pending.trafficRoutedPercent,
  };
}

/** What the applications themselves say: one line per application that is not plainly RUNNING. */
export function applicationMessages({
  active,
  pending,
}: Partial<Pick<RayServiceView, "active" | "pending">>): string[] {
  return [active ?? [], pending ?? []].flat().flatMap((side) =>
    Object.entries(side.applicationStatuses)
      .filter(([, { status, message }]) => status !== "RUNNING" || message !== "")
      .map(([name, { status, message }]) => {
        const said = message === "" ? "" : `: ${reasonLine(message)}`;
        return `application ${name} on ${side.rayClusterName} is ${status || "without a status"}${said}`;
      }),
  );
}
