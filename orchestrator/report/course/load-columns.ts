import { failureOf } from "../../history/failures.ts";
import { Histogram } from "../../history/histogram.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import { plannedClients, type Plan } from "../../plan/plan.ts";
import type { BinGrid, Layout } from "./bins.ts";
import { BoundedNames } from "./bounded-names.ts";
import { Sums } from "./columns.ts";
import type { Column, ConnectionUse, LoadColumns } from "./course.ts";
import { whereKnown, type Known } from "./known-bins.ts";
import { rounded } from "./numbers.ts";
import { SECOND_MS, SecondExtremes, secondOf, type LoadSeconds } from "./seconds.ts";

/** Kinds of clients and versions with columns of their own. A plan has two versions and as many kinds as there are files of clients. */
const MOST_KINDS = 20;
const MOST_VERSIONS = 10;

/** Puts what clients saw into bins, of all kinds together and of each. Memory is bounded by bins, kinds and versions. */
export class LoadBins {
  readonly #all: Tally;
  readonly #kinds = new Map<string, Tally>();
  readonly #kindNames = new BoundedNames(MOST_KINDS, "(other kinds)");
  readonly #versionNames = new BoundedNames(MOST_VERSIONS, "(other versions)");
  #seconds: LoadSeconds = { first: Infinity, last: -Infinity };

  constructor(
    private readonly plan: Plan,
    private readonly grid: BinGrid,
  ) {
    this.#all = new Tally(grid);
  }

  observe(line: LedgerLine): void {
    if (line.type === "heartbeat") {
      for (const tally of [this.#all, ...this.#kinds.values()]) tally.settle(line.settledMs);
      return;
    }
    if (line.type === "answered") {
      const { binMs, connection, count, latency } = line;
      const [slot, version] = [this.#slotOf(binMs), this.#versionNames.of(line.version)];
      const kind = this.#kindOf(line.client);
      for (const tally of [this.#all, kind]) tally.answered(binMs, slot, version, connection, count);
      kind.histogramOf(slot).addSparse(latency);
      return;
    }
    const failure = failureOf(line);
    if (failure === null) return;
    const { startMs, client, outcome, connection, count } = failure;
    const slot = this.#slotOf(startMs);
    for (const tally of [this.#all, this.#kindOf(client)]) tally.failed(slot, outcome, connection, count);
  }

  columns(layout: Layout, known: Known): { readonly load: LoadColumns; readonly kinds: Record<string, LoadColumns> } {
    const { versionBefore, versionAfter } = this.plan.application;
    const versions = inOrder(this.#all.versions(), [versionBefore, versionAfter]);
    const planned = plannedClients(this.plan).map(({ client }) => client);
    const kinds = inOrder([...this.#kinds.keys()], planned).flatMap((kind) => {
      const tally = this.#kinds.get(kind);
      return tally === undefined ? [] : [[kind, tally] as const];
    });
    const of = (tally: Tally, latencies: readonly Tally[]): LoadColumns => ({
      ...tally.counts(layout, known, versions, this.#seconds),
      latency: latencyColumns(latencies, layout),
    });
    const all = kinds.map(([, tally]) => tally);
    return {
      load: of(this.#all, all),
      kinds: kinds.length < 2 ? {} : Object.fromEntries(kinds.map(([kind, tally]) => [kind, of(tally, [tally])])),
    };
  }

  #slotOf(ms: number): number {
    const slot = this.grid.slotOf(ms);
    const second = secondOf(ms);
    if (this.grid.isBin(slot)) {
      const { first, last } = this.#seconds;
      if (second < first || second > last)
        this.#seconds = { first: Math.min(first, second), last: Math.max(last, second) };
    }
    return slot;
  }

  #kindOf(client: string): Tally {
    const kind = this.#kindNames.of(client);
    let tally = this.#kinds.get(kind);
    if (tally === undefined) this.#kinds.set(kind, (tally = new Tally(this.grid)));
    return tally;
  }
}

/** The counts of some kinds of clients, and the latencies of one. */
class Tally {
  readonly #seconds: SecondExtremes;
  readonly #answered = new Map<string, Sums>();
  readonly #outcomes = { failed: new Sums(), hanging: new Sums() };
  readonly #connections = { new: new Sums(), reused: new Sums(), unknown: new Sums() };
  readonly #histograms = new Map<number, Histogram>();

  constructor(private readonly grid: BinGrid) {
    this.#seconds = new SecondExtremes(grid);
  }

  answered(ms: number, slot: number, version: string, connection: ConnectionUse, count: number): void {
    let answered = this.#answered.get(version);
    if (answered === undefined) this.#answered.set(version, (answered = new Sums()));
    answered.add(slot, count);
    this.#connections[connection].add(slot, count);
    if (this.grid.widthMs > SECOND_MS) this.#seconds.add(ms, slot, count);
  }

  /** Every request that started before this moment (Unix ms) has come. */
  settle(ms: number): void {
    this.#seconds.settle(ms);
  }

  failed(slot: number, outcome: "failed" | "hanging", connection: ConnectionUse, count: number): void {
    this.#outcomes[outcome].add(slot, count);
    this.#connections[connection].add(slot, count);
  }

  histogramOf(slot: number): Histogram {
    let histogram = this.#histograms.get(slot);
    if (histogram === undefined) this.#histograms.set(slot, (histogram = new Histogram()));
    return histogram;
  }

  histograms(): ReadonlyMap<number, Histogram> {
    return this.#histograms;
  }

  versions(): string[] {
    return [...this.#answered.keys()];
  }

  counts(layout: Layout, known: Known, versions: readonly string[], load: LoadSeconds): Omit<LoadColumns, "latency"> {
    const answered = versions.map((version) => (this.#answered.get(version) ?? new Sums()).column(layout));
    const { widthMs, count } = layout.bins;
    const total = Array.from({ length: count }, (_, bin) =>
      answered.reduce((sum, column) => sum + (column[bin] ?? 0), 0),
    );
    const { least, most } = widthMs === SECOND_MS ? { least: total, most: total } : this.#seconds.columns(layout, load);
    const column = (sums: Sums): Column => whereKnown(sums.column(layout), known);
    return {
      answered: Object.fromEntries(
        versions.map((version, index) => [version, whereKnown(answered[index] ?? [], known)]),
      ),
      failed: column(this.#outcomes.failed),
      hanging: column(this.#outcomes.hanging),
      connections: {
        new: column(this.#connections.new),
        reused: column(this.#connections.reused),
        unknown: column(this.#connections.unknown),
      },
      perSecond: { least: whereKnown(least, known), most: whereKnown(most, known) },
    };
  }
}

/** Latencies by bin, of several tallies together. A bucket that no latency lies in, by its size, has nothing to say. */
function latencyColumns(tallies: readonly Tally[], layout: Layout): LoadColumns["latency"] {
  const merged = new Map<number, Histogram>();
  for (const tally of tallies) {
    for (const [slot, histogram] of tally.histograms()) {
      const index = layout.indexOf(slot);
      const before = merged.get(index);
      if (before === undefined) merged.set(index, copyOf(histogram));
      else before.merge(histogram);
    }
  }
  const figures = Array.from({ length: layout.bins.count }, (_, index) => merged.get(index)?.figures() ?? null);
  const column = (of: "p50" | "p95" | "p99" | "max"): (number | null)[] =>
    figures.map((each) => (each === null ? null : rounded(each[of], 2)));
  return { p50: column("p50"), p95: column("p95"), p99: column("p99"), max: column("max") };
}

/** Names in the order asked for, then the others in the order in which they came. */
function inOrder(names: readonly string[], order: readonly string[]): string[] {
  const known = order.filter((name) => names.includes(name));
  return [...new Set([...known, ...names])];
}

function copyOf(histogram: Histogram): Histogram {
  const copy = new Histogram();
  copy.merge(histogram);
  return copy;
}
