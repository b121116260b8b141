import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { momentText } from "./facts.ts";
import { tableOf, type Table } from "./reading.ts";
import type { Kept } from "./reports.ts";

/** The tables of traffic and capacity have the steps of run.json, each at its time. */
export async function assertStepsTold(page: Page, { result: { change } }: Kept): Promise<void> {
  const { leaving, arriving, steps, convergedAt, rollback } = change;
  const promotedMs = convergedAt === null || rollback !== undefined ? Infinity : Date.parse(convergedAt);
  const labels = [
    ...(leaving === null ? [] : [`old (${leaving})`]),
    ...(arriving === null ? [] : [`new (${arriving})`]),
  ];
  for (const [id, active, pending] of [
    ["traffic", "activeTraffic", "pendingTraffic"],
    ["capacity", "activeCapacity", "pendingCapacity"],
  ] as const) {
    const expected = steps.map((step) => {
      const sides = [percent(step[active]), percent(step[pending])];
      // From the promotion on, the arriving side is the active one.
      const inOrder = step.atMs >= promotedMs || step.active === arriving ? sides.toReversed() : sides;
      return [momentText(step.secondsSinceTrigger ?? NaN), ...inOrder.slice(0, labels.length)];
    });
    assert.deepEqual(courseOf(await tableOf(page, id), labels), withoutRepetition(expected), id);
  }
}

function percent(value: number | null): string {
  return value === null ? "–" : `${String(value)} %`;
}

/** The values of some columns with their times, without rows in which nothing stands, and without repetition. */
function courseOf({ columns, rows }: Table, labels: readonly string[]): string[][] {
  const places = labels.map((label) => columns.indexOf(label));
  assert.ok(!places.includes(-1), `of ${labels.join(" and ")}, the table has ${columns.join(", ")}`);
  const values = rows.map((row) => [row[0] ?? "", ...places.map((place) => row[place] ?? "")]);
  return withoutRepetition(values.filter(([, ...cells]) => cells.some((cell) => cell !== "–")));
}

function withoutRepetition(rows: readonly (readonly string[])[]): string[][] {
  return rows.filter(([, ...cells], index) => cells.join() !== rows[index - 1]?.slice(1).join()).map((row) => [...row]);
}
