import { counted, number, seconds } from "../../history/words.ts";
import { painter, type Painter } from "../paint.ts";
import { oneLine } from "../plain-text.ts";
import { bar } from "./bar.ts";
import { joined, lineOf, type Piece } from "./cells.ts";
import type { LiveLoad, LiveSide, LiveState } from "./live-state.ts";
import { nextWords } from "./next-step.ts";
import {
  elapsedWords,
  faultWords,
  latencyWords,
  p99Words,
  phaseWords,
  rateWords,
  shareWords,
  silenceMs,
  versionWords,
} from "./phase-words.ts";

/** What the lines are drawn for. */
export interface LiveScreen {
  /** The moment, ms of the runner's monotonic clock. */
  readonly nowMs: number;
  /** Columns that a line may take. */
  readonly width: number;
  readonly colour: boolean;
}

const INDENT = "  ";
const SIDES_SHOWN = 2;
/** From so many columns on there is room for whole words beside the bars. */
const WORDS_WIDTH = 56;
const LONGEST_BAR = 24;
/** Of ` 100 %`. */
const PERCENT_WIDTH = 6;

/** The run as at most nine lines for a terminal, none wider than `width`; what others said in them cannot steer the terminal. */
export function liveLines(state: LiveState, { nowMs, width, colour }: LiveScreen): string[] {
  const paint = stylesOf(painter(colour));
  const row = (items: readonly Piece[], indent = INDENT): string => {
    const separator = { text: " · ", paint: paint.faint };
    return lineOf([{ text: indent }, ...joined(items, width - indent.length, separator)], width);
  };
  const shown = state.sides.slice(0, SIDES_SHOWN);
  const more = state.sides.length - shown.length;
  const notes = [
    ...faultWords(state, nowMs),
    ...(state.message === "" ? [] : [oneLine(state.message)]),
    ...(more > 0 ? [`and ${counted(more, "more RayCluster")}`] : []),
  ];
  return [
    row(
      [{ text: phaseWords(state), paint: paint.strong }, ...texts(...elapsedWords(state, nowMs), state.strategy)],
      "",
    ),
    row(loadPieces(state, nowMs, paint)),
    ...(state.load === null ? [] : [row(failurePieces(state.load, paint))]),
    ...shown.flatMap((side) => [row(sidePieces(side, width, paint)), ...bars(side, width, paint)]),
    row([nextPiece(state, nowMs, paint)]),
    ...(notes.length === 0 ? [] : [row(notes.map((text) => ({ text, paint: paint.faint })))]),
  ];
}

type Style = (text: string) => string;

/** How the lines paint what is good, bad, doubtful, important or beside the point. */
interface Styles {
  readonly strong: Style;
  readonly faint: Style;
  readonly good: Style;
  readonly bad: Style;
  readonly doubtful: Style;
}

function stylesOf(paint: Painter): Styles {
  return {
    strong: (text) => paint.strong(text),
    faint: (text) => paint.faint(text),
    good: (text) => paint.verdict("pass", text),
    bad: (text) => paint.verdict("fail", text),
    doubtful: (text) => paint.verdict("invalid", text),
  };
}

function texts(...all: readonly string[]): Piece[] {
  return all.map((text) => ({ text }));
}

function loadPieces(state: LiveState, nowMs: number, paint: Styles): Piece[] {
  const { load } = state;
  if (load === null) return texts("nothing heard of the load yet");
  const silent = silenceMs(state, nowMs);
  const oldest =
    load.oldestMs === null
      ? ""
      : `, oldest ${latencyWords(load.oldestMs)}${load.oldestKind === "" ? "" : ` (${oneLine(load.oldestKind)})`}`;
  return [
    ...(silent === null ? [] : [{ text: `no news for ${seconds(silent)}`, paint: paint.doubtful }]),
    { text: rateWords(load) },
    // On short lines its end may be cut, as the figure comes first.
    ...p99Words(load).map((text) => ({ text, mayBeCut: true })),
    ...texts(`${number(load.inFlight)} in flight${oldest}`, `${number(load.answered)} answered`),
  ];
}

function failurePieces({ failed, failedLately, lastFailure, dropped, lost }: LiveLoad, paint: Styles): Piece[] {
  return [
    { text: `${number(failed)} failed`, paint: failed > 0 ? paint.bad : paint.good },
    ...(failed > 0
      ? [{ text: `${number(failedLately)} in the last 10 s`, paint: failedLately > 0 ? paint.bad : paint.good }]
      : []),
    { text: `${number(dropped)} dropped`, paint: dropped > 0 ? paint.bad : undefined },
    ...(lost > 0 ? [{ text: `${counted(lost, "row")} lost`, paint: paint.doubtful }] : []),
    ...(lastFailure === "" ? [] : [{ text: `last: ${oneLine(lastFailure)}`, mayBeCut: true }]),
  ];
}

function sidePieces(side: LiveSide, width: number, paint: Styles): Piece[] {
  const { cluster, role, weight, share, readyEndpoints, pods, targetCapacity } = side;
  const versions = versionWords(side);
  return [
    { text: `${role} ${oneLine(cluster)}`, paint: role === "new" ? paint.strong : undefined },
    ...texts(
      ...(versions === "" ? [] : [versions]),
      ...(targetCapacity === null ? ["not in the status"] : []),
      ...(share === null ? [] : [`share ${shareWords(share, width < WORDS_WIDTH ? 0 : 1)}`]),
      ...(weight === null ? [] : [`weight ${number(weight)}`]),
      `${counted(readyEndpoints, "endpoint")} ready`,
      counted(pods, "pod"),
    ),
  ];
}

/** Capacity and traffic of a side as bars beside each other; nothing for one that the status does not name. */
function bars({ targetCapacity, trafficRoutedPercent }: LiveSide, width: number, paint: Styles): string[] {
  if (targetCapacity === null || trafficRoutedPercent === null) return [];
  const labels = width < WORDS_WIDTH ? ["cap ", "  traf "] : ["capacity ", "   traffic "];
  const indent = "    ";
  const fixed = indent.length + labels.join("").length + 2 * PERCENT_WIDTH;
  const cells = Math.min(LONGEST_BAR, Math.max(1, Math.floor((width - fixed) / 2)));
  const pieces = [targetCapacity, trafficRoutedPercent].flatMap((percent, index): Piece[] => {
    const { filled, empty } = bar(percent, cells);
    return [
      { text: labels[index] ?? "", paint: paint.faint },
      { text: filled },
      { text: empty, paint: paint.faint },
      { text: ` ${String(percent).padStart(3)} %` },
    ];
  });
  return [lineOf([{ text: indent }, ...pieces], width)];
}

function nextPiece({ next }: LiveState, nowMs: number, paint: Styles): Piece {
  const isLate = next.due !== null && nowMs > next.due.untilMs;
  return { text: nextWords(next, nowMs), paint: isLate ? paint.doubtful : undefined };
}
