import { median } from "simple-statistics";
import { outcomesOf } from "../history/failures.ts";
import { Histogram } from "../history/histogram.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { addToHalves, stabilityOf, type Halves } from "../history/stable-latency.ts";
import type { PlannedClient } from "../plan/plan.ts";

/** Least share of the planned rate that a steady second of the open model reaches. */
const LEAST_SHARE = 0.99;
/**
 * How far a steady second of the closed model may lie from the median of the streak before it. Its rate is whatever the
 * target gives: wide enough for a busy machine's scatter, narrow enough that a target that still warms up (a rate that
 * doubles within the window) or a stall breaks the streak.
 */
const CLOSED_TOLERANCE = 0.25;

const SECOND_MS = 1_000;
/** Seconds that are read at most when a heartbeat settles them. One that settles more tells of a clock that was set, not of a load. */
const MOST_AT_ONCE = 3_600;

/** What steadiness needs to know of a kind of client. */
export type SteadyClient = Pick<PlannedClient, "client" | "rate" | "requestsPerIteration" | "holdsMs">;

export interface SteadyOptions {
  /** The kinds that the load is made of. One without a planned rate (closed model) must have a stable one instead. */
  readonly clients: readonly SteadyClient[];
  /** Good readings in a row that make the load steady, once latencies are stable over them. */
  readonly consecutive: number;
}

/** One whole second of the load, judged when everything that started in it has its outcome. */
export interface Reading {
  /** Its start, Unix ms of the k6 pod's clock. */
  readonly secondMs: number;
  /** Requests that started in it and have an outcome. */
  readonly requests: number;
  readonly failed: number;
  /** No failure, no iteration that could not be started, and of each kind of client the planned rate (open) or a stable one (closed). */
  readonly steady: boolean;
  /** Good readings in a row, this one included, as far as they are needed; 0 when it is not steady. */
  readonly streak: number;
}

type Answered = Extract<LedgerLine, { type: "answered" }>;
type Heartbeat = Extract<LedgerLine, { type: "heartbeat" }>;

/** What started in a second. */
interface Second {
  readonly requests: number;
  readonly failed: number;
  readonly byClient: ReadonlyMap<string, number>;
  /** Answers of the kinds that hold none by design. */
  readonly quick: readonly Answered[];
}
/** From one heartbeat to the next one, which told of more dropped iterations; Unix ms of the k6 pod's clock. */
interface Drops {
  readonly fromMs: number;
  readonly toMs: number;
}

const NOTHING: Second = { requests: 0, failed: 0, byClient: new Map(), quick: [] };

/** The fold's state. Treat as a value: `step` returns the next one. */
export interface SteadyState {
  readonly options: SteadyOptions;
  /** Counts of the seconds not judged yet, by their start. */
  readonly seconds: ReadonlyMap<number, Second>;
  /** Start of the next second to be judged; null before the first request. */
  readonly nextMs: number | null;
  /** The readings of the streak, oldest first, the last `options.consecutive` of them. */
  readonly streak: readonly Second[];
  /** The newest heartbeat; null before the first one. */
  readonly beat: Pick<Heartbeat, "atMs" | "dropped"> | null;
  /** When iterations were dropped, as far as the seconds there are not judged yet. */
  readonly drops: readonly Drops[];
  /** `options.consecutive` good readings in a row with stable latencies have been seen, the last of them the newest reading. */
  readonly isSteady: boolean;
}

export function beginSteady(options: SteadyOptions): SteadyState {
  return { options, seconds: new Map(), nextMs: null, streak: [], beat: null, drops: [], isSteady: false };
}

/**
 * Takes the ledger's next line, and returns the readings that it settled. The first second, in which the load began, is
 * left out: it is not whole. A second without a single request is a reading like any other, and not a steady one. A
 * failure in a second that was judged before (the ledger's clock margin makes that all but impossible) resets the streak.
 */
export function stepSteady(state: SteadyState, line: LedgerLine): { state: SteadyState; readings: Reading[] } {
  if (line.type === "heartbeat") return settled(withDrops(state, line), line.settledMs);
  return { state: counted(state, line), readings: [] };
}

/** Iterations are dropped at once, so that a heartbeat tells of all before the second that it settles. */
function withDrops(state: SteadyState, { atMs, dropped }: Heartbeat): SteadyState {
  const { beat, nextMs } = state;
  const ahead = state.drops.filter(({ toMs }) => nextMs === null || toMs >= nextMs);
  const drops = dropped > (beat?.dropped ?? 0) ? [...ahead, { fromMs: beat?.atMs ?? -Infinity, toMs: atMs }] : ahead;
  return { ...state, drops, beat: { atMs, dropped } };
}

function counted(state: SteadyState, line: Exclude<LedgerLine, Heartbeat>): SteadyState {
  const outcomes = outcomesOf(line);
  if (outcomes === null) return state;
  const { startMs, client, count, failed } = outcomes;
  const secondMs = Math.floor(startMs / SECOND_MS) * SECOND_MS;
  if (state.nextMs !== null && secondMs < state.nextMs) {
    return failed === 0 ? state : { ...state, streak: [], isSteady: false };
  }
  const seconds = new Map(state.seconds);
  const before = seconds.get(secondMs) ?? NOTHING;
  const byClient = new Map(before.byClient).set(client, (before.byClient.get(client) ?? 0) + count);
  const quick = line.type === "answered" && isQuick(client, state.options) ? [...before.quick, line] : before.quick;
  seconds.set(secondMs, { requests: before.requests + count, failed: before.failed + failed, byClient, quick });
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
  const earliestMs = Math.floor(settledMs / SECOND_MS - MOST_AT_ONCE) * SECOND_MS;
  if (state.nextMs !== null && state.nextMs < earliestMs) {
    // What lies further back is not known second by second, so that no streak leads over it.
    const seconds = new Map([...state.seconds].filter(([secondMs]) => secondMs >= earliestMs));
    state = { ...state, seconds, nextMs: earliestMs, streak: [], isSteady: false };
  }
  const readings: Reading[] = [];
  for (;;) {
    const secondMs = state.nextMs;
    if (secondMs === null || secondMs + SECOND_MS > settledMs) return { state, readings };
    const seconds = new Map(state.seconds);
    const second = seconds.get(secondMs) ?? NOTHING;
    seconds.delete(secondMs);
    const { requests, failed } = second;
    const { clients, consecutive } = state.options;
    const window = [...state.streak, second];
    const nextMs = secondMs + SECOND_MS;
    const whole = failed === 0 && !state.drops.some(({ fromMs, toMs }) => fromMs < nextMs && toMs >= secondMs);
    const steady = whole && requests > 0 && clients.every((client) => isOnRate(client, window, clients.length));
    const streak = steady ? window.slice(-consecutive) : [];
    const isSteady = streak.length === consecutive && isStable(streak, nextMs);
    state = { ...state, seconds, nextMs, streak, isSteady };
    readings.push({ secondMs, requests, failed, steady, streak: streak.length });
  }
}

/** What is no kind of the load is judged with the quick ones. */
function isQuick(client: string, { clients }: SteadyOptions): boolean {
  return !clients.some((kind) => kind.client === client && kind.holdsMs > 0);
}

/** Whether latencies are stable over a streak that ends at `endMs`: a load that is on its rate may still be getting faster. */
function isStable(streak: readonly Second[], endMs: number): boolean {
  const halves: Halves = [new Histogram(), new Histogram()];
  const windowMs = streak.length * SECOND_MS;
  for (const row of streak.flatMap(({ quick }) => quick))
    addToHalves(halves, row, { fromMs: endMs - windowMs, windowMs });
  return stabilityOf(halves).stable;
}

/** Whether the last second of a streak keeps a kind's rate. */
function isOnRate(
  { client, rate, requestsPerIteration }: SteadyClient,
  window: readonly Second[],
  kinds: number,
): boolean {
  // With one kind, whoever asked belongs to it.
  const counts = window.map(({ requests, byClient }) => (kinds === 1 ? requests : (byClient.get(client) ?? 0)));
  const now = counts.at(-1) ?? 0;
  if (rate === null) {
    const streak = counts.slice(0, -1);
    if (now === 0 || streak.length === 0) return now > 0;
    const middle = median(streak);
    return Math.abs(now - middle) <= CLOSED_TOLERANCE * middle;
  }
  // What is due at the edge of two seconds, a whole burst too, may fall into either.
  const enough = (requests: number, seconds: number): boolean =>
    requests + requestsPerIteration >= LEAST_SHARE * rate * seconds;
  // A kind that is not due each second, or all of it at the edge of two, is missed in the streak.
  const sum = counts.reduce((total, count) => total + count, 0);
  return (rate < 1 || enough(now, 1)) && enough(sum, counts.length);
}
