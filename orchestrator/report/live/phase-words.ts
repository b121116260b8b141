import { number, seconds } from "../../history/words.ts";
import { oneLine } from "../plain-text.ts";
import type { LivePhase, LiveSide, LiveState } from "./live-state.ts";

const WORDS: Readonly<Record<LivePhase, string>> = {
  preparing: "waiting for the first requests",
  "warming-up": "warming up",
  steady: "steady",
  starting: "new cluster starts",
  shifting: "traffic moves",
  "rolling-back": "rolling back",
  promoted: "promoted, old cluster ends",
  "rolled-back": "rolled back, new cluster ends",
  changing: "serve config changes",
  watching: "watched, without a change",
  disturbed: "faults, without a change",
  grace: "grace after the last pod",
  settled: "grace",
  stopping: "stopping",
  ended: "ended",
};

/** The phase, in the words of people. */
export function phaseWords({ phase, streak, streakNeeded }: LiveState): string {
  return phase === "warming-up"
    ? `${WORDS[phase]}, ${Math.min(streak, streakNeeded)} of ${streakNeeded} steady seconds`
    : WORDS[phase];
}

/** How long it has been under way: since the trigger, where there was one, and since the load's start. */
export function elapsedWords({ triggerMs, triggered, loadStartMs }: LiveState, nowMs: number): string[] {
  // Whole seconds: it is redrawn once a second, and short lines have room for it.
  const since = (fromMs: number): string => `${number(Math.floor(Math.max(0, nowMs - fromMs) / 1000))} s`;
  return [
    ...(triggerMs === null ? [] : [`${since(triggerMs)} since ${triggered}`]),
    ...(loadStartMs === null ? [] : [`load for ${since(loadStartMs)}`]),
  ];
}

/** How long a fault is told of after it began, or was undone. */
const FAULT_TOLD_MS = 15_000;

/** `fault 3 s ago: a pod of the operator deleted`; nothing once it is long over. */
export function faultWords({ fault }: LiveState, nowMs: number): string[] {
  if (fault === null) return [];
  const { text, atMs, endedMs } = fault;
  const sinceMs = Math.max(0, nowMs - (endedMs ?? atMs));
  if (sinceMs > FAULT_TOLD_MS) return [];
  const ago = `${number(Math.floor(sinceMs / 1000))} s ago`;
  return [endedMs === null ? `fault ${ago}: ${oneLine(text)}` : `fault undone ${ago}: ${oneLine(text)}`];
}

/** `200 of 200 answers/s`; without a planned rate the first number alone. */
export function rateWords({ rate, plannedRate }: NonNullable<LiveState["load"]>): string {
  const now = rate === null ? "?" : String(Math.round(rate));
  return plannedRate === null ? `${now} answers/s` : `${now} of ${String(Math.round(plannedRate))} answers/s`;
}

/** `14 ms`, `6.1 s`. */
export function latencyWords(ms: number): string {
  return ms < 1000 ? `${String(Math.round(ms))} ms` : seconds(ms);
}

/** `p99 84 ms`, with what it leaves out, nothing where it would leave out everything; and `first token p99 120 ms` where there are tokens. */
export function p99Words({ p99, firstTokenP99, quickKinds }: NonNullable<LiveState["load"]>): string[] {
  const which = quickKinds === "all" ? "" : " (quick kinds)";
  const ofAnswers = `${p99 === null ? "no answer in 5 s" : `p99 ${latencyWords(p99)}`}${which}`;
  return [
    ...(quickKinds === "none" ? [] : [ofAnswers]),
    ...(firstTokenP99 === null ? [] : [`first token p99 ${latencyWords(firstTokenP99)}`]),
  ];
}

/** `49.7 %` of a part from 0 to 1. */
export function shareWords(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** The versions that its answers came with. */
export function versionWords({ versions }: LiveSide): string {
  return oneLine(versions.join(" and "));
}

/** Heartbeats come every 200 ms: after so long without one the figures are old, which people must know. */
const SILENCE_MS = 2_000;

/** How long nothing has been heard of the load, when that is too long; else null. */
export function silenceMs({ phase, load }: LiveState, nowMs: number): number | null {
  if (load === null || phase === "ended") return null;
  const silent = nowMs - load.newsMs;
  return silent > SILENCE_MS ? silent : null;
}
