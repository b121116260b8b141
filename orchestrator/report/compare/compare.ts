import { ownValue } from "../../history/own-value.ts";
import type { CheckResult, RunResult } from "../../judge/run-result.ts";
import { stepsOf, type CheckId, type Plan } from "../../plan/plan.ts";
import { movesOf, movesSideBySide, secondsUntilTraffic, type Move } from "./moves.ts";
import { reading, type Unit } from "./reading.ts";
import { unlikeOf, type Unlike } from "./unlike.ts";

/** One of two runs, and the folder of its recording as the reader typed it. */
export interface ComparedRun {
  readonly folder: string;
  readonly plan: Plan;
  readonly result: RunResult;
}

/** A figure of both runs; null where it is not known. */
export interface FigurePair {
  readonly name: string;
  readonly unit: Unit;
  readonly first: number | null;
  readonly second: number | null;
  /** The second in terms of the first, in words. */
  readonly reading: string;
}

/** p50, p95, p99 and max of one phase, in ms; of all clients together where `client` is null. */
export interface LatencyPair {
  readonly client: string | null;
  readonly phase: (typeof PHASES)[number];
  readonly figures: readonly FigurePair[];
}

/** Counts of one kind of client. */
export interface ClientPair {
  readonly client: string;
  readonly figures: readonly FigurePair[];
}

type Finding = Pick<CheckResult, "verdict" | "message">;
/** A check that says something else of the second run. */
export interface CheckPair {
  readonly id: CheckId;
  readonly first: Finding;
  readonly second: Finding;
}

/** Two runs side by side. All of it was measured in these two runs; nothing is said about others. */
export interface Comparison {
  readonly first: Identity;
  readonly second: Identity;
  /** Both runs were judged by it. */
  readonly judge: RunResult["judge"];
  readonly unlike: Unlike;
  readonly load: readonly FigurePair[];
  readonly latency: readonly LatencyPair[];
  readonly clients: readonly ClientPair[];
  readonly change: readonly FigurePair[];
  /** The states of both changes, where both runs were asked for the same change; null where they were not. */
  readonly moves: readonly Move[] | null;
  readonly checks: {
    readonly otherVerdict: readonly CheckPair[];
    readonly otherMessage: readonly CheckPair[];
    readonly equal: number;
  };
}

export interface Identity {
  readonly folder: string;
  readonly runId: string;
  readonly createdAt: string;
  readonly verdict: RunResult["verdict"];
  readonly sentence: string;
}

const PHASES = ["before", "during", "after"] as const;
const PERCENTILES = ["p50", "p95", "p99", "max"] as const;

/** Sets two runs side by side, that one judge has judged. */
export function compareRuns(first: ComparedRun, second: ComparedRun): Comparison {
  const [a, b] = [first.result, second.result];
  return {
    first: identityOf(first),
    second: identityOf(second),
    judge: b.judge,
    unlike: unlikeOf(first, second),
    load: loadPairs(a.load, b.load),
    latency: latencyPairs(a.load, b.load),
    clients: clientPairs(a.load, b.load),
    change: changePairs(a.change, b.change),
    moves: sameChange(first, second) ? movesSideBySide(a.change, b.change) : null,
    checks: checkPairs(a.checks, b.checks),
  };
}

function identityOf({ folder, plan, result }: ComparedRun): Identity {
  const { runId, verdict, sentence } = result;
  return { folder, runId, createdAt: plan.createdAt, verdict, sentence };
}

function pair(name: string, unit: Unit, first: number | null, second: number | null): FigurePair {
  return { name, unit, first, second, reading: reading(first, second, unit) };
}

type Load = RunResult["load"];

function loadPairs(a: Load, b: Load): FigurePair[] {
  const bound = ({ failureUpperBound }: Load): number | null =>
    failureUpperBound === null || failureUpperBound === 0 ? null : 1 / failureUpperBound;
  return [
    pair("requests", "count", a.requests, b.requests),
    pair("failed", "count", a.failed, b.failed),
    pair("hanging", "count", a.hanging, b.hanging),
    pair("failed or hanging", "count", a.failed + a.hanging, b.failed + b.hanging),
    pair("failing, 95 % bound", "bound", bound(a), bound(b)),
    pair("answers/s, mean", "per second", a.meanRate, b.meanRate),
    pair("dropped iterations", "count", a.dropped, b.dropped),
  ];
}

function latencyPairs(a: Load, b: Load): LatencyPair[] {
  const pairsOf = (client: string | null, first?: Load["latency"], second?: Load["latency"]): LatencyPair[] =>
    PHASES.map((phase) => ({
      client,
      phase,
      figures: PERCENTILES.map((name) =>
        pair(name, "ms", first?.[phase]?.[name] ?? null, second?.[phase]?.[name] ?? null),
      ),
    }));
  return [
    ...pairsOf(null, a.latency, b.latency),
    ...kindsOf(a, b).flatMap((client) => pairsOf(client, own(a, client)?.latency, own(b, client)?.latency)),
  ];
}

function clientPairs(a: Load, b: Load): ClientPair[] {
  return kindsOf(a, b).map((client) => ({
    client,
    figures: (["requests", "failed", "hanging"] as const).map((name) =>
      pair(name, "count", own(a, client)?.[name] ?? null, own(b, client)?.[name] ?? null),
    ),
  }));
}

/** Kinds of clients of either run; none where both had one and the same, of which the figures of all say it. */
function kindsOf(a: Load, b: Load): string[] {
  const kinds = [...new Set([...Object.keys(a.clients), ...Object.keys(b.clients)])];
  return kinds.length < 2 ? [] : kinds;
}

function own({ clients }: Load, client: string): Load["clients"][string] | undefined {
  return ownValue(clients, client);
}

type Change = RunResult["change"];

function changePairs(a: Change, b: Change): FigurePair[] {
  const until = (percent: number): [number | null, number | null] => [
    secondsUntilTraffic(a, percent),
    secondsUntilTraffic(b, percent),
  ];
  return [
    pair("the whole change", "s", a.seconds, b.seconds),
    ...(a.rollback === undefined && b.rollback === undefined
      ? []
      : [
          pair(
            "taken back after",
            "s",
            a.rollback?.secondsSinceTrigger ?? null,
            b.rollback?.secondsSinceTrigger ?? null,
          ),
          pair("and complete after", "s", a.rollback?.seconds ?? null, b.rollback?.seconds ?? null),
        ]),
    ...(a.budget === undefined && b.budget === undefined
      ? []
      : [
          pair(
            "not served for",
            "s",
            a.budget?.used?.disruptedSeconds ?? null,
            b.budget?.used?.disruptedSeconds ?? null,
          ),
        ]),
    pair("last pod gone after", "s", a.drainSeconds, b.drainSeconds),
    pair("until first traffic", "s", ...until(1)),
    pair("until half of it", "s", ...until(50)),
    pair("until all of it", "s", ...until(100)),
    pair("steps seen", "count", movesOf(a).length, movesOf(b).length),
  ];
}

/** A strategy's name says nothing: its numbers do. */
function sameChange(a: ComparedRun, b: ComparedRun): boolean {
  const asked = ({ plan, result: { change } }: ComparedRun): string => {
    const { stepSizePercent, intervalSeconds, maxSurgePercent } = change.strategy;
    return JSON.stringify([change.scenario, stepsOf(plan), stepSizePercent, intervalSeconds, maxSurgePercent]);
  };
  return asked(a) === asked(b);
}

function checkPairs(a: readonly CheckResult[], b: readonly CheckResult[]): Comparison["checks"] {
  const pairs = b.flatMap(({ id, verdict, message }): CheckPair[] => {
    const first = a.find((check) => check.id === id);
    if (first === undefined) return [];
    return [{ id, first: { verdict: first.verdict, message: first.message }, second: { verdict, message } }];
  });
  const otherVerdict = pairs.filter(({ first, second }) => first.verdict !== second.verdict);
  const otherMessage = pairs.filter(
    ({ first, second }) => first.verdict === second.verdict && first.message !== second.message,
  );
  return { otherVerdict, otherMessage, equal: pairs.length - otherVerdict.length - otherMessage.length };
}
