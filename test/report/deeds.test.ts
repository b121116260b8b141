import assert from "node:assert/strict";
import { test } from "node:test";
import { pixelsOf, styleColour } from "./ink.ts";
import { browserForTests, openReport } from "./opened.ts";
import { CHART_IDS } from "./reading.ts";
import { keptReport } from "./reports.ts";

const browser = await browserForTests();

/** Pixels of a colour in each chart but the first, whose own marks have it too. */
async function inkOf(name: string, colour: string): Promise<[string, boolean][]> {
  await using opened = await openReport(browser, (await keptReport(name)).file);
  const { page } = opened;
  const ink = await styleColour(page, colour);
  const charts = CHART_IDS.filter((id) => id !== "flags");
  const drawn = await Promise.all(
    charts.map(async (id) => [id, (await pixelsOf(page, id, ink)) > 30] as [string, boolean]),
  );
  assert.deepEqual(opened.troubles, []);
  return drawn;
}

test("a fault is a line in every chart, and nothing else is (defect: an outage whose cause is in another chart)", async () => {
  const faulty = await inkOf("restart-upgrades-old-cluster", "text");
  assert.ok(faulty.length > 5);
  assert.deepEqual(
    faulty.filter(([, drawn]) => !drawn),
    [],
  );
  assert.deepEqual(
    (await inkOf("all-kinds-pass", "text")).filter(([, drawn]) => drawn),
    [],
    "without a fault",
  );
});

test("the table of what happened names the fault and the pod that it took (defect: a mark that only a mouse can read)", async () => {
  const kept = await keptReport("restart-upgrades-old-cluster");
  await using opened = await openReport(browser, kept.file);
  const { page } = opened;
  await page.locator("#data-flags summary").click();
  const row = page.locator("#data-flags tbody tr", { hasText: "fault: " });
  assert.equal(await row.count(), 1);
  const [fault] = kept.result.change.faults ?? [];
  const text = await row.innerText();
  assert.ok(text.includes(fault?.text ?? "(no fault)"), text);
  assert.match(text, /pod \S+ \(operator\)/);
  assert.deepEqual(opened.troubles, []);
});
