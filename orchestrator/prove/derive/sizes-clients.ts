import { BIN_MS } from "../../history/bins.ts";
import { CLOCK_BOUND_MS } from "../../history/recorded-clocks.ts";
import { CONVERGENCE_MS } from "../../checks/evidence.ts";
import { number } from "../../history/words.ts";
import { factsOf, routeAt } from "./course.ts";
import { NO_ANSWER, NO_NAME } from "./failures.ts";
import { altered, changedAtMs, failing, failingFor } from "./hurt.ts";
import { answersLate, latencyTimes, HELD } from "./late.ts";
import { beyondTheSlowest, everyOne, oneByChance, untilOneBegins } from "./possible.ts";
import type { Recorded } from "./recorded.ts";
import { needed, ruleOf, type Sized } from "./size.ts";

/** So many requests that are hurt, each in the same way. */
const REQUESTS = { unit: "request", none: 0, step: 1, possible: () => everyOne() } as const;
const timesOf: Sized["own"] = (proof) => needed(ruleOf(proof).on.times);
const forMsOf: Sized["own"] = (proof) => needed(ruleOf(proof).on.forMs);
const isStream = ({ client }: { readonly client: string }): boolean => client === "stream";
const isKept = ({ connection }: { readonly connection: string }): boolean => connection === "reused";
const isNewOne = ({ connection }: { readonly connection: string }): boolean => connection === "new";
const RESET = { ...NO_ANSWER, message: "connection reset by peer" };

/** Sabotages that hurt clients, by the proofs' names. */
export const CLIENTS: Readonly<Record<string, Sized>> = {
  "one-wrong-answer-in-10000": {
    ...REQUESTS,
    of: "with a wrong answer",
    // Of each 10,000th in a run of some 25,000.
    own: (proof) => ruleOf(proof).on.times ?? 2,
    derive: (recorded, times) => failing(recorded, { fromS: 0, every: 1000, times }, NO_NAME),
    possible: oneByChance,
  },
  "one-reset-in-50000": {
    ...REQUESTS,
    of: "with its connection reset",
    // Of each 50,000th in a run of some 62,000.
    own: () => 1,
    derive: (recorded, times) => failing(recorded, { fromS: 40, every: 1000, times }, RESET),
    possible: oneByChance,
  },
  "status-503-for-200-ms": {
    unit: "ms",
    of: "of answers with status 503",
    none: 0,
    step: 1,
    by: ["zero-failures", "disruption-windows"],
    own: forMsOf,
    derive: (recorded, ms) => failingFor(recorded, ms, { fromS: 46 }, { status: 503, errorCode: 1503 }),
    possible: (recorded) => untilOneBegins(recorded, { who: "a request" }),
  },
  "stream-truncated": {
    ...REQUESTS,
    of: "with its stream cut",
    own: timesOf,
    derive: (recorded, times) =>
      failing(
        recorded,
        { fromS: 1, times, is: isStream },
        { ...NO_ANSWER, message: "unexpected EOF", durationMs: 3000 },
      ),
  },
  "stream-ends-early": {
    ...REQUESTS,
    of: "with its stream too short",
    own: timesOf,
    derive: (recorded, times) =>
      failing(recorded, { fromS: 1, times, is: isStream }, { message: "the stream is not whole" }),
  },
  "wrong-body-with-status-200": {
    ...REQUESTS,
    of: "with another body",
    own: timesOf,
    derive: (recorded, times) => failing(recorded, { fromS: 46, times }, NO_NAME),
  },
  "latency-times-10": {
    unit: "times",
    of: "the latency, for 3.1 s",
    none: 1,
    step: 0.1,
    // One that is only late has not failed.
    by: ["disruption-windows"],
    own: (proof) => {
      const { did } = ruleOf(proof);
      return needed(did.kind === "delay" ? did.factor : undefined);
    },
    derive: latencyTimes,
    possible: (recorded) => {
      const { ms, of } = beyondTheSlowest(recorded, (client) => client === HELD.client);
      const times = ms / HELD.ms;
      return {
        size: Math.max(1, times),
        because: `of ${number(of)} answers that are held for ${number(HELD.ms / 1000)} s one came after ${times.toFixed(2)} times that by itself; by definition one that is 3 s late is a disruption`,
      };
    },
  },
  "answers-2-s-late": {
    unit: "ms",
    of: "without an answer",
    none: 0,
    step: BIN_MS,
    own: (proof) => {
      const { did } = ruleOf(proof);
      return needed(did.kind === "delay" ? did.plusMs : undefined);
    },
    derive: answersLate,
    possible: (recorded) => {
      const { ms, of } = beyondTheSlowest(recorded, (client) => client !== HELD.client && client !== "stream");
      return {
        size: ms,
        because: `the slowest of ${number(of)} answers before the change took as long by itself; by definition a second without an answer is a disruption`,
      };
    },
  },
  "new-connections-refused": {
    unit: "ms",
    of: "of refused connections",
    none: 0,
    step: 1,
    own: forMsOf,
    derive: (recorded, ms) =>
      failingFor(recorded, ms, { fromS: 46, is: isNewOne }, { ...NO_ANSWER, message: "connection refused" }),
    possible: (recorded) => untilOneBegins(recorded, { is: isNewOne, who: "a new connection" }),
  },
  "kept-connections-reset": {
    ...REQUESTS,
    of: "with its kept connection reset",
    own: timesOf,
    derive: (recorded, times) => failing(recorded, { fromS: 1, every: 100, times, is: isKept }, RESET),
  },
  "one-replica-fails": {
    unit: "ms",
    of: "of half of the answers with status 500",
    none: 0,
    step: 1,
    by: ["zero-failures", "disruption-windows"],
    own: ({ sabotage }) => needed(sabotage.kind === "proxy" ? sabotage.forSeconds : undefined) * 1000,
    derive: (recorded, ms) => failingFor(recorded, ms, { fromS: 46, every: 2 }, { status: 500, errorCode: 1500 }),
    possible: (recorded) => untilOneBegins(recorded, { share: 0.5, who: "a request that it gets" }),
  },
  "one-request-hangs": {
    ...REQUESTS,
    of: "that hangs",
    own: timesOf,
    derive: (recorded, times) =>
      failing(recorded, { fromS: 1, times }, { ...NO_ANSWER, outcome: "hanging", durationMs: 15_000 }),
  },
  "old-version-after-cutover": {
    unit: "ms",
    of: "after the old side's last weight, of one answer",
    none: 0,
    step: BIN_MS,
    // It begins after the promotion, which comes later than that.
    own: () => 2000,
    derive: answeredLate,
    possible: () => ({
      size: CONVERGENCE_MS + CLOCK_BOUND_MS,
      because: `the gateway may take ${number(CONVERGENCE_MS)} ms to apply a weight, and clocks may differ by ${number(CLOCK_BOUND_MS)} ms; a row's start is known by ${number(BIN_MS)} ms, which may hide as much more`,
    }),
  },
  "version-label-lies": {
    ...REQUESTS,
    of: "with the other side's version",
    own: timesOf,
    derive: (recorded, times) => {
      const { sides } = factsOf(recorded);
      const is = ({ cluster }: { cluster: string }): boolean => cluster === sides.new.cluster;
      return altered(recorded, { fromS: 44, every: 20, times, is }, (line) => [
        { ...line, version: sides.old.version },
      ]);
    },
  },
};

/** One answer of the old side that was begun at least so many ms after its last weight was gone. */
function answeredLate(recorded: Recorded, ms: number): Recorded {
  const { sides } = factsOf(recorded);
  const fromS = (routeAt(recorded, sides.old.cluster, 0).wallMs + ms - changedAtMs(recorded)) / 1000;
  const is = ({ cluster }: { cluster: string }): boolean => cluster === sides.new.cluster;
  return altered(recorded, { fromS, times: 1, is }, (line) => [{ ...line, ...sides.old }]);
}
