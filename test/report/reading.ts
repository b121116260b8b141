/** What a person reads off the page, and does on it. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { CHARTS, type ChartId } from "../../orchestrator/report/html/charts.ts";

export const CHART_IDS: readonly ChartId[] = CHARTS.map(({ id }) => id);

/** A stretch of the axis, in seconds since its zero. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A key above a chart: the name of a line, and its value at the cursor. */
export interface Key {
  readonly label: string;
  readonly value: string;
  /** The colour of its sign, as a style sheet writes it; empty for a line that is told and not drawn. */
  readonly colour: string;
}

export async function keysOf(page: Page, id: ChartId): Promise<Key[]> {
  return await page.locator(`#keys-${id} .key`).evaluateAll((keys) =>
    keys.map((key) => {
      const sign = key.querySelector(".sign");
      const value = key.querySelector(".value")?.textContent ?? "";
      const label = (key.textContent || "").slice(0, key.textContent.length - value.length);
      return { label, value, colour: sign === null ? "" : getComputedStyle(sign).getPropertyValue("--sign") };
    }),
  );
}

/** The value at the cursor of the line with this label. */
export async function valueOf(page: Page, id: ChartId, label: string): Promise<string | undefined> {
  return (await keysOf(page, id)).find((key) => key.label === label)?.value;
}

/** A table behind a chart. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What is said below it, or in its place. */
  readonly note: string;
}

/** The table behind a chart. One that is closed is opened for as long as it is read: a browser lays out what is open again and again. */
export async function tableOf(page: Page, id: ChartId): Promise<Table> {
  return await page.locator(`#data-${id}`).evaluate(async (details: HTMLDetailsElement) => {
    const wasOpen = details.open;
    if (!wasOpen) {
      const opened = new Promise((resolve) => details.addEventListener("toggle", resolve, { once: true }));
      details.open = true;
      await opened;
    }
    const table = {
      columns: [...details.querySelectorAll("thead th")].map((cell) => cell.textContent),
      rows: [...details.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent)),
      note: details.querySelector(".scroll > p")?.textContent ?? "",
    };
    details.open = wasOpen;
    return table;
  });
}

/** Moves the pointer to a moment in a chart; `down` is the part of the plotting area's height from its top. */
export async function pointTo(page: Page, id: ChartId, seconds: number, range: Stretch, down = 0.5): Promise<void> {
  const { left, top, width, height } = await plotOf(page, id);
  // A mouse knows whole pixels.
  await page.mouse.move(Math.round(left + placeIn(seconds, range) * width), Math.round(top + down * height));
}

/** Drags across a chart from one moment to another, as near as whole pixels come; resolves to what is then in view. */
export async function dragAcross(page: Page, id: ChartId, stretch: Stretch, range: Stretch): Promise<Stretch> {
  const { left, top, width, height } = await plotOf(page, id);
  const [start, end] = [stretch.from, stretch.to].map((seconds) => Math.round(left + placeIn(seconds, range) * width));
  assert.ok(start !== undefined && end !== undefined);
  const y = Math.round(top + height / 2);
  await page.mouse.move(start, y);
  await page.mouse.down();
  await page.mouse.move(end, y, { steps: 4 });
  await page.mouse.up();
  const secondsAt = (x: number): number => range.from + ((x - left) / width) * (range.to - range.from);
  return { from: secondsAt(start), to: secondsAt(end) };
}

/** Where a moment stands in what is in view, from 0 to 1. */
export function placeIn(seconds: number, { from, to }: Stretch): number {
  return (seconds - from) / (to - from);
}

/** The plotting area of a chart within the window, in CSS pixels; the page is scrolled to it. */
export async function plotOf(page: Page, id: ChartId) {
  const figure = page.locator(`#figure-${id}`);
  // Its middle, so that the toolbar, which stays at the top, covers no part of it.
  await figure.evaluate((element) => element.scrollIntoView({ block: "center" }));
  return await page.locator(`#plot-${id} .u-over`).evaluate((over) => {
    const { left, top, width, height } = over.getBoundingClientRect();
    return { left, top, width, height };
  });
}

/** Texts of the tooltip, line by line; none when it is hidden. */
export async function tooltipOf(page: Page): Promise<string[]> {
  return await page
    .locator("#tooltip")
    .evaluate((tooltip: HTMLElement) =>
      tooltip.hidden ? [] : [...tooltip.querySelectorAll("strong, dt, dd")].map(({ textContent }) => textContent),
    );
}

export async function readoutOf(page: Page): Promise<string> {
  return (await page.locator("#readout").textContent()) ?? "";
}
