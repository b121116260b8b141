import { CLOCK_BOUND_MS } from "../../history/recorded-clocks.ts";
import { timelineOf } from "../../history/timeline-fold.ts";
import { number } from "../../history/words.ts";
import type { WatchedKind } from "../../history/observation.ts";
import { shiftedLine } from "../spoil/ledger.ts";
import { cutOff, endedEarly } from "./cut.ts";
import { deafFor } from "./deaf.ts";
import { changedAtMs } from "./hurt.ts";
import { requestsToTell } from "./possible.ts";
import type { Recorded } from "./recorded.ts";
import { needed, type Sized, type Unsized } from "./size.ts";
import { thinnedTo } from "./thin.ts";

/** Ways to spoil the evidence, by the proofs' names. */
export const EVIDENCE: Readonly<Record<string, Sized | Unsized>> = {
  "k6-starved": { why: "only a real run shows what a starved k6 does" },
  "answers-without-version": { why: "the runner begins no change before its load is steady, whatever the judge says" },
  "application-fails-from-the-start": {
    why: "the runner begins no change before its load is steady, whatever the judge says",
  },
  "ledger-rows-lost": {
    unit: "row",
    of: "of the ledger lost",
    none: 0,
    step: 1,
    own: ({ sabotage }) =>
      Math.floor(LINES / needed(sabotage.kind === "ledger-rows-lost" ? sabotage.every : undefined)),
    derive: rowsLost,
    possible: () => ({ size: 1, because: "rows are numbered" }),
  },
  "load-stopped-early": {
    unit: "ms",
    of: "less than the grace period",
    none: 0,
    step: 100,
    own: () => 10_000,
    derive: stoppedEarly,
    possible: () => ({
      size: 100,
      because: "both ends are told by a watch, within 100 ms as a rule; 500 ms are allowed for where they are not",
    }),
  },
  "runner-killed": {
    unit: "line",
    of: "of the history missing up to its end",
    none: 0,
    step: 1,
    by: ["recording-complete"],
    own: () => 50,
    derive: killed,
    possible: () => ({ size: 1, because: "the last line says that the record is whole" }),
  },
  "stamps-3-s-late": stamps(1, "late"),
  "stamps-3-s-early": stamps(-1, "early"),
  "watch-gap-over-transition": gap("RayService"),
  "route-watch-gap": gap("HTTPRoute"),
  "too-few-requests": {
    unit: "requests/s",
    of: "by which a weight cannot be told from the one before",
    none: 200,
    step: 1,
    own: ({ rate }) => needed(rate),
    derive: thinnedTo,
    possible: (recorded) => {
      const { inTurn, byChance } = requestsToTell(STEP, { threads: THREADS, alpha: ALPHA });
      const { routeChanges, trigger } = timelineOf(recorded.plan, recorded.history);
      const moves = routeChanges.filter(({ monoMs }) => monoMs > (trigger?.monoMs ?? Infinity));
      const times = moves.slice(1).map(({ monoMs }, index) => monoMs - (moves[index]?.monoMs ?? 0));
      const longestS = Math.max(...times.filter((ms) => ms < 10_000)) / 1000;
      return {
        size: inTurn / longestS,
        because: `telling a weight from the one before takes ${number(inTurn)} requests of a gateway that takes its backends in turn (${number(byChance)} of one that draws), and the longest step had ${longestS.toFixed(1)} s`,
      };
    },
  },
};

/** The ledger of an aggressive upgrade has at least so many. */
const LINES = 5000;

/** Of the traffic from one step to the next. */
const STEP = 0.25;
/** Of Envoy, on two CPUs. */
const THREADS = 2;
/** Of four steps together 0.1 %. */
const ALPHA = 0.001 / 4;

function stamps(sign: 1 | -1, word: string): Sized {
  return {
    unit: "ms",
    of: `by which the ledger's stamps are ${word}`,
    none: 0,
    step: 1,
    own: ({ sabotage }) => Math.abs(needed(sabotage.kind === "ledger-shifted" ? sabotage.seconds : undefined)) * 1000,
    derive: (recorded, ms) => ({
      ...recorded,
      ledger: recorded.ledger.map((line) => shiftedLine(line, sign * ms)),
    }),
    possible: (recorded) => {
      const { stopLoad, loadEnded } = timelineOf(recorded.plan, recorded.history);
      const end = recorded.ledger.find((line) => line.type === "end");
      const [stopMs, endedMs] = [stopLoad?.wallMs ?? NaN, loadEnded?.wallMs ?? NaN];
      const ownMs = end?.atMs ?? NaN;
      const freeMs = sign > 0 ? endedMs - ownMs : ownMs - stopMs;
      return {
        size: freeMs,
        because: `the load ended within the ${number(Math.round(endedMs - stopMs))} ms from its stop to when it was seen to have ended, and could have ended ${number(Math.round(freeMs))} ms ${sign > 0 ? "later" : "earlier"}; ${number(CLOCK_BOUND_MS)} ms more are allowed for the clocks`,
      };
    },
  };
}

function gap(kind: WatchedKind): Sized {
  return {
    unit: "ms",
    of: `without the watch of the ${kind}`,
    none: 0,
    step: 1,
    own: ({ sabotage }) => needed(sabotage.kind === "watch-deaf" ? sabotage.seconds : undefined) * 1000,
    derive: (recorded, ms) => deafFor(recorded, kind, ms),
    possible: () => ({ size: 1, because: "a watch that begins anew is on record, however short it was deaf" }),
  };
}

/** So many rows of the ledger did not reach the recording, one of each hundred from the middle on. */
function rowsLost(recorded: Recorded, rows: number): Recorded {
  const middle = Math.floor(recorded.ledger.length / 2);
  const lost = new Set(Array.from({ length: rows }, (_, index) => middle + 100 * (index - Math.floor(rows / 2))));
  return { ...recorded, ledger: recorded.ledger.filter((_line, index) => !lost.has(index)) };
}

/** The load ended so many ms before its grace period was over. */
function stoppedEarly(recorded: Recorded, ms: number): Recorded {
  const { drained } = timelineOf(recorded.plan, recorded.history);
  if (drained === null) throw new Error("The recording must be whole.");
  const dueMs = drained.wallMs + recorded.plan.load.graceMs - STOP_TO_END_MS;
  return endedEarly(recorded, (dueMs - ms - changedAtMs(recorded)) / 1000);
}

/** `endedEarly` says so much after the last request that the load was told to stop. */
const STOP_TO_END_MS = 300;

/** The history without its last lines, and the ledger without what came after them; k6's summary too, where the load was not over. */
function killed(recorded: Recorded, lines: number): Recorded {
  // The load's removal is on record after its end.
  const end = recorded.history.findLastIndex((line) => line.type === "action" && line.action === "record-end");
  const first = recorded.history[end + 1 - lines];
  if (first === undefined) throw new Error("The recording must be longer.");
  // Half a millisecond: wall times have whole ones.
  const cut = cutOff(recorded, (first.wallMs - 0.5 - changedAtMs(recorded)) / 1000);
  const isOver = cut.history.some((line) => line.type === "action" && line.action === "load-ended");
  return { ...cut, summary: isOver ? recorded.summary : undefined };
}
