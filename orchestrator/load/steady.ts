import { median } from "simple-statistics";
import type { LedgerLine } from "../history/ledger.ts";

/** Least share of the planned rate that a steady second of the open model reaches. */
const LEAST_SHARE = 0.99;
/**
 * How far a steady second of the closed model may lie from the median of the streak before it. Its rate is whatever the
 * target gives: wide enough for a busy machine's scatter, narrow enough that a target that still warms up (a rate that
 * doubles within the window) or a stall breaks the streak.
 */
const CLOSED_TOLERANCE = 0.25;

const SECOND_MS = 1_000;

export interface SteadyOptions {
  /** Planned requests per second; null for the closed model, whose rate must be stable instead. */
  readonly rate: number | null;
  /** Good readings in a row that make the load steady. */
  readonly consecutive: number;
}

/** One whole second of the load, judged when everything that started in it has its outcome. */
export interface Reading {
  /** Its start, Unix ms of the k6 pod's clock. */
  readonly secondMs: number;
  /** Requests that started in it and have an outcome. */
  readonly requests: number;
  readonly failed: number;
  /** No failure, and the planned rate (open) or a stable one (closed). */
  readonly steady: boolean;
  /** Good readings in a row, this one included; 0 when it is not steady. */
  readonly streak: number;
}

/** The fold's state. Treat as a value: `step` returns the next one. */
export interface SteadyState {
  readonly options: SteadyOptions;
  /** Counts of the seconds not judged yet, by their start. */
  readonly seconds: ReadonlyMap<number, { readonly requests: number; readonly failed: number }>;
  /** Start of the next second to be judged; null before the first request. */
  readonly nextMs: number | null;
  /** Requests of the readings of the streak, oldest first. */
  readonly streak: readonly number[];
  /** `options.consecutive` good readings in a row have been seen, the last of them the newest reading. */
  readonly isSteady: boolean;
}

export function beginSteady(options: SteadyOptions): SteadyState {
  return { options, seconds: new Map(), nextMs: null, streak: [], isSteady: false };
}

/**
 * Takes the ledger's next line, and returns the readings that it settled. The first second, in which the load began, is
 * left out: it is not whole. A second without a single request is a reading like any other, and not a steady one. A
 * failure in a second that was judged before (the ledger's clock margin makes that all but impossible) resets the streak.
 */
export function stepSteady(state: SteadyState, line: LedgerLine): { state: SteadyState; readings: Reading[] } {
  switch (line.type) {
    case "answered":
      return { state: counted(state, line.binMs, line.count, 0), readings: [] };
    case "failed":
      return { state: counted(state, line.startMs, 1, 1), readings: [] };
    case "heartbeat":
      return settled(state, line.settledMs);
    case "end":
      return { state, readings: [] };
  }
}

function counted(state: SteadyState, startMs: number, requests: number, failed: number): SteadyState {
  const secondMs = Math.floor(startMs / SECOND_MS) * SECOND_MS;
  if (state.nextMs !== null && secondMs < state.nextMs) {
    return failed === 0 ? state : { ...state, streak: [], isSteady: false };
  }
  const seconds = new Map(state.seconds);
  const before = seconds.get(secondMs) ?? { requests: 0, failed: 0 };
  seconds.set(secondMs, { requests: before.requests + requests, failed: before.failed + failed });
  return { ...state, seconds };
}

function settled(before: SteadyState, settledMs: number): { state: SteadyState; readings: Reading[] } {
  let state = before;
  if (state.nextMs === null) {
    const firstMs = Math.min(...state.seconds.keys());
    // Rows may yet come of requests that started before the first of these: only what is settled is known.
    if (!Number.isFinite(firstMs) || settledMs < firstMs + SECOND_MS) return { state, readings: [] };
    const seconds = new Map(state.seconds);
    seconds.delete(firstMs);
    state = { ...state, seconds, nextMs: firstMs + SECOND_MS };
  }
  const readings: Reading[] = [];
  for (;;) {
    const secondMs = state.nextMs;
    if (secondMs === null || secondMs + SECOND_MS > settledMs) return { state, readings };
    const seconds = new Map(state.seconds);
    const { requests, failed } = seconds.get(secondMs) ?? { requests: 0, failed: 0 };
    seconds.delete(secondMs);
    const steady = failed === 0 && isOnRate(requests, state);
    const streak = steady ? [...state.streak, requests] : [];
    const isSteady = streak.length >= state.options.consecutive;
    state = { ...state, seconds, nextMs: secondMs + SECOND_MS, streak, isSteady };
    readings.push({ secondMs, requests, failed, steady, streak: streak.length });
  }
}

function isOnRate(requests: number, { options, streak }: SteadyState): boolean {
  if (requests === 0) return false;
  // A request due at the edge of two seconds may fall into either.
  if (options.rate !== null) return requests + 1 >= LEAST_SHARE * options.rate;
  if (streak.length === 0) return true;
  const middle = median([...streak]);
  return Math.abs(requests - middle) <= CLOSED_TOLERANCE * middle;
}
