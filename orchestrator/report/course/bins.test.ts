import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LATEST_MS } from "../../history/instant.ts";
import { BinGrid, MOST_BINS } from "./bins.ts";

const HOUR_MS = 3_600_000;
/** To an eighth of a ms. */
const moment = fc.double({ min: -LATEST_MS, max: LATEST_MS, noNaN: true }).map((ms) => Math.round(ms * 8) / 8);

function widthOf(lengthMs: number): number {
  return new BinGrid({ fromMs: 0, untilMs: lengthMs }).widthMs;
}

test("bins are as narrow as a report can hold (defect: a short run in wide bins, or a long one in too many)", () => {
  assert.deepEqual(
    [130_000, 19 * 60_000, 30 * 60_000, HOUR_MS, 8 * HOUR_MS, 24 * HOUR_MS].map(widthOf),
    [1000, 1000, 2000, 5000, 30_000, 120_000],
  );
});

test("bins begin at whole seconds and cover the record (defect: a second of the warm-up in two bins)", () => {
  const grid = new BinGrid({ fromMs: 10_400, untilMs: 12_000 });
  assert.deepEqual(grid.layout().bins, { fromMs: 10_000, widthMs: 1000, count: 3 });
});

test("a ledger that reaches beyond the record extends the bins (defect: the last requests of a killed run in one bin)", () => {
  const grid = new BinGrid({ fromMs: 10_000, untilMs: 19_999 });
  const slots = [9100, 10_000, 21_500].map((ms) => grid.slotOf(ms));
  const { bins, indexOf } = grid.layout();
  assert.deepEqual(bins, { fromMs: 9000, widthMs: 1000, count: 13 });
  assert.deepEqual(slots.map(indexOf), [0, 1, 12]);
});

test("a moment by a wrong clock is in the first or last bin and stretches nothing (defect: an axis of 300,000 years)", () => {
  const grid = new BinGrid({ fromMs: 10_000, untilMs: 19_999 });
  const slots = [-LATEST_MS, LATEST_MS].map((ms) => grid.slotOf(ms));
  const { bins, indexOf } = grid.layout();
  assert.deepEqual(bins, { fromMs: 10_000, widthMs: 1000, count: 10 });
  assert.deepEqual(slots.map(indexOf), [0, 9]);
});

test("every moment has a bin, the right one where there is one (defect: a count in no bin, or in a neighbour's)", () => {
  const near = fc.tuple(moment, fc.integer({ min: 0, max: 100 * HOUR_MS }));
  const far = fc.tuple(moment, moment);
  fc.assert(
    fc.property(
      fc.oneof(near, far),
      fc.array(moment),
      fc.array(fc.integer({ max: 2e7, min: -2e7 })),
      (ends, all, by) => {
        const [fromMs, other] = ends;
        const untilMs = Math.min(Math.max(fromMs, other >= fromMs ? other : fromMs + Math.abs(other)), LATEST_MS);
        const grid = new BinGrid({ fromMs, untilMs });
        const moments = [...all, ...by.map((ms) => Math.min(Math.max(fromMs + ms, -LATEST_MS), LATEST_MS))];
        const slots = [fromMs, untilMs, ...moments].map((ms) => [ms, grid.slotOf(ms)] as const);
        const { bins, indexOf } = grid.layout();
        assert.ok(bins.count >= 1 && bins.count <= MOST_BINS);
        assert.ok(Number.isSafeInteger(bins.fromMs) && bins.fromMs % 1000 === 0 && bins.fromMs <= fromMs);
        assert.ok(bins.fromMs + bins.count * bins.widthMs > untilMs);
        for (const [ms, slot] of slots) {
          const index = indexOf(slot);
          const beginMs = bins.fromMs + index * bins.widthMs;
          assert.ok(index >= 0 && index < bins.count);
          assert.ok(ms >= beginMs || index === 0);
          assert.ok(ms < beginMs + bins.widthMs || index === bins.count - 1);
        }
      },
    ),
    { numRuns: 300 },
  );
});
