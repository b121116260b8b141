import { failureOf } from "../../history/failures.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import type { Plan } from "../../plan/plan.ts";
import type { BinGrid, Layout } from "./bins.ts";
import { clopperPearson } from "./clopper-pearson.ts";
import { Sums } from "./columns.ts";
import type { Column, Share } from "./course.ts";
import { whereKnown, type Known } from "./known-bins.ts";
import { rounded } from "./numbers.ts";

const DIGITS = 4;

/** Who answered, by bin: the requests of all kinds of clients of which a RayCluster is known, as share-matches-weight counts them. */
export class ShareBins {
  readonly #n = new Sums();
  readonly #byNewCluster = new Sums();
  readonly #byNewVersion = new Sums();

  /** `arriving`: the RayCluster with role "new"; null when there is none. */
  constructor(
    private readonly plan: Plan,
    private readonly arriving: string | null,
    private readonly grid: BinGrid,
  ) {}

  observe(line: LedgerLine): void {
    if (line.type === "answered") {
      this.#count(line.binMs, line.cluster, line.version, line.count);
      return;
    }
    const failure = failureOf(line);
    if (failure !== null && failure.cluster !== "") {
      this.#count(failure.startMs, failure.cluster, failure.version, failure.count);
    }
  }

  columns(layout: Layout, known: Known): Share {
    const all = this.#n.column(layout);
    const n = whereKnown(all, known);
    const [cluster, version] = [this.#byNewCluster.column(layout), this.#byNewVersion.column(layout)];
    const shareOf = (counts: readonly number[]): Column =>
      all.map((of, index) => (of === 0 ? null : rounded((counts[index] ?? 0) / of, DIGITS)));
    const none: Column = all.map(() => null);
    if (this.arriving === null) return { n, ofNewCluster: none, low: none, high: none, ofNewVersion: shareOf(version) };
    const intervals = all.map((of, index) => clopperPearson(cluster[index] ?? 0, of));
    const endOf = (end: "low" | "high"): Column =>
      intervals.map((interval) => (interval === null ? null : rounded(interval[end], DIGITS)));
    return {
      n,
      ofNewCluster: shareOf(cluster),
      low: endOf("low"),
      high: endOf("high"),
      ofNewVersion: shareOf(version),
    };
  }

  #count(ms: number, cluster: string, version: string, count: number): void {
    const slot = this.grid.slotOf(ms);
    this.#n.add(slot, count);
    if (cluster === this.arriving) this.#byNewCluster.add(slot, count);
    if (version === this.plan.application.versionAfter) this.#byNewVersion.add(slot, count);
  }
}
