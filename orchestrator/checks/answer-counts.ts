import { failureOf } from "../history/failures.ts";
import type { LedgerLine } from "../history/ledger.ts";

/** Answers by version and RayCluster, and when each pair first answered. */
export class AnswerCounts {
  readonly #counts = new Map<string, Map<string, { count: number; firstMs: number }>>();

  observe(line: LedgerLine): void {
    if (line.type === "answered") {
      this.#add(line.version, line.cluster, line.binMs, line.count);
      return;
    }
    // A failed request may still name who failed it.
    const failure = failureOf(line);
    if (failure === null || failure.version === "" || failure.cluster === "") return;
    this.#add(failure.version, failure.cluster, failure.startMs, 0);
  }

  /** Good answers by a version on a RayCluster. */
  count(version: string, cluster: string): number {
    return this.#counts.get(version)?.get(cluster)?.count ?? 0;
  }

  /** Every pair that answered, well or not, with its good answers and the start of its first request (Unix ms, to 100 ms). */
  pairs(): { version: string; cluster: string; count: number; firstMs: number }[] {
    return [...this.#counts].flatMap(([version, clusters]) =>
      [...clusters].map(([cluster, { count, firstMs }]) => ({ version, cluster, count, firstMs })),
    );
  }

  /** Good answers by version, then RayCluster, in the order of names. */
  byVersion(): Record<string, Record<string, number>> {
    const sorted = [...this.#counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([version, clusters]) => {
        const counts = [...clusters].map(([cluster, { count }]): [string, number] => [cluster, count]);
        return [version, Object.fromEntries(counts.sort(([a], [b]) => (a < b ? -1 : 1)))] as const;
      });
    return Object.fromEntries(sorted);
  }

  #add(version: string, cluster: string, startMs: number, count: number): void {
    const clusters = this.#counts.get(version) ?? new Map<string, { count: number; firstMs: number }>();
    this.#counts.set(version, clusters);
    const known = clusters.get(cluster);
    if (known === undefined) clusters.set(cluster, { count, firstMs: startMs });
    else {
      known.count += count;
      known.firstMs = Math.min(known.firstMs, startMs);
    }
  }
}
