import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { answeredIn, momentText, secondsOfText, sidesAt, wholeOf, zeroOf } from "./facts.ts";
import { pictureOf } from "./ink.ts";
import { browserForTests, eventually, openReport } from "./opened.ts";
import { CHART_IDS, dragAcross, keysOf, plotOf, pointTo, readoutOf, tableOf, tooltipOf, valueOf } from "./reading.ts";
import { keptReport } from "./reports.ts";

const browser = await browserForTests();
const kept = await keptReport("aggressive-passes");
const { change } = kept.result;
const zero = zeroOf(kept);
const whole = wholeOf(kept);
const [leaving, arriving] = [change.leaving ?? "", change.arriving ?? ""];
/** Middles of the states in which both sides had something to say, each with its status. */
const middles = change.steps.flatMap(({ atMs }, index) => {
  const untilMs = change.steps[index + 1]?.atMs ?? atMs;
  if (untilMs - atMs < 1500) return [];
  const ms = (atMs + untilMs) / 2;
  return [{ ms, seconds: (ms - zero) / 1000, sides: sidesAt(kept.observations, ms) }];
});

const percent = (value: number | undefined): string => (value === undefined ? "–" : `${String(value)} %`);

/** Seconds of the first and the last row of the chart whose table has one row for each second. */
async function inView(page: Page): Promise<readonly [number, number]> {
  const { rows } = await tableOf(page, "rate");
  return [secondsOfText(rows[0]?.[0] ?? ""), secondsOfText(rows.at(-1)?.[0] ?? "")];
}

test("the pointer in one chart tells the values of all charts at that moment, as the recording has them (defect: charts that are out of step)", async () => {
  await using opened = await openReport(browser, kept.file);
  const { page } = opened;
  assert.ok(middles.length >= 5, "states to look at");
  for (const { ms, seconds, sides } of middles) {
    await pointTo(page, "latency", seconds, whole);
    const told = async (): Promise<(string | undefined)[]> => [
      await valueOf(page, "traffic", `old (${leaving})`),
      await valueOf(page, "traffic", `new (${arriving})`),
      await valueOf(page, "capacity", `old (${leaving})`),
      await valueOf(page, "capacity", `new (${arriving})`),
    ];
    const [old, fresh] = [sides.get(leaving), sides.get(arriving)];
    const expected = [old?.traffic, fresh?.traffic, old?.capacity, fresh?.capacity].map(percent);
    await eventually(told, expected, `traffic and capacity at ${momentText(seconds)}`);
    // A pixel is 0.15 s wide: the second that is told is this one or its neighbour.
    const around = [-1, 0, 1].map((offset) => {
      const fromMs = (Math.floor(ms / 1000) + offset) * 1000;
      const count = answeredIn(kept.ledger, { fromMs, untilMs: fromMs + 1000, version: "v1" });
      return count.toLocaleString("en-US");
    });
    const rate = await valueOf(page, "rate", "by v1");
    assert.ok(around.includes(rate ?? ""), `${String(rate)} answers of v1, and the ledger has ${around.join(", ")}`);
    const [at = ""] = (await readoutOf(page)).split(" · ");
    assert.ok(Math.abs(secondsOfText(at) - seconds) < 0.25, `${at} at ${String(seconds)}`);
    assert.deepEqual((await tooltipOf(page))[0], at);
  }
  await page.mouse.move(2, 2);
  await eventually(() => readoutOf(page), "", "the readout without a cursor");
  assert.ok((await keysOf(page, "traffic")).every(({ value }) => value === ""));
  assert.deepEqual(opened.troubles, []);
});

test("a drag looks closer in all charts, and a double click, Escape and the button show everything (defect: one chart zooms alone)", async () => {
  await using opened = await openReport(browser, kept.file);
  const { page } = opened;
  const everything = await inView(page);
  const before = await Promise.all(CHART_IDS.map((id) => pictureOf(page, id)));
  const ways: readonly (readonly [string, () => Promise<void>])[] = [
    [
      "a double click",
      async () => {
        const { left, top } = await plotOf(page, "pods");
        await page.mouse.dblclick(Math.round(left) + 100, Math.round(top) + 20);
      },
    ],
    [
      "Escape",
      async () => {
        await page.locator("#plot-share").focus();
        await page.keyboard.press("Escape");
      },
    ],
    ["the button", () => page.locator('[data-act="all"]').click()],
  ];
  const first = change.steps[3]?.secondsSinceTrigger ?? assert.fail();
  for (const [name, show] of ways) {
    const range = await dragAcross(page, "flags", { from: first - 4, to: first + 14 }, whole);
    for (const id of ["traffic", "capacity", "rate", "latency", "connections", "waiting"] as const) {
      const { rows } = await tableOf(page, id);
      assert.ok(rows.length > 0, `${id} has rows in view`);
      for (const [at = ""] of rows) {
        const seconds = secondsOfText(at);
        assert.ok(seconds >= range.from - 0.1 && seconds <= range.to + 0.1, `${id}: ${at} is not in view`);
      }
    }
    const [from, to] = await inView(page);
    assert.ok(
      from - range.from < 1.1 && range.to - to < 1.1,
      `${String(from)} to ${String(to)} is all that is in view`,
    );
    for (const [index, id] of CHART_IDS.entries()) {
      assert.notEqual(await pictureOf(page, id), before[index], `${id} shows the same as before`);
    }
    await show();
    await eventually(() => inView(page), everything, `what is in view after ${name}`);
  }
  assert.deepEqual(opened.troubles, []);
});

test("buttons of the axis look at the change, closer, further, earlier and later (defect: a button without an effect)", async () => {
  await using opened = await openReport(browser, kept.file);
  const { page } = opened;
  const after = async (act: string): Promise<readonly [number, number]> => {
    await page.locator(`[data-act="${act}"]`).click();
    return await inView(page);
  };
  const moves = change.steps.filter(
    ({ activeTraffic }, index) => activeTraffic !== change.steps[index - 1]?.activeTraffic,
  );
  const [from, to] = await after("change");
  for (const { secondsSinceTrigger } of moves.slice(1)) {
    const at = secondsSinceTrigger ?? assert.fail();
    assert.ok(at > from && at < to, `${String(at)} is in view`);
  }
  assert.ok(to - from < 40, "and little else is");
  const near = await after("in");
  assert.ok(Math.abs((near[1] - near[0]) / (to - from) - 0.5) < 0.1);
  const later = await after("later");
  assert.ok(Math.abs(later[0] - (near[0] + near[1]) / 2) <= 1.1);
  const earlier = await after("earlier");
  assert.deepEqual(earlier, near);
  assert.deepEqual(await after("out"), [from, to]);
  assert.deepEqual(opened.troubles, []);
});

test("the keyboard alone reaches every chart, moves the cursor, zooms, and hears the values (defect: charts for mice)", async () => {
  await using opened = await openReport(browser, kept.file);
  const { page } = opened;
  await page.locator('[data-act="all"]').focus();
  const reached: string[] = [];
  for (let step = 0; step < 200 && reached.length < CHART_IDS.length; step += 1) {
    await page.keyboard.press("Tab");
    const id = await page.evaluate(() => document.activeElement?.id ?? "");
    if (id.startsWith("plot-")) reached.push(id);
  }
  assert.deepEqual(
    reached,
    CHART_IDS.map((id) => `plot-${id}`),
  );

  const announcement = page.locator("#announcement");
  const heard = async (): Promise<string> => (await announcement.textContent()) ?? "";
  await page.locator("#plot-traffic").focus();
  const span = whole.to - whole.from;
  let seconds = (whole.from + whole.to) / 2;
  for (const [key, strides] of [
    ["ArrowRight", 1],
    ["Shift+ArrowRight", 10],
    ["ArrowLeft", -1],
  ] as const) {
    await page.keyboard.press(key);
    seconds += (span / 200) * strides;
    const sides = sidesAt(kept.observations, zero + seconds * 1000);
    const [old, fresh] = [sides.get(leaving)?.traffic, sides.get(arriving)?.traffic];
    const text = await heard();
    assert.ok(text.startsWith(`${momentText(seconds)}: old (${leaving}) ${percent(old)}, `), text);
    assert.ok(text.includes(`new (${arriving}) ${percent(fresh)}, `), text);
  }
  const [from, to] = await inView(page);
  await page.locator("#plot-traffic").focus();
  await page.keyboard.press("+");
  const near = await inView(page);
  assert.ok(Math.abs((near[1] - near[0]) / (to - from) - 0.5) < 0.05, "half as long");
  assert.ok(seconds > near[0] && seconds < near[1], "around the cursor");
  await page.locator("#plot-traffic").focus();
  await page.keyboard.press("End");
  await eventually(
    async () => (await heard()).split(":", 1)[0] ?? "",
    momentText(whole.to).split(":", 1)[0] ?? "",
    "the end",
  );
  const last = await inView(page);
  assert.ok(whole.to - last[1] < 4, "the cursor takes the view along");
  await page.locator("#plot-traffic").focus();
  await page.keyboard.press("-");
  assert.deepEqual(await inView(page), [from, to]);
  assert.deepEqual(opened.troubles, []);
});
