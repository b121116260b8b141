import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import type { Page } from "playwright-core";
import { momentText, zeroOf } from "./facts.ts";
import { pixelsOf, styleColour, type Rgb } from "./ink.ts";
import { browserForTests, eventually, openReport } from "./opened.ts";
import { CHART_IDS } from "./reading.ts";
import { keptReport } from "./reports.ts";

const browser = await browserForTests();
const kept = await keptReport("operator-restart-fails");

/** Colours that only lines and marks have, of six charts between them. */
const DRAWN = ["old", "new", "p50", "p95", "p99", "fresh", "inflight", "hung", "flag"];

test("charts take on the colours of a dark screen at once, and those of paper to print (defect: black lines on black)", async () => {
  await using opened = await openReport(browser, kept.file);
  const { page } = opened;
  const [light, ground] = [await styleColour(page, "old"), await styleColour(page, "ground")];
  const drawnLight = async (): Promise<boolean> => (await pixelsOf(page, "rate", light)) > 50;
  assert.equal(await drawnLight(), true);
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await styleColour(page, "old");
  const drawnDark = async (): Promise<boolean> => (await pixelsOf(page, "rate", dark)) > 50;
  assert.notDeepEqual(dark, light);
  assert.notDeepEqual(await styleColour(page, "ground"), ground);
  await eventually(async () => [await drawnLight(), await drawnDark()], [false, true], "in the dark");
  // What a browser does before and after it prints.
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await eventually(async () => [await drawnLight(), await drawnDark()], [true, false], "for paper");
  assert.deepEqual(await styleColour(page, "ground"), ground);
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await eventually(async () => [await drawnLight(), await drawnDark()], [false, true], "in the dark again");
  assert.deepEqual(opened.troubles, []);
});

test("printed, it is several pages with every chart in the colours of paper (defect: a toolbar on paper, charts that are left white)", async () => {
  await using opened = await openReport(browser, kept.file, { colorScheme: "dark" });
  const { page } = opened;
  const dark = await coloursOf(page, DRAWN);
  // Keys show the colours of lines too; without them they are on paper only where charts are.
  await page.evaluate(() => {
    for (const keys of document.querySelectorAll(".keys")) keys.replaceChildren();
  });
  const pdf = await page.pdf({ format: "A4" });
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  assert.ok(pages > 2 && pages < 30, `${String(pages)} pages`);
  const printed = printedColours(pdf);
  await page.emulateMedia({ colorScheme: "light", media: "print" });
  for (const [name, colour] of await coloursOf(page, DRAWN))
    assert.ok(printed.has(colour.join()), `${name} is printed`);
  for (const [name, colour] of dark) assert.ok(!printed.has(colour.join()), `${name} is printed as on a dark screen`);
  for (const hidden of ["#toolbar", "#tooltip", ".data"]) {
    assert.equal(await page.locator(hidden).first().isVisible(), false, hidden);
  }
  for (const shown of [".badge", "#why", "#failed", ...CHART_IDS.map((id) => `#plot-${id} canvas`)]) {
    assert.equal(await page.locator(shown).first().isVisible(), true, shown);
  }
  assert.deepEqual(opened.troubles, []);
});

test("without scripts it tells the verdict, the checks and what failed, and says what is missing (defect: a white page)", async () => {
  await using opened = await openReport(browser, kept.file, { javaScriptEnabled: false });
  const { page } = opened;
  const { sentence, verdict, checks, change } = kept.result;
  assert.equal(await page.locator("h1").innerText(), sentence);
  assert.match(await page.locator(".badge").innerText(), new RegExp(verdict, "i"));
  assert.match(await page.locator("noscript").innerText(), /need JavaScript/);
  for (const { id, message } of checks) {
    const check = page.locator(`#check-${id}`);
    assert.ok((await check.innerText()).includes(message.replaceAll(/\s+/g, " ").trim()), id);
  }
  const [violation] = checks.find(({ id }) => id === "zero-failures")?.violations ?? [];
  const at = momentText(((violation?.atMs ?? NaN) - zeroOf(kept)) / 1000);
  assert.equal(await page.locator("#check-zero-failures > .line .moment").innerText(), at);
  assert.equal(
    await page.locator("table", { hasText: "States of the rollout" }).locator("tbody tr").count(),
    change.steps.length,
  );
  assert.match(await page.locator("#failed").innerText(), /1,409|requests failed/);
  // What would be empty, or do nothing, is not offered.
  assert.equal(await page.locator("#toolbar").isVisible(), false);
  for (const id of CHART_IDS) {
    assert.ok((await page.locator(`#told-${id}`).textContent()) !== "", id);
    assert.equal(await page.locator(`#data-${id}`).isVisible(), false, `${id} offers a table that stays empty`);
  }
  assert.deepEqual(opened.troubles, []);
});

async function coloursOf(page: Page, names: readonly string[]): Promise<(readonly [string, Rgb])[]> {
  return await Promise.all(names.map(async (name) => [name, await styleColour(page, name)] as const));
}

/** Colours that lines are drawn in, or areas filled with, anywhere in a PDF: red, green and blue from 0 to 255. */
function printedColours(pdf: Buffer): Set<string> {
  const found = new Set<string>();
  for (const [, packed = ""] of pdf.toString("latin1").matchAll(/stream\r?\n(.*?)\r?\nendstream/gs)) {
    for (const [, ...parts] of inflated(packed).matchAll(/([\d.]+) ([\d.]+) ([\d.]+) (?:RG|rg)\b/g)) {
      found.add(parts.map((part) => Math.round(Number(part) * 255)).join());
    }
  }
  return found;
}

function inflated(packed: string): string {
  try {
    return inflateSync(Buffer.from(packed, "latin1")).toString("latin1");
  } catch {
    // Fonts are packed otherwise.
    return "";
  }
}
