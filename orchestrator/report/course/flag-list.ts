import type { Flag } from "./course.ts";
import { whole } from "./numbers.ts";

/** Most flags of a course. */
export const MOST_FLAGS = 300;
const LONGEST_TITLE = 160;
const LONGEST_DETAIL = 400;

type Severity = Flag["severity"];
/** What is left out last, among flags of one severity. */
const SOURCES: readonly Flag["source"][] = ["runner", "condition", "cluster", "pod", "watch", "event"];

/** A flag as it is told: one that is told again may have more to say, and one that lasts has an end later. */
export interface Told extends Omit<Flag, "title" | "detail" | "untilMs"> {
  title: string;
  detail: string;
  untilMs?: number;
}

/**
 * Keeps the flags of a run, up to MOST_FLAGS: warnings before all others, then by their sources, and among equals those that came first.
 * Memory does not grow with the flags that are left out.
 */
export class FlagList {
  readonly #kept = new Map<string, Told[]>();
  #all = 0;

  /** Adds a flag, whose detail and end may be changed until the list is asked for. */
  add(flag: Told): void {
    this.#all += 1;
    const rank = rankOf(flag.severity, flag.source);
    const kept = this.#kept.get(rank);
    if (kept === undefined) this.#kept.set(rank, [flag]);
    else if (kept.length < MOST_FLAGS) kept.push(flag);
  }

  /** In the order of their times. */
  list(): { readonly flags: Flag[]; readonly flagsLeftOut: number } {
    const ranks = (["warning", "normal"] as const).flatMap((severity) =>
      SOURCES.map((source) => rankOf(severity, source)),
    );
    const flags = ranks
      .flatMap((rank) => this.#kept.get(rank) ?? [])
      .slice(0, MOST_FLAGS)
      .map(({ atMs, source, severity, title, detail, untilMs, deed }) => ({
        atMs: whole(atMs),
        source,
        severity,
        title: shortened(title, LONGEST_TITLE),
        detail: shortened(detail, LONGEST_DETAIL),
        ...(untilMs === undefined ? {} : { untilMs: whole(untilMs) }),
        ...(deed === undefined ? {} : { deed }),
      }))
      .sort((a, b) => a.atMs - b.atMs);
    return { flags, flagsLeftOut: this.#all - flags.length };
  }
}

function rankOf(severity: Severity, source: Flag["source"]): string {
  return `${severity} ${source}`;
}

/** On one line, and not longer than that. */
function shortened(text: string, longest: number): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
