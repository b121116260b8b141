import { failureOf } from "../../history/failures.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import type { Timeline } from "../../history/timeline.ts";
import type { Plan } from "../../plan/plan.ts";
import type { BinGrid, Layout } from "./bins.ts";
import { clopperPearson } from "./clopper-pearson.ts";
import { Sums } from "./columns.ts";
import type { Column, Share, ShareOf } from "./course.ts";
import { whereKnown, type Known } from "./known-bins.ts";
import { rounded } from "./numbers.ts";

const DIGITS = 4;

/** Who answered, by bin: the requests of all kinds of clients of which a RayCluster is known, as share-matches-weight counts them. */
export class ShareBins {
  readonly #n = new Sums();
  /** By RayCluster, of those of which a share is told. */
  readonly #byCluster: ReadonlyMap<string, Sums>;
  readonly #byNewVersion = new Sums();
  readonly #newVersions: ReadonlySet<string | undefined>;
  readonly #arriving: string | null;
  /** Of these the share is told beside the arriving one's. */
  readonly #others: readonly string[];

  constructor(
    { application }: Pick<Plan, "application">,
    { leaving, arriving, passing }: Pick<Timeline, "leaving" | "arriving" | "passing">,
    private readonly grid: BinGrid,
  ) {
    this.#arriving = arriving;
    // Of two sides the old one has what the new one has not.
    this.#others =
      passing.length === 0 && arriving !== null ? [] : [...(leaving === null ? [] : [leaving]), ...passing];
    const told = arriving === null ? this.#others : [arriving, ...this.#others];
    this.#byCluster = new Map(told.map((cluster) => [cluster, new Sums()]));
    this.#newVersions = new Set([application.versionAfter, application.versionThird]);
  }

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
    const version = this.#byNewVersion.column(layout);
    const shareOf = (counts: readonly number[]): Column =>
      all.map((of, index) => (of === 0 ? null : rounded((counts[index] ?? 0) / of, DIGITS)));
    const ofNewVersion = shareOf(version);
    const ofOthers = this.#others.map((cluster) => ({ cluster, ...this.#shareOf(cluster, all, shareOf, layout) }));
    if (this.#arriving === null) {
      const none: Column = all.map(() => null);
      return { n, ofNewCluster: none, low: none, high: none, ofOthers, ofNewVersion };
    }
    const { share: ofNewCluster, low, high } = this.#shareOf(this.#arriving, all, shareOf, layout);
    return { n, ofNewCluster, low, high, ofOthers, ofNewVersion };
  }

  #shareOf(
    cluster: string,
    all: readonly number[],
    shareOf: (counts: readonly number[]) => Column,
    layout: Layout,
  ): Omit<ShareOf, "cluster"> {
    const counts = this.#byCluster.get(cluster)?.column(layout) ?? all.map(() => 0);
    const intervals = all.map((of, index) => clopperPearson(counts[index] ?? 0, of));
    const endOf = (end: "low" | "high"): Column =>
      intervals.map((interval) => (interval === null ? null : rounded(interval[end], DIGITS)));
    return { share: shareOf(counts), low: endOf("low"), high: endOf("high") };
  }

  #count(ms: number, cluster: string, version: string, count: number): void {
    const slot = this.grid.slotOf(ms);
    this.#n.add(slot, count);
    this.#byCluster.get(cluster)?.add(slot, count);
    if (this.#newVersions.has(version)) this.#byNewVersion.add(slot, count);
  }
}
