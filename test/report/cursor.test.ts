import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { failuresOf, momentText, wholeOf } from "./facts.ts";
import { pixelsOf, styleColour } from "./ink.ts";
import { browserForTests, eventually, openReport } from "./opened.ts";
import { pointTo, readoutOf } from "./reading.ts";
import { keptReport } from "./reports.ts";

const browser = await browserForTests();
const kept = await keptReport("operator-restart-fails");

const widthOf = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);
const timeOf = async (page: Page): Promise<string> => (await readoutOf(page)).split(" · ")[0] ?? "";

test("a cursor stays at its moment while the view moves, and leaves with it (defect: a cursor that runs away, and a page that grows as wide as it)", async () => {
  await using opened = await openReport(browser, kept.file);
  const { page } = opened;
  await page.locator("button.phase", { hasText: "traffic moves" }).click();
  const at = await timeOf(page);
  assert.match(at, /^\+\d/);
  await page.getByRole("button", { name: "Zoom in" }).click();
  assert.equal(await timeOf(page), at);
  for (let press = 0; press < 4; press += 1) await page.getByRole("button", { name: "Later" }).click();
  assert.equal(await timeOf(page), "");
  assert.equal(await widthOf(page), 1280);
  await page.locator("button.phase", { hasText: "grace" }).click();
  await page.locator("button.phase", { hasText: "warm-up" }).click();
  await page.locator("#check-version-cutover .moment").first().click();
  const shown = await timeOf(page);
  await page.locator("#kind").selectOption("fresh");
  assert.equal(await timeOf(page), shown);
  assert.equal(await widthOf(page), 1280);
  await page.locator("#plot-rate").focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Home");
  await page.keyboard.press("+");
  assert.match(await timeOf(page), /^−/);
  assert.ok(await page.locator("#tooltip").isHidden());
  assert.deepEqual(opened.troubles, []);
});

test("a line that was hidden stays hidden, with what belongs to it (defect: a new width that draws what its key says is hidden)", async () => {
  await using opened = await openReport(browser, kept.file);
  const { page } = opened;
  const hung = await styleColour(page, "hung");
  const key = page.locator("#keys-rate .key", { hasText: "hung" });
  assert.ok((await pixelsOf(page, "rate", hung)) > 100);
  await key.click();
  await eventually(() => pixelsOf(page, "rate", hung), 0, "pixels of the hidden line");
  await page.setViewportSize({ width: 1000, height: 900 });
  await page.waitForFunction(() => (document.querySelector("#plot-rate canvas")?.clientWidth ?? 9999) < 1000);
  assert.equal(await pixelsOf(page, "rate", hung), 0);
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await styleColour(page, "hung");
  assert.equal(await pixelsOf(page, "rate", dark), 0);
  await page.locator("#kind").selectOption("steady");
  assert.equal(await key.getAttribute("aria-pressed"), "false");
  assert.equal(await pixelsOf(page, "rate", dark), 0);
  await key.click();
  assert.ok((await pixelsOf(page, "rate", dark)) > 50);
  assert.deepEqual(opened.troubles, []);
});

test("a share's interval goes with its line (defect: a band of nothing)", async () => {
  await using opened = await openReport(browser, kept.file);
  const { page } = opened;
  const before = await page.locator("#plot-share").screenshot();
  const keys = page.locator("#keys-share .key");
  for (let index = 0; index < (await keys.count()); index += 1) await keys.nth(index).click();
  const colours = await Promise.all(["old", "new"].map((name) => styleColour(page, name)));
  for (const colour of colours) assert.equal(await pixelsOf(page, "share", colour), 0);
  // Nothing of any colour is left: what is drawn is grey.
  const coloured = await page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>("#plot-share canvas");
    const copy = document.createElement("canvas").getContext("2d");
    if (canvas === null || copy === null) throw new Error("no canvas");
    [copy.canvas.width, copy.canvas.height] = [canvas.width, canvas.height];
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      const rgb = [...data.subarray(at, at + 3)];
      if ((data[at + 3] ?? 0) > 20 && Math.max(...rgb) - Math.min(...rgb) > 60) count += 1;
    }
    return count;
  });
  assert.equal(coloured, 0);
  assert.notDeepEqual(await page.locator("#plot-share").screenshot(), before);
});

test("on paper a chart is no wider than the paper, and on the screen as before (defect: the end of the run cut off)", async () => {
  await using opened = await openReport(browser, kept.file);
  const { page } = opened;
  const width = (): Promise<number> =>
    page.locator("#plot-rate canvas").evaluate((canvas: HTMLCanvasElement) => canvas.clientWidth);
  const screen = await width();
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  const paper = await width();
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  // A4 less 1 cm of margin on each side is 718 CSS pixels wide, US Letter 740.
  assert.ok(paper <= 718, String(paper));
  assert.equal(await width(), screen);
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 718, height: 1000 });
  await eventually(() => widthOf(page), 718, "the page's width on paper");
});

test("a mark leads to where it happened, and what is said above follows the kind of client (defect: all clients' figures above one's chart)", async () => {
  await using opened = await openReport(browser, kept.file);
  const { page } = opened;
  const long = failuresOf(kept).filter(({ client }) => client === "long");
  await page.locator("#kind").selectOption("long");
  const told = (await page.locator("#told-failures").textContent()) ?? "";
  const count = (wanted: string): number => long.filter(({ outcome }) => outcome === wanted).length;
  assert.ok(told.startsWith(`${String(count("failed"))} requests failed and ${String(count("hanging"))} hung`), told);
  const { seconds } = long[0] ?? assert.fail();
  await pointTo(page, "failures", seconds, wholeOf(kept));
  await page.mouse.down();
  await page.mouse.up();
  await eventually(() => timeOf(page), momentText(seconds), "the moment of the mark");
  assert.deepEqual(opened.troubles, []);
});
