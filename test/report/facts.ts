/** What a recording says, read anew from its lines, so that a page is not held against the code that made it. */
import assert from "node:assert/strict";
import type { Failed, LedgerLine } from "../../orchestrator/history/ledger.ts";
import type { Observation } from "../../orchestrator/history/observation.ts";
import { z } from "zod";
import type { Kept } from "./reports.ts";
import type { Stretch } from "./reading.ts";

/** The trigger (Unix ms), from which the page counts. */
export function zeroOf({ observations }: Kept): number {
  const trigger = observations.find((line) => line.type === "action" && line.action === "trigger");
  assert.ok(trigger !== undefined, "the recording has no trigger");
  return Math.round(trigger.wallMs);
}

/** The whole axis: the record with a hundredth of its length at both ends. */
export function wholeOf(kept: Kept): Stretch {
  const zero = zeroOf(kept);
  const times = kept.observations.map(({ wallMs }) => (wallMs - zero) / 1000);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const room = (to - from) * 0.01;
  return { from: from - room, to: to + room };
}

/** A moment as the page writes it, e.g. `+47.4 s`, `−12.0 s` or `+2:05.3`. */
export function momentText(seconds: number): string {
  const tenths = Math.round(Math.abs(seconds) * 10);
  const sign = seconds < 0 && tenths > 0 ? "−" : "+";
  const [minutes, rest] = [Math.floor(tenths / 600), ((tenths % 600) / 10).toFixed(1)];
  return minutes === 0 ? `${sign}${rest} s` : `${sign}${String(minutes)}:${rest.padStart(4, "0")}`;
}

/** Seconds of a moment that the page has written. */
export function secondsOfText(text: string): number {
  const parts = /^([+−])(?:(\d+):)?(\d+\.\d)/.exec(text);
  assert.ok(parts !== null, `${text} is no moment`);
  return (parts[1] === "+" ? 1 : -1) * (Number(parts[2] ?? 0) * 60 + Number(parts[3]));
}

/** Requests that failed or hung and have a row of their own, in the order of their starts, with their seconds since zero, in whole ms. */
export function failuresOf(kept: Kept): (Failed & { readonly seconds: number })[] {
  const zero = zeroOf(kept);
  return kept.ledger
    .filter((line) => line.type === "failed")
    .map((row) => ({ ...row, seconds: (Math.round(row.startMs) - zero) / 1000 }))
    .sort((a, b) => a.startMs - b.startMs);
}

/** Answered requests that started in a stretch of Unix ms. */
export function answeredIn(
  ledger: readonly LedgerLine[],
  { fromMs, untilMs, version }: { readonly fromMs: number; readonly untilMs: number; readonly version: string },
): number {
  return ledger.reduce(
    (sum, line) =>
      line.type === "answered" && line.version === version && line.binMs >= fromMs && line.binMs < untilMs
        ? sum + line.count
        : sum,
    0,
  );
}

const side = z
  .object({
    rayClusterName: z.string().default(""),
    trafficRoutedPercent: z.number().default(0),
    targetCapacity: z.number().default(0),
  })
  .default({ rayClusterName: "", trafficRoutedPercent: 0, targetCapacity: 0 });
const rayService = z.object({
  status: z.object({ activeServiceStatus: side, pendingServiceStatus: side }),
});

export interface Side {
  readonly traffic: number;
  readonly capacity: number;
}

/** What the RayService's last status before a moment (Unix ms) said of each RayCluster, by its name. */
export function sidesAt(observations: readonly Observation[], ms: number): Map<string, Side> {
  const last = observations.findLast(
    (line) => line.type === "object" && line.kind === "RayService" && line.wallMs <= ms,
  );
  assert.ok(last?.type === "object", "no status was seen by then");
  const { activeServiceStatus, pendingServiceStatus } = rayService.parse(last.object).status;
  return new Map(
    [activeServiceStatus, pendingServiceStatus]
      .filter(({ rayClusterName }) => rayClusterName !== "")
      .map(({ rayClusterName, trafficRoutedPercent, targetCapacity }) => [
        rayClusterName,
        { traffic: trafficRoutedPercent, capacity: targetCapacity },
      ]),
  );
}
