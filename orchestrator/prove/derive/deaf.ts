import type { ObjectSeen, Observation } from "../../history/observation.ts";
import { factsOf } from "./course.ts";
import { isOf, type Recorded } from "./recorded.ts";

/** For so many ms, about when traffic first moved, nothing is told of a kind, which is then listed anew. */
export function deafFor(recorded: Recorded, kind: ObjectSeen["kind"], ms: number): Recorded {
  const { moved } = factsOf(recorded);
  const first = recorded.history.find((line) => isOf(line, kind) && line.wallMs >= moved.wallMs + 500);
  if (first === undefined) throw new Error("There must be something to miss.");
  // It is the first thing that is missed.
  return deaf(recorded, kind, first.wallMs - Math.min(ms / 2, 100), ms);
}

function deaf(recorded: Recorded, kind: ObjectSeen["kind"], fromMs: number, ms: number): Recorded {
  const toMs = fromMs + ms;
  const unheard = recorded.history.filter((line) => isOf(line, kind) && line.wallMs >= fromMs && line.wallMs < toMs);
  const last = unheard.at(-1);
  const before = recorded.history.findLast((line) => line.wallMs < toMs);
  if (last === undefined || !isOf(last, kind) || before === undefined)
    throw new Error("There must be something to miss.");
  const at = { wallMs: before.wallMs, monoMs: before.monoMs };
  const anew: Observation[] = [
    { type: "gap", kind, how: "relisted", sinceMonoMs: before.monoMs - ms, reason: "", ...at },
    { ...last, event: "listed", ...at },
    { type: "synced", kind, resourceVersion: last.resourceVersion, ...at },
  ];
  const history = recorded.history.filter((line) => !unheard.includes(line));
  const index = history.findLastIndex((line) => line.wallMs < toMs) + 1;
  return { ...recorded, history: history.toSpliced(index, 0, ...anew) };
}
