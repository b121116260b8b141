import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { FAILURES, writeLongRun } from "./long-run.ts";
import { browserForTests, DRAWN_MS, openReport } from "./opened.ts";
import { CHART_IDS, plotOf, tableOf } from "./reading.ts";
import { makeReport, temporaryFolder } from "./reports.ts";

/** The bound for a run of ten minutes. */
const MOST_BYTES = 2_000_000;
/** A pointer that moves faster than a chart answers leaves its tooltip behind: ten answers a second are the least that feels at once. */
const MOST_MS_A_MOVE = 100;

const browser = await browserForTests();

test("ten minutes at 1,000 requests/s with 10,000 different failures are a page below 2 MB that is drawn in time and follows the pointer (defect: a page that grows with its run)", async (t) => {
  const folder = join(temporaryFolder(), "long");
  await writeLongRun(folder);
  const file = await makeReport(folder);
  const { size } = await stat(file);
  assert.ok(size < MOST_BYTES, `${String(size)} bytes`);
  await using opened = await openReport(browser, file);
  const { page, drawnMs } = opened;
  const { note } = await tableOf(page, "failures");
  assert.match(note, new RegExp(` of ${String(FAILURES)} in view`), "no failure is left out");
  let slowest = { id: "", ms: 0 };
  for (const id of CHART_IDS) {
    const { left, top, width, height } = await plotOf(page, id);
    const from = performance.now();
    const moves = 8;
    for (let step = 0; step < moves; step += 1)
      await page.mouse.move(left + (width * step) / moves, top + height * 0.6);
    const ms = (performance.now() - from) / moves;
    if (ms > slowest.ms) slowest = { id, ms };
  }
  t.diagnostic(
    `${(size / 1e6).toFixed(2)} MB, drawn after ${drawnMs.toFixed(0)} of ${String(DRAWN_MS)} ms, a move over ${slowest.id} took ${slowest.ms.toFixed(1)} ms`,
  );
  assert.ok(slowest.ms < MOST_MS_A_MOVE, `a move over ${slowest.id} took ${slowest.ms.toFixed(0)} ms`);
  assert.deepEqual(opened.troubles, []);
});
