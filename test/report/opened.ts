/** Report pages in a real browser. */
import assert from "node:assert/strict";
import { after } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launchBrowser } from "../../scripts/browser/launch.ts";

/**
 * From opening a file to html[data-drawn]. The pages of the kept recordings took 0.3 to 1.1 s, and that of a made run of ten minutes
 * with 10,000 failures 0.7 to 1.8 s, on two busy cores; the rest is room for busier ones.
 */
export const DRAWN_MS = 5_000;
/** What the page does at once must be seen within. */
const AT_ONCE_MS = 3_000;

let launched: Promise<Browser> | undefined;

after(async () => {
  await (await launched)?.close();
});

/** The one browser of all tests. */
export function browserForTests(): Promise<Browser> {
  return (launched ??= launchBrowser());
}

/** An open report, and everything it did that a report must not do. */
export interface Opened {
  readonly page: Page;
  /** Console messages that are no mere log, uncaught errors, dialogs, and requests for anything but the file itself. */
  readonly troubles: readonly string[];
  /** From opening the file to html[data-drawn]. */
  readonly drawnMs: number;
}

/** Opens a report. `options` are the browser's: its window, its colours, whether scripts run. */
export async function openReport(
  browser: Browser,
  file: string,
  options: BrowserContextOptions = {},
): Promise<Opened & AsyncDisposable> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    colorScheme: "light",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(AT_ONCE_MS);
  const url = pathToFileURL(file).href;
  const troubles: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) troubles.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`uncaught: ${error.stack ?? error.message}`));
  page.on("request", (request) => {
    if (request.url() !== url) troubles.push(`request: ${request.url().slice(0, 200)}`);
  });
  page.on("dialog", (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const began = performance.now();
  await page.goto(url);
  if (options.javaScriptEnabled !== false) await page.waitForSelector("html[data-drawn]", { timeout: DRAWN_MS });
  return { page, troubles, drawnMs: performance.now() - began, [Symbol.asyncDispose]: () => context.close() };
}

/** Waits until something on the page is as expected, and says what it was instead when it never is. */
export async function eventually<T>(read: () => Promise<T>, expected: T, message: string): Promise<void> {
  const deadline = performance.now() + AT_ONCE_MS;
  for (;;) {
    const actual = await read();
    try {
      assert.deepEqual(actual, expected, message);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}
