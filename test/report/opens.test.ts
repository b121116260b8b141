import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { SYMBOLS } from "../../orchestrator/report/symbols.ts";
import { rulesBroken } from "./accessibility.ts";
import { pixelsOf, rgb, styleColour } from "./ink.ts";
import { browserForTests, eventually, openReport } from "./opened.ts";
import { CHART_IDS, keysOf, tableOf } from "./reading.ts";
import { assertStepsTold } from "./steps-tables.ts";
import { keptNames, keptReport } from "./reports.ts";

/** What the issue allows for a run of ten minutes; these are shorter. */
const MOST_BYTES = 2_000_000;
/** Colours and widths, each of them once. */
const LOOKS = [
  ["light", 1280],
  ["dark", 390],
] as const;
/** And all of both, for the one whose page has every section there is. */
const ALL_LOOKS = [...LOOKS, ["light", 390], ["dark", 1280]] as const;
const WITH_EVERYTHING = "operator-restart-fails";

const browser = await browserForTests();

for (const name of await keptNames()) {
  test(`the report of ${name}`, async (t) => {
    const kept = await keptReport(name);
    const { file, result, ledger } = kept;
    await using opened = await openReport(browser, file);
    const { page, troubles } = opened;
    t.diagnostic(`drawn after ${opened.drawnMs.toFixed(0)} ms`);

    await t.test(
      "says its verdict in the window's title and at the top (defect: a page whose verdict is another)",
      async () => {
        const { verdict, runId, sentence } = result;
        assert.equal(await page.title(), `${SYMBOLS[verdict]} ${verdict}: ${runId}`);
        assert.equal(await page.locator(".badge").innerText(), `${SYMBOLS[verdict]} ${verdict.toUpperCase()}`);
        assert.equal(await page.locator("h1").innerText(), sentence);
        assert.ok((await stat(file)).size < MOST_BYTES);
      },
    );

    await t.test(
      "lists every check once, those that broke before all others (defect: a check that is lost)",
      async () => {
        const listed = (section: string): Promise<string[]> => page.locator(`${section} .check h3`).allTextContents();
        const [broken, held] = [await listed("#why"), await listed("#checks")];
        assert.deepEqual([...broken, ...held].sort(), result.checks.map(({ id }) => id).sort());
        for (const { id, verdict, required } of result.checks) {
          const isHeld = verdict === "pass" || (verdict === "not-applicable" && !required);
          assert.ok((isHeld ? held : broken).includes(id), `${id}, ${verdict}`);
        }
      },
    );

    await t.test("draws every line that has a value (defect: a chart that stays empty)", async () => {
      for (const id of CHART_IDS) await assertDrawn(page, id);
      const failed = ledger.some(({ type }) => type === "failed");
      const crosses = await pixelsOf(page, "failures", await styleColour(page, "failed"));
      const rings = await pixelsOf(page, "failures", await styleColour(page, "hung"));
      assert.equal(crosses + rings > 0, failed, "marks of failures exactly where there are failures");
    });

    await t.test(
      "has a table of the steps that run.json has (defect: a table of something else than the verdict's)",
      () => assertStepsTold(page, kept),
    );

    await t.test("fits a phone (defect: a page that has to be moved sideways)", () => assertFits(page));
    // A look at two seconds: tables of few rows break the same rules as long ones, in a fraction of the time.
    const zoomIn = page.locator('#toolbar [data-act="in"]');
    for (let step = 0; step < 6; step += 1) await zoomIn.click();
    await openAll(page);
    await t.test("fits a phone with everything opened (defect: a table as wide as its cells)", () => assertFits(page));

    for (const [colorScheme, width] of name === WITH_EVERYTHING ? ALL_LOOKS : LOOKS) {
      await t.test(
        `keeps the rules of WCAG 2.1 AA, ${colorScheme}, ${String(width)} px wide (defect: grey on grey, a nameless button)`,
        async () => {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 900 });
          assert.deepEqual(await rulesBroken(page), []);
        },
      );
    }

    assert.deepEqual(troubles, [], "nothing on the console, and no request for anything else than the page");
  });
}

/** Lines of what should be nothing: drawn where it is more, so that no red runs along the axis. */
const RARE: ReadonlySet<string> = new Set(["failed", "hung", "dropped"]);

/** Lines have pixels of their colours; a chart of lanes without a mark says so. */
async function assertDrawn(page: Page, id: (typeof CHART_IDS)[number]): Promise<void> {
  const { columns, rows } = await tableOf(page, id);
  const keys = (await keysOf(page, id)).filter(({ colour }) => colour !== "");
  const lines = id !== "flags" && id !== "failures";
  for (const { label, colour } of keys) {
    const column = columns.indexOf(label);
    const nothing = RARE.has(label) ? ["–", "0"] : ["–"];
    if (lines && rows.every((row) => nothing.includes(row[column] ?? ""))) continue;
    if (!lines) continue;
    assert.ok((await pixelsOf(page, id, rgb(colour))) > 10, `${id}: ${label} is not drawn`);
  }
  if (lines) return;
  const colours = rows.length === 0 ? ["quiet-text"] : id === "flags" ? ["flag", "text"] : ["failed", "hung"];
  let ink = 0;
  for (const colour of colours) ink += await pixelsOf(page, id, await styleColour(page, colour));
  assert.ok(ink > 10, `${id} is empty`);
}

async function assertFits(page: Page): Promise<void> {
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 800 });
    const wide = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);
    await eventually(wide, width, `the page's width in a window of ${String(width)} px`);
  }
}

async function openAll(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
}
