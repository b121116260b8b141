import { z } from "zod";
import type { Action } from "../../history/observation.ts";
import { RecordedFaults } from "../../history/recorded-faults.ts";
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
  fault: "fault",
  "fault-ended": "fault is over",
  suspend: "suspended",
  resume: "resumed",
  operator: "operator's version is changed",
  "in-place-done": "every replica is on the new spec",
  watching: "watching begins",
  recovered: "all is as it was",
};
const WARNINGS: ReadonlySet<Action["action"]> = new Set<Action["action"]>(["interrupted", "set-up-failed", "fault"]);
const DEEDS: Partial<Record<Action["action"], Told["deed"]>> = {
  rollback: "change",
  change: "change",
  suspend: "change",
  resume: "change",
  operator: "change",
  fault: "fault",
};

/** Facts nest no deeper than this. */
const DEEPEST = 4;

const factsSchema = z.object({
  index: z.number().optional().catch(undefined),
  goal: z.string().optional().catch(undefined),
  path: z.string().optional().catch(undefined),
  from: z.string().optional().catch(undefined),
  to: z.string().optional().catch(undefined),
});
type Facts = z.infer<typeof factsSchema>;

/** Makes a flag of each of the runner's actions, with its facts as one line. What lasts has its end when that is told. */
export class RunnerFlags {
  readonly #faults = new Map<number | undefined, Told>();
  #suspended: Told | null = null;

  of(line: Action): Told {
    const { wallMs, action, facts } = line;
    const known = factsSchema.parse(facts);
    const deed = DEEDS[action];
    const flag: Told = {
      atMs: wallMs,
      source: "runner",
      severity: WARNINGS.has(action) ? "warning" : "normal",
      title: titleOf(action, known),
      detail: factsOf("", facts, DEEPEST).join(", "),
      ...(deed === undefined ? {} : { deed }),
    };
    if (action === "fault") this.#faultBegins(line, known, flag);
    if (action === "fault-ended") this.#faultEnds(known, flag);
    if (action === "suspend") this.#suspended ??= flag;
    if (action === "resume" && this.#suspended !== null) {
      this.#suspended.untilMs = wallMs;
      this.#suspended = null;
    }
    return flag;
  }

  /** By its own words, with the pods that it was done to. */
  #faultBegins(line: Action, { index }: Facts, flag: Told): void {
    const read = new RecordedFaults();
    read.onAction(line);
    const [fault] = read.all();
    if (fault === undefined || fault.text === "") return;
    flag.title = `fault: ${fault.text}`;
    flag.detail = fault.pods.map(({ name, of }) => `pod ${name} (${of})`).join(", ");
    this.#faults.set(index, flag);
  }

  #faultEnds({ index }: Facts, flag: Told): void {
    const begun = this.#faults.get(index);
    if (begun === undefined) return;
    begun.untilMs = flag.atMs;
    flag.title = begun.title.replace(/^fault/, "fault is over");
    this.#faults.delete(index);
  }
}

function titleOf(action: Action["action"], { goal, path, from, to }: Facts): string {
  if (action === "change" && goal === "third") return "a third version is asked for";
  if (action === "change" && goal === "after") return "rollback is cancelled";
  if ((action === "suspend" || action === "resume") && path !== undefined) {
    return `${path.includes("rayClusterConfig") ? "RayCluster" : "RayService"} is ${action === "suspend" ? "suspended" : "resumed"}`;
  }
  if (action === "operator" && from !== undefined && to !== undefined) return `operator: ${from} to ${to}`;
  return TITLES[action] ?? action.replaceAll("-", " ");
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
