import { counted, number } from "../history/words.ts";
import type { RunResult } from "../judge/run-result.ts";

type Load = RunResult["load"];

/** A figure of a report: what it is, and how it reads. */
export type LabelledRow = readonly [label: string, text: string];

/** What clients saw, in counts and rates. */
export function loadRows(load: Load): LabelledRow[] {
  const bound =
    load.failureUpperBound === null
      ? ""
      : ` (with 95 % confidence fewer than 1 in ${number(Math.floor(1 / load.failureUpperBound))})`;
  const planned = load.plannedRate === null ? "as fast as answers came" : `planned ${number(load.plannedRate)}`;
  const rate =
    load.meanRate === null ? "unknown" : `${number(load.meanRate)} answers/s on average, the change included`;
  return [
    ["requests", `${number(load.requests)}, ${number(load.interrupted)} of them still in flight at the stop`],
    ["failed", `${number(load.failed)}${bound}`],
    ["hanging", number(load.hanging)],
    ["rate", `${rate}; ${planned}`],
    ["dropped", counted(load.dropped, "iteration")],
  ];
}

/** What the machine had to give meanwhile; nothing where it could not be asked. What others took explains slow answers and late starts, and is nobody's fault here. */
export function machineRows({ cpus, cpuUse }: RunResult["environment"]): LabelledRow[] {
  if (cpuUse === undefined) return [];
  const { busyPercent, stolenPercent, worst } = cpuUse;
  const most =
    worst.stolenPercent === 0
      ? ""
      : `, at most ${percent(worst.stolenPercent)} in ${worst.seconds.toFixed(1)} s, until ${worst.at.slice(11, 19)} UTC`;
  const of = cpus === null ? "CPUs" : counted(cpus, "CPU");
  return [["machine", `${of}, ${percent(busyPercent)} busy; ${percent(stolenPercent)} taken by the hypervisor${most}`]];
}

function percent(value: number): string {
  return `${value.toFixed(1)} %`;
}

/** Who answered: requests per RayCluster and per version. */
export function shareRows(load: Load): LabelledRow[] {
  return [
    ["answered by", `${sharesText(load.perCluster)}${load.attributed === true ? "; told by their versions" : ""}`],
    ["versions", sharesText(load.perVersion)],
  ];
}

export const LATENCY_COLUMNS: readonly string[] = ["p50", "p95", "p99", "max"];

/** Latency in ms of each phase, a cell for each of LATENCY_COLUMNS; null when nothing was answered in it. */
export function latencyRows(latency: Load["latency"]): (readonly [phase: string, cells: readonly string[] | null])[] {
  const cells = (figures: Load["latency"]["before"]): string[] | null =>
    figures === null
      ? null
      : [figures.p50, figures.p95, figures.p99, figures.max].map((ms) => number(Math.round(ms * 10) / 10));
  return [
    ["before", cells(latency.before)],
    ["during", cells(latency.during)],
    ["after", cells(latency.after)],
  ];
}

/** The columns of clientRows but for the first, which names the kind. */
export const CLIENT_COLUMNS: readonly string[] = ["requests", "failed", "hanging", "before", "during", "after"];

/**
 * What each kind of client came to, a cell for each of CLIENT_COLUMNS: counts, and p50/p95/p99 in ms of each phase. Empty when there is
 * only one kind, of which the other rows say it all.
 */
export function clientRows({ clients }: Load): (readonly [client: string, cells: readonly string[]])[] {
  const kinds = Object.entries(clients);
  if (kinds.length < 2) return [];
  return kinds.map(([client, { requests, failed, hanging, latency }]) => [
    client,
    [number(requests), number(failed), number(hanging), ...PHASES.map((phase) => percentilesText(latency[phase]))],
  ]);
}

/** The columns of firstTokenRows but for the first, which names the kind. */
export const FIRST_TOKEN_COLUMNS: readonly string[] = ["before", "during", "after"];

/**
 * Time to the first token of each kind of client whose answers are streams of tokens, a cell for each of FIRST_TOKEN_COLUMNS: p50/p95/p99 in
 * ms. Empty when there is none.
 */
export function firstTokenRows({ clients }: Load): (readonly [client: string, cells: readonly string[]])[] {
  return Object.entries(clients).flatMap(([client, { firstToken }]) =>
    firstToken === undefined ? [] : [[client, PHASES.map((phase) => percentilesText(firstToken[phase]))] as const],
  );
}

const PHASES = ["before", "during", "after"] as const;

function percentilesText(figures: Load["latency"]["before"]): string {
  if (figures === null) return "–";
  // Three in one cell: a tenth of a millisecond only where it means something.
  return [figures.p50, figures.p95, figures.p99].map((ms) => (ms < 100 ? ms.toFixed(1) : ms.toFixed(0))).join("/");
}

function sharesText(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${name === "" ? "not told" : name} ${number(count)}`);
  return parts.length === 0 ? "nobody" : parts.join(", ");
}
