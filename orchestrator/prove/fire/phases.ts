import type { Observation } from "../../history/observation.ts";
import { readRayService, rolloutStateOf } from "../../history/rayservice.ts";

/**
 * What a run goes through, in its order, and how long each usually takes, in s: measured by the stamps of runs of `npm run load -- --strategy aggressive` on
 * two cores, with the warm-up and the grace of a run under fire. `lease` and the clearing of `staging` are there only after a run that was killed.
 */
export const PHASES = [
  { name: "start-up", seconds: 2.5 },
  { name: "lease", seconds: 15 },
  { name: "staging", seconds: 35 },
  { name: "load-start", seconds: 4.5 },
  { name: "warm-up", seconds: 10 },
  { name: "new-side", seconds: 35 },
  { name: "traffic", seconds: 9 },
  { name: "drain", seconds: 34 },
  { name: "load-stop", seconds: 0.6 },
  { name: "collecting", seconds: 1.4 },
  { name: "judging", seconds: 1.8 },
  { name: "removal", seconds: 8 },
] as const;
export type PhaseName = (typeof PHASES)[number]["name"];

/** What can be seen of a run from outside: a line of its progress, or one of its history. */
export type Seen = { readonly said: string } | { readonly recorded: Observation };

const STAMP = /^\[\s*[\d.]+ s\] /;
/** By how the progress tells them. */
const SAID: readonly (readonly [begins: string, phase: PhaseName])[] = [
  ["Waiting for the lease of a killed run", "lease"],
  ["application: started", "staging"],
  ["Removing the application", "removal"],
];
const RECORDED: Readonly<Record<string, PhaseName>> = {
  "record-start": "load-start",
  "load-start": "warm-up",
  trigger: "new-side",
  "stop-load": "load-stop",
  "load-ended": "collecting",
  "record-end": "judging",
};

/** The phase that a run is in after something was seen of it. It never goes back to one before: a phase may be left out, or its line come late. */
export function phaseAfter(now: PhaseName, seen: Seen): PhaseName {
  const begun = "said" in seen ? phaseSaid(seen.said) : phaseRecorded(now, seen.recorded);
  return begun !== undefined && isAtLeast(begun, now) ? begun : now;
}

/** Whether a phase is that one, or one after it. */
export function isAtLeast(phase: PhaseName, other: PhaseName): boolean {
  return indexOf(phase) >= indexOf(other);
}

function indexOf(phase: PhaseName): number {
  return PHASES.findIndex(({ name }) => name === phase);
}

function phaseSaid(line: string): PhaseName | undefined {
  const text = line.replace(STAMP, "");
  return SAID.find(([begins]) => text.startsWith(begins))?.[1];
}

function phaseRecorded(now: PhaseName, line: Observation): PhaseName | undefined {
  if (line.type === "action") return RECORDED[line.action];
  if (line.type !== "object" || line.kind !== "RayService") return undefined;
  const read = readRayService(line.object);
  const state = read.ok ? rolloutStateOf(read.view) : null;
  if (state === null) return undefined;
  if ((state.pendingTraffic ?? 0) > 0) return "traffic";
  // No pending side once traffic has moved: the new side is the active one.
  return now === "traffic" && state.pendingTraffic === null ? "drain" : undefined;
}
