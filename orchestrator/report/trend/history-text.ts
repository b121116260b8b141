import { counted, listed, number } from "../../history/words.ts";
import { painter, type Painter } from "../paint.ts";
import { oneLine, shortened } from "../plain-text.ts";
import { SYMBOLS } from "../symbols.ts";
import { indented, wrapped } from "../wrap.ts";
import { failuresOf, valueText } from "./figures.ts";
import type { HistoryReport } from "./history-report.ts";
import { identityWords } from "./identity-words.ts";
import { outcomeWords } from "./outcome-words.ts";
import type { RecordedRun } from "./recorded-run.ts";
import { sparkline } from "./sparkline.ts";
import type { FigureTrend, GroupTrend } from "./trend.ts";

const INDENT = "  ";
/** Runs of a group that have a line each, and bars of a trend; the latest ones. */
const MOST_RUNS = 20;
const MOST_BARS = 24;
/** Columns from which on all of a run's line has room. */
const WIDE = 96;
/** Longest name of a run, in wide terminals and in others. */
const NAME_WIDTHS = { wide: 30, narrow: 20 };

interface Layout {
  readonly paint: Painter;
  readonly width: number;
}

/** A history for people at a terminal of `width` columns (at least 80): each group's runs, its trends, and what to make of the latest. */
export function historyText(
  report: HistoryReport,
  options: { readonly colour: boolean; readonly width: number },
): string {
  const layout = { paint: painter(options.colour), width: options.width };
  const { common, apart } = identityWords(report.groups);
  const blocks = [
    headLines(report, common, layout),
    ...report.groups.map((group, index) => groupLines(group, apart[index] ?? [], layout)),
    ...restLines(report, layout),
    ...legendLines(report, layout),
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function headLines({ folder, groups, notJudged }: HistoryReport, common: readonly string[], layout: Layout): string[] {
  const runs = groups.reduce((sum, group) => sum + group.runs.length, 0);
  const all = runs + notJudged.length;
  if (all === 0) return [`There is no recording in ${oneLine(folder)}.`];
  const kinds = counted(groups.length, "plan and environment", "plans and environments");
  return [
    layout.paint.strong(`${counted(all, "recording")} in ${oneLine(folder)}`) +
      (runs === 0 ? "" : `, ${number(runs)} judged, of ${kinds}`),
    ...(common.length === 0 ? [] : indented(`in all of them ${common.join("; ")}`, layout.width)),
  ];
}

function groupLines(group: GroupTrend, apart: readonly string[], layout: Layout): string[] {
  const { paint, width } = layout;
  const { identity, runs } = group;
  const name = runs.at(-1)?.plan.strategy.name ?? "";
  const title = `${identity["scenario"] ?? ""}, ${name}: ${identity["strategy"] ?? ""}; ${identity["load"] ?? ""}`;
  const judges = [...new Set(runs.map(({ result }) => result.judge.version))];
  return [
    ...wrapped(oneLine(title), width).map((line) => paint.strong(line)),
    ...(apart.length === 0 ? [] : indented(apart.join("; "), width)),
    ...runTable(runs, layout),
    ...(runs.length < 2 ? [] : figureTable(group.figures)),
    ...(judges.length < 2 ? [] : indented(`Not by one judge: their versions are ${listed(judges)}.`, width)),
    ...outcomeLines(group, layout),
  ];
}

function runTable(runs: readonly RecordedRun[], { paint, width }: Layout): string[] {
  const wide = width >= WIDE;
  const told = runs.slice(-MOST_RUNS);
  const names = told.map((run) => runName(run, wide));
  const nameWidth = Math.max("run".length, ...names.map((name) => name.length)) + 2;
  const cellWidths = [...(wide ? [10] : []), 9, 11, 9, 9, 9];
  const line = (name: string, verdict: string, cells: readonly string[]): string =>
    (
      INDENT +
      name.padEnd(nameWidth) +
      verdict +
      cells.map((cell, index) => cell.padStart(cellWidths[index] ?? 0)).join("")
    ).trimEnd();
  const requests = (text: string): string[] => (wide ? [text] : []);
  const verdictWidth = 9;
  const blank = "".padEnd(verdictWidth);
  return [
    paint.faint(line("", blank, [...requests(""), "failed or", "", "p99, ms", "p99, ms", "change"])),
    paint.faint(
      line("run", "verdict".padEnd(verdictWidth), [
        ...requests("requests"),
        ...["hanging", "answers/s", "before", "during", "s"],
      ]),
    ),
    ...(told.length < runs.length ? [`${INDENT}… ${number(runs.length - told.length)} older`] : []),
    ...told.map(({ result }, index) => {
      const { verdict, load, change } = result;
      const shownVerdict = `${SYMBOLS[verdict]} ${verdict}`.padEnd(verdictWidth);
      return line(names[index] ?? "", paint.verdict(verdict, shownVerdict), [
        ...requests(number(load.requests)),
        number(failuresOf(result)),
        valueText(load.meanRate),
        valueText(load.latency.before?.p99 ?? null),
        valueText(load.latency.during?.p99 ?? null),
        valueText(change.seconds),
      ]);
    }),
  ];
}

/**
 * The folder, as `npm run compare` wants it; with the time of a run that is named otherwise. Where there is less room, of TIME-STRATEGY the
 * time, for the strategy is the group's.
 */
function runName({ folder, plan, result }: RecordedRun, wide: boolean): string {
  const name = oneLine(folder);
  const time = /^\d{8}-\d{6}/.exec(result.runId)?.[0];
  if (folder === result.runId) {
    return wide || time === undefined ? shortened(name, NAME_WIDTHS.wide) : `${time}-…`;
  }
  if (!wide) return shortened(name, NAME_WIDTHS.narrow);
  return `${shortened(name, NAME_WIDTHS.wide - 18)} (${time ?? plan.createdAt.slice(0, 16)})`;
}

function figureTable(figures: readonly FigureTrend[]): string[] {
  const bars = Math.min(MOST_BARS, Math.max(...figures.map(({ values }) => values.length)));
  const trendWidth = Math.max("trend".length, bars) + 2;
  const line = (name: string, trend: string, cells: readonly string[]): string =>
    INDENT + name.padEnd(16) + trend.padEnd(trendWidth) + cells.map((cell) => cell.padStart(9)).join("");
  return [
    "",
    line("", "trend", ["latest", "median", "spread", "limit"]),
    ...figures.map((figure) => {
      const { name, unit, values, median, latest, mad, limit } = figure;
      const shown = values.slice(-MOST_BARS);
      const label = name === "rate" ? unit : `${name}, ${unit}`;
      return line(label, sparkline(shown, median ?? latest ?? 0), [latest, median, mad, limit].map(valueText));
    }),
  ];
}

function outcomeLines(group: GroupTrend, { paint, width }: Layout): string[] {
  const { regression, rest } = outcomeWords(group);
  return [
    ...(regression === null ? [] : indented(regression, width).map((line) => paint.verdict("fail", line))),
    ...(rest === null ? [] : indented(rest, width)),
  ];
}

function restLines({ notJudged, others }: HistoryReport, { paint, width }: Layout): string[][] {
  const unjudged = notJudged.flatMap(({ folder, why }) => indented(`${folder}: ${why}`, width));
  return [
    ...(unjudged.length === 0 ? [] : [[paint.strong("Not judged"), ...unjudged]]),
    ...(others === 0
      ? []
      : [[`${counted(others, "folder is", "folders are")} no recording${others === 1 ? "" : "s"}.`]]),
  ];
}

/** What the columns of a trend mean, once and at the end, where a reader has seen them. */
function legendLines({ groups }: HistoryReport, { paint, width }: Layout): string[][] {
  if (groups.every(({ runs }) => runs.length < 2)) return [];
  const text =
    "Trends go from the oldest run to the latest; a dot is a figure that is not known. Median and spread (median absolute deviation) are of the " +
    "earlier runs that passed or had a known defect alone. The limit is 3 x 1.4826 spreads from the median, and at least 10 % of it; " +
    "beyond it the latest run is named a regression. So it is when it failed, and when more requests failed or hung than ever before.";
  return [wrapped(text, width).map((line) => paint.faint(line))];
}
