import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { failuresOf, momentText, secondsOfText, wholeOf, zeroOf } from "./facts.ts";
import { pixelsOf, styleColour } from "./ink.ts";
import { browserForTests, eventually, openReport } from "./opened.ts";
import { dragAcross, placeIn, plotOf, pointTo, readoutOf, tableOf, tooltipOf, type Stretch } from "./reading.ts";
import { keptReport } from "./reports.ts";

/** Kept recordings in which requests failed. */
const WITH_FAILURES = ["operator-restart-fails"];
/** Marks nearer than this to another one of their lane cannot be told apart at the closest look. */
const APART_SECONDS = 0.03;
/** Of a bar, 2 pixels thick, in a part of the plotting area that is 16 wide. */
const BAR_PIXELS = 32;
/** Rows that a table shows. */
const MOST_ROWS = 500;

const browser = await browserForTests();

for (const name of WITH_FAILURES) {
  const kept = await keptReport(name);
  const failures = failuresOf(kept);
  const whole = wholeOf(kept);
  const lanes = [...new Set(failures.map(({ client }) => client))].sort();

  /** Where a kind's lane is, as a part of the plotting area's height from its top. */
  const downTo = (client: string): number => (lanes.indexOf(client) + 0.6) / (lanes.length - 0.2);

  /** Looks at a failure from near: by dragging twice, as a whole second is less than a pixel of the whole run. */
  const lookAt = async (page: Page, seconds: number): Promise<Stretch> => {
    await page.locator('[data-act="all"]').click();
    const near = await dragAcross(page, "failures", { from: seconds - 3, to: seconds + 3 }, whole);
    return await dragAcross(page, "failures", { from: seconds - 0.4, to: seconds + 0.4 }, near);
  };

  test(`${name}: failures of five kinds of clients have their marks at their times, with their texts (defect: a mark beside its request)`, async () => {
    await using opened = await openReport(browser, kept.file);
    const { page } = opened;
    const alone = failures.filter(({ client, seconds }, index) =>
      failures.every(
        (other, at) => at === index || other.client !== client || Math.abs(other.seconds - seconds) > APART_SECONDS,
      ),
    );
    // The first that failed, where one did, and else the first that hung.
    const chosen = lanes.flatMap((lane) => {
      const own = alone.filter(({ client }) => client === lane);
      const one = own.find(({ outcome }) => outcome === "failed") ?? own[0];
      return one === undefined ? [] : [one];
    });
    assert.ok(chosen.length >= 5, `${String(chosen.length)} kinds have a failure that stands alone`);
    for (const row of chosen) {
      const { client, seconds, outcome, status, message, connection, durationMs } = row;
      const range = await lookAt(page, seconds);
      const plot = await plotOf(page, "failures");
      const [x, y] = [placeIn(seconds, range) * plot.width, downTo(client) * plot.height];
      const colour = await styleColour(page, outcome === "failed" ? "failed" : "hung");
      const around = (middle: number): Promise<number> =>
        pixelsOf(page, "failures", colour, { x: middle - 8, y: y - 8, width: 16, height: 16 });
      // Beside it there is at most the bar of one that still lasts, which is thin.
      const beside = Math.max(await around(x - 20), await around(x + 20));
      assert.ok((await around(x)) > beside + 8, `${client} at ${String(seconds)}: there is no mark`);
      assert.ok(beside <= BAR_PIXELS, `${client}: a mark beside it`);
      await pointTo(page, "failures", seconds, range, downTo(client));
      await eventually(
        () => tooltipOf(page),
        [
          ...[momentText(seconds), outcome === "failed" ? `failed, status ${String(status)}` : "hung, no answer"],
          ...["", message],
          ...["", `${client}, ${connection === "new" ? "new" : "kept"} connection`],
          ...["", `ended after ${durationText(durationMs)}`],
        ],
        `the tooltip at ${client}, ${String(seconds)} s`,
      );
    }
    assert.deepEqual(opened.troubles, []);
  });

  test(`${name}: every moment of a broken check, and of what failed, moves the axis to it (defect: a button that goes elsewhere)`, async () => {
    await using opened = await openReport(browser, kept.file);
    const { page } = opened;
    const mark = await styleColour(page, "mark");
    const buttons = page.locator("#why .check > .line .moment, #failed .moment");
    const count = await buttons.count();
    const broken = kept.result.checks.filter(({ verdict, violations }) => verdict === "fail" && violations.length > 0);
    assert.ok(count > broken.length && broken.length > 0);
    for (let index = 0; index < count; index += 1) {
      const button = buttons.nth(index);
      const text = await button.innerText();
      const atMs = Number(await button.getAttribute("data-at"));
      const seconds = (atMs - zeroOf(kept)) / 1000;
      assert.equal(text, momentText(seconds));
      await button.click();
      await eventually(async () => (await readoutOf(page)).split(" · ")[0], text, "the readout");
      const top = await page.locator("#timeline").evaluate((section) => section.getBoundingClientRect().top);
      // Below the room that the toolbar takes.
      assert.ok(Math.abs(top) < 110, "the charts were not brought into view");
      const { rows } = await tableOf(page, "rate");
      const times = rows.map(([first = ""]) => secondsOfText(first));
      assert.ok(
        times.some((at) => Math.abs(at - seconds) <= 1),
        `${text} is not in view`,
      );
      assert.ok(times.length < 60, `${String(times.length)} s are in view`);
    }
    for (const { id, violations } of broken) {
      const { atMs } = violations[0] ?? assert.fail();
      await page.locator(`#check-${id} > .line .moment`).click();
      const seconds = (atMs - zeroOf(kept)) / 1000;
      const { width, height } = await plotOf(page, "pods");
      // In the middle of what is in view, unless the run's end is near.
      const x = Math.min(seconds - whole.from, 5) === 5 ? width / 2 : 0;
      assert.ok(
        (await pixelsOf(page, "pods", mark, { x: x - 3, y: 0, width: 6, height })) > height / 2,
        `${id}: not marked`,
      );
      assert.equal(await pixelsOf(page, "pods", mark, { x: width / 4, y: 0, width: width / 8, height }), 0);
    }
    assert.deepEqual(opened.troubles, []);
  });

  test(`${name}: the table of failures has the ledger's rows of what is in view (defect: failures that are only drawn)`, async () => {
    await using opened = await openReport(browser, kept.file);
    const { page } = opened;
    // It stays open, and follows what is in view.
    await page.locator("#data-failures summary").click();
    await page.locator("#data-failures table").waitFor();
    const all = await tableOf(page, "failures");
    assert.equal(all.rows.length, Math.min(MOST_ROWS, failures.length));
    assert.match(all.note, new RegExp(`^The first ${String(MOST_ROWS)} of ${String(failures.length)} in view`));
    const middle = failures[Math.floor(failures.length / 2)]?.seconds ?? assert.fail();
    const range = await dragAcross(page, "failures", { from: middle - 2, to: middle + 2 }, whole);
    const inView = failures.filter(({ seconds }) => seconds >= range.from && seconds <= range.to);
    assert.ok(inView.length > 20 && inView.length < MOST_ROWS);
    const { rows, note } = await tableOf(page, "failures");
    const expected = inView.map(({ seconds, message, client, connection, durationMs }) => [
      ...[momentText(seconds), message, `${client}, ${connection === "new" ? "new" : "kept"} connection`],
      `ended after ${durationText(durationMs)}`,
    ]);
    assert.deepEqual(
      rows.map(([start, , message, client, end]) => [start, message, client, end]),
      expected,
    );
    const lasting = failures.filter(
      ({ seconds, durationMs }) => seconds < range.from && seconds + durationMs / 1000 >= range.from,
    );
    assert.equal(note, `${String(lasting.length)} more began earlier and lasted until here.`);
    assert.deepEqual(opened.troubles, []);
  });
}

function durationText(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms >= 100 ? ms.toFixed(0) : ms.toFixed(1)} ms`;
}
