import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { runReport } from "../../orchestrator/cli/report.ts";
import { withUnpacked } from "../../scripts/recordings.ts";
import { HOSTILE_RUNS, makeHostile } from "./hostile.ts";
import { browserForTests, openReport } from "./opened.ts";
import { CHART_IDS, plotOf, tableOf } from "./reading.ts";
import { keptDirectory, keptReport, makeReport } from "./reports.ts";

/** It has failures with messages, seven kinds of clients, events, restarts, and checks that broke. */
const RECORDING = "operator-restart-fails";
/** Names of files that want to be markup, or another address than their own. */
const FILE_NAMES = ['"><img src=x onerror=window.hit=true>.txt', "javascript:window.hit=true", "a b?c#d%41&lt;.txt"];

const browser = await browserForTests();
const directory = await keptDirectory(RECORDING);

/** Elements that the page of the untouched recording is made of. */
const OWN_TAGS = await (async () => {
  await using opened = await openReport(browser, (await keptReport(RECORDING)).file);
  await useEverything(opened.page);
  return await opened.page.evaluate(() => [
    ...new Set([...document.querySelectorAll("*")].map(({ localName }) => localName)),
  ]);
})();
for (const [name, options] of HOSTILE_RUNS) {
  test(`hostile texts in every field stay text, ${name} (defect: an error's message that is run, an event that ends a script)`, async () => {
    const file = await withUnpacked(directory, async (unpacked) => {
      const changed = await makeHostile(unpacked, options);
      assert.ok(changed > 10_000, `${String(changed)} texts were changed`);
      return await makeReport(unpacked);
    });
    await using opened = await openReport(browser, file);
    const { page, troubles } = opened;
    await useEverything(page);
    await assertInert(page);
    if (options.keepCourse) await assertTold(page);
    await assertPlain(page);
    assert.deepEqual(troubles, []);
  });
}

test("names of files beside the page are links to those files (defect: a name that is an address, or markup)", async () => {
  await withUnpacked(directory, async (unpacked) => {
    for (const name of FILE_NAMES) await writeFile(join(unpacked, name), "");
    assert.equal(
      await runReport({ command: "report", directory: unpacked, out: undefined }, { cwd: "/", print: () => undefined }),
      0,
    );
    const file = join(unpacked, "report.html");
    await using opened = await openReport(browser, file);
    const links = await opened.page
      .locator(".files a")
      .evaluateAll((all) => all.map((link) => [link.textContent, (link as HTMLAnchorElement).href]));
    for (const name of FILE_NAMES) {
      const href = links.find(([text]) => text === name)?.[1];
      assert.equal(href === undefined ? undefined : fileURLToPath(href), join(unpacked, name));
    }
    await assertInert(opened.page);
    assert.deepEqual(opened.troubles, []);
  });
});

/** Chooses, points at, goes to and opens everything there is. */
async function useEverything(page: Page): Promise<void> {
  const kinds = await page.locator("#kind option").count();
  for (let index = 0; index < kinds; index += 1) await page.locator("#kind").selectOption({ index });
  await page.locator("#kind").selectOption({ index: 0 });
  for (const id of CHART_IDS) {
    const { left, top, width, height } = await plotOf(page, id);
    for (let part = 0.1; part < 1; part += 0.2) await page.mouse.move(left + width * part, top + height * part);
    await page.locator(`#plot-${id}`).focus();
    await page.keyboard.press("ArrowRight");
  }
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  for (const id of CHART_IDS) await tableOf(page, id);
  await page.locator(".moment").first().click();
}

/** Nothing on the page is what a hostile text wanted to be. */
async function assertInert(page: Page): Promise<void> {
  const found = await page.evaluate(() => ({
    hit: "hit" in window,
    scripts: document.scripts.length,
    tags: [...new Set([...document.querySelectorAll("*")].map(({ localName }) => localName))],
    handlers: [...document.querySelectorAll("*")].flatMap((element) =>
      element.getAttributeNames().filter((name) => name.startsWith("on")),
    ),
    links: [...document.querySelectorAll("[href], [src], [action], [srcdoc]")]
      .map((element) => element.outerHTML)
      .filter((html) => !/^<a (class="skip" )?href="(#|\.\/)/.test(html)),
  }));
  assert.equal(found.hit, false);
  assert.equal(found.scripts, 2);
  assert.deepEqual(found.handlers, []);
  assert.deepEqual(found.links, []);
  assert.deepEqual(
    found.tags.filter((tag) => !OWN_TAGS.includes(tag)),
    [],
  );
}

/** Nothing that is shown turns the direction of text, or is half a character. */
async function assertPlain(page: Page): Promise<void> {
  const shown = await page.evaluate(() => {
    const parts = [...document.body.children].filter(({ localName }) => localName !== "script");
    return parts.map(({ textContent }) => textContent).join(" ");
  });
  const steering = /.{0,60}[\u0000-\u0008\u001b\u202e\ud800-\udfff].{0,20}/su.exec(shown);
  assert.equal(steering?.[0] ?? "", "");
}

/** What was sent to become markup is there to be read. */
async function assertTold(page: Page): Promise<void> {
  for (const selector of [
    ".run",
    "#failed",
    "#keys-traffic",
    "#keys-rate",
    "#data-failures",
    "#data-flags",
    "#kind",
    "#told-traffic",
    "main section:last-child",
  ]) {
    const text = (await page.locator(selector).first().textContent()) ?? "";
    assert.ok(
      text.includes('"><img src=x onerror=window.hit=true>'),
      `${selector} tells the text: ${text.slice(0, 300)}`,
    );
  }
  assert.ok((await page.title()).includes("</script><script>window.hit=true</script>"));
}
