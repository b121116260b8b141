import type { Action } from "../../history/observation.ts";
import type { Told } from "./flag-list.ts";

/** What the runner's actions are called; any other is called by its own name. */
const TITLES: Partial<Record<Action["action"], string>> = {
  "record-start": "record starts",
  "load-start": "load starts",
  "warm-up-steady": "warm-up is steady",
  "stop-load": "load is stopped",
  "load-ended": "load has ended",
  "record-end": "record ends",
  "set-up-failed": "set-up failed",
  change: "goal is changed",
  "fault-ended": "fault is over",
  operator: "operator's version is changed",
  "in-place-done": "every replica is on the new spec",
  watching: "watching begins",
  recovered: "all is as it was",
};
const WARNINGS: ReadonlySet<Action["action"]> = new Set<Action["action"]>(["interrupted", "set-up-failed", "fault"]);

/** Facts nest no deeper than this. */
const DEEPEST = 4;

/** Something that the runner did, with its facts as one line. */
export function runnerFlag({ wallMs, action, facts }: Action): Told {
  return {
    atMs: wallMs,
    source: "runner",
    severity: WARNINGS.has(action) ? "warning" : "normal",
    title: faultTitle(action, facts) ?? TITLES[action] ?? action.replaceAll("-", " "),
    detail: factsOf("", facts, DEEPEST).join(", "),
  };
}

/** A fault by its own words; null for anything else. */
function faultTitle(action: Action["action"], { text }: Action["facts"]): string | null {
  return action === "fault" && typeof text === "string" && text !== "" ? `fault: ${text}` : null;
}

/** `before.generation 2`, one for each fact. */
function factsOf(path: string, value: unknown, depth: number): string[] {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && depth > 0) {
    return Object.entries(value).flatMap(([key, inner]) =>
      factsOf(path === "" ? key : `${path}.${key}`, inner, depth - 1),
    );
  }
  const plain = typeof value === "string" ? value : Array.isArray(value) ? plainList(value) : JSON.stringify(value);
  return [`${path} ${plain}`.trim()];
}

function plainList(values: readonly unknown[]): string {
  return values.map((each) => (typeof each === "string" ? each : JSON.stringify(each))).join(" ");
}
