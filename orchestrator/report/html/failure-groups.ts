import type { FailureList } from "../course/course.ts";

/** Failures that look alike. */
export interface FailureGroup {
  readonly what: string;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Kinds of clients, kinds of connections and RayClusters concerned, with their counts, most first. */
  readonly clients: readonly (readonly [string, number])[];
  readonly connections: readonly (readonly [string, number])[];
  readonly clusters: readonly (readonly [string, number])[];
  readonly longestMs: number;
}

/** Failures by outcome, status and message, the most frequent first. */
export function failureGroups({ rows, texts }: FailureList): FailureGroup[] {
  const groups = new Map<string, Gathering>();
  for (const [index, startMs] of rows.startMs.entries()) {
    const count = rows.count[index] ?? 0;
    const what = wordsOf(rows.outcome[index] ?? "", rows.status[index] ?? 0, textAt(texts, rows.message[index]));
    let group = groups.get(what);
    if (group === undefined) {
      group = { count: 0, firstMs: startMs, lastMs: startMs, longestMs: 0, by: [new Map(), new Map(), new Map()] };
      groups.set(what, group);
    }
    group.count += count;
    group.firstMs = Math.min(group.firstMs, startMs);
    group.lastMs = Math.max(group.lastMs, startMs);
    group.longestMs = Math.max(group.longestMs, rows.durationMs[index] ?? 0);
    const names = [
      textAt(texts, rows.client[index]),
      CONNECTIONS[rows.connection[index] ?? "unknown"],
      textAt(texts, rows.cluster[index]) || "not known",
    ];
    for (const [which, name] of names.entries()) {
      const counts = group.by[which];
      counts?.set(name, (counts.get(name) ?? 0) + count);
    }
  }
  return [...groups]
    .map(([what, { by, ...rest }]) => ({
      what,
      ...rest,
      clients: mostFirst(by[0]),
      connections: mostFirst(by[1]),
      clusters: mostFirst(by[2]),
    }))
    .sort((a, b) => b.count - a.count || a.firstMs - b.firstMs);
}

interface Gathering {
  count: number;
  firstMs: number;
  lastMs: number;
  longestMs: number;
  readonly by: readonly [Map<string, number>, Map<string, number>, Map<string, number>];
}

const CONNECTIONS = { new: "new", reused: "kept", unknown: "not known" } as const;

function textAt(texts: readonly string[], index: number | undefined): string {
  return index === undefined ? "" : (texts[index] ?? "");
}

/** Numbers in a message (ports, ids) do not make it another one. */
function wordsOf(outcome: string, status: number, message: string): string {
  const plain = message === `status ${status}` ? "" : message.replaceAll(/\d+/g, "#");
  const answered = status === 0 ? "no answer" : `status ${status}`;
  return [outcome === "hanging" ? "hung" : "failed", answered, plain].filter((part) => part !== "").join(", ");
}

function mostFirst(counts: ReadonlyMap<string, number>): (readonly [string, number])[] {
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
