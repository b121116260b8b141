import type { K6Summary } from "../../history/k6-summary.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import type { ObjectSeen, Observation } from "../../history/observation.ts";
import { readRayService, rolloutStateOf } from "../../history/rayservice.ts";
import type { Plan } from "../../plan/plan.ts";
import { stateText } from "../../plan/state.ts";

/** A whole recording in memory, to be altered before it is judged. */
export interface Recorded {
  readonly plan: Plan;
  readonly history: readonly Observation[];
  readonly ledger: readonly LedgerLine[];
  readonly summary: K6Summary | undefined;
}

/** One side of a RayService's status, as far as it is altered. */
export interface SideStatus {
  rayClusterName?: string | undefined;
  targetCapacity?: number | undefined;
  trafficRoutedPercent?: number | undefined;
  lastTrafficMigratedTime?: string | undefined;
}

/** The parts of a watched object that are altered. */
export interface ObjectParts {
  metadata: { deletionTimestamp?: string; name: string };
  spec?: {
    rayClusterDeletionDelaySeconds?: number;
    rules?: { backendRefs: { name: string; weight: number }[] }[];
  };
  status: {
    activeServiceStatus: SideStatus;
    pendingServiceStatus: SideStatus;
    conditions: { type: string; status: string }[];
    lastUpdateTime?: string;
  };
}

/** A line of an object with the same object changed by `change`, which must know what kind it is. */
export function changedObject(line: ObjectSeen, change: (object: ObjectParts) => void): ObjectSeen {
  const object: unknown = structuredClone(line.object);
  change(object as ObjectParts);
  return { ...line, object: object as ObjectSeen["object"] };
}

/** A time as the API server writes it, in whole seconds. */
export function stampOf(wallMs: number): string {
  return new Date(Math.floor(wallMs / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

export function isOf(line: Observation, kind: ObjectSeen["kind"]): line is ObjectSeen {
  return line.type === "object" && line.kind === kind;
}

/** Lines of the RayService are replaced by what `alter` makes of them and of their state, such as "100,75|50,25"; by nothing where it says null. */
export function eachStatus(
  recorded: Recorded,
  alter: (line: ObjectSeen, state: string) => ObjectSeen | null,
): Recorded {
  const history = recorded.history.map((line) => {
    if (!isOf(line, "RayService")) return line;
    const service = readRayService(line.object);
    const state = service.ok ? rolloutStateOf(service.view) : null;
    return alter(line, state === null ? "" : stateText(state));
  });
  return { ...recorded, history: history.filter((line) => line !== null) };
}

/** With further lines, in the order of time. */
export function withLines(recorded: Recorded, lines: readonly Observation[]): Recorded {
  return { ...recorded, history: [...recorded.history, ...lines].sort((a, b) => a.monoMs - b.monoMs) };
}

/** The first line of the RayService that is in this state. */
export function firstIn({ history }: Recorded, state: RegExp): ObjectSeen {
  const found = history.find((line) => {
    if (!isOf(line, "RayService")) return false;
    const service = readRayService(line.object);
    const rollout = service.ok ? rolloutStateOf(service.view) : null;
    return rollout !== null && state.test(stateText(rollout));
  });
  if (found === undefined || !isOf(found, "RayService")) throw new Error(`No status in state ${String(state)}.`);
  return found;
}
