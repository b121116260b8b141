import { number, seconds } from "../../history/words.ts";
import { oneLine } from "../plain-text.ts";
import type { LiveSide, LiveState } from "./live-state.ts";
import { nextWords } from "./next-step.ts";
import {
  elapsedWords,
  faultWords,
  p99Words,
  phaseWords,
  rateWords,
  shareWords,
  silenceMs,
  versionWords,
} from "./phase-words.ts";

/** The run as one line, for where nothing can be redrawn. `nowMs` is of the runner's monotonic clock. */
export function plainLine(state: LiveState, nowMs: number): string {
  const [elapsed] = elapsedWords(state, nowMs);
  return [
    elapsed === undefined ? phaseWords(state) : `${phaseWords(state)}, ${elapsed}`,
    ...faultWords(state, nowMs),
    ...loadWords(state, nowMs),
    ...state.sides.map(sideWords),
    nextWords(state.next, nowMs),
  ].join("; ");
}

function loadWords(state: LiveState, nowMs: number): string[] {
  const { load } = state;
  if (load === null) return [];
  const silent = silenceMs(state, nowMs);
  const { failed, failedLately, lastFailure } = load;
  const lately = failed === 0 ? "" : ` (${number(failedLately)} in the last 10 s, last: ${oneLine(lastFailure)})`;
  return [
    [
      ...(silent === null ? [] : [`no news for ${seconds(silent)}`]),
      rateWords(load),
      `${number(failed)} failed${lately}`,
      `${number(load.dropped)} dropped`,
      ...(load.p99 === null && load.firstTokenP99 === null ? [] : p99Words(load)),
      `${number(load.inFlight)} in flight`,
    ].join(", "),
  ];
}

/** `old app-abcde v1 capacity 100 % traffic 75 % share 74.9 %`. */
function sideWords(side: LiveSide): string {
  const { role, cluster, targetCapacity, trafficRoutedPercent, share } = side;
  const versions = versionWords(side);
  return [
    `${role} ${oneLine(cluster)}`,
    ...(versions === "" ? [] : [versions]),
    ...(targetCapacity === null ? [] : [`capacity ${String(targetCapacity)} %`]),
    ...(trafficRoutedPercent === null ? [] : [`traffic ${String(trafficRoutedPercent)} %`]),
    ...(share === null ? [] : [`share ${shareWords(share)}`]),
  ].join(" ");
}
