/** What is drawn on the canvases of charts. */
import type { Page } from "playwright-core";
import type { ChartId } from "../../orchestrator/report/html/charts.ts";

/** A colour as red, green and blue from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** `#rrggbb` or `rgb(r, g, b)`. */
export function rgb(colour: string): Rgb {
  const hex = /^#(..)(..)(..)$/.exec(colour.trim());
  const parts =
    hex === null ? [...colour.matchAll(/\d+/g)].map(Number) : hex.slice(1).map((part) => parseInt(part, 16));
  const [red = NaN, green = NaN, blue = NaN] = parts;
  return [red, green, blue];
}

/** A colour of the style sheet as the page has it now. */
export async function styleColour(page: Page, name: string): Promise<Rgb> {
  return rgb(
    await page.evaluate((each) => getComputedStyle(document.documentElement).getPropertyValue(`--${each}`), name),
  );
}

/** A part of a plotting area, in CSS pixels from its upper left corner; all of it when left out. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels of a colour in a chart's plotting area, or in a part of it. Half-transparent ones at the edges of a line do not count. */
export async function pixelsOf(page: Page, id: ChartId, colour: Rgb, area?: Area): Promise<number> {
  return await page.evaluate(
    ({ id, colour, area }) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`#plot-${id} canvas`);
      const over = document.querySelector<HTMLElement>(`#plot-${id} .u-over`);
      // A copy: a browser warns of a canvas that is read more than once.
      const copy = document.createElement("canvas").getContext("2d");
      if (canvas === null || over === null || copy === null) throw new Error(`${id} has no canvas`);
      const [outer, inner] = [canvas.getBoundingClientRect(), over.getBoundingClientRect()];
      const scale = canvas.width / outer.width;
      // A line of zeros lies on the lower edge.
      const { x, y, width, height } = area ?? { x: 0, y: 0, width: inner.width, height: inner.height + 2 };
      copy.canvas.width = Math.max(1, Math.round(width * scale));
      copy.canvas.height = Math.max(1, Math.round(height * scale));
      copy.drawImage(canvas, -(inner.left - outer.left + x) * scale, -(inner.top - outer.top + y) * scale);
      const { data } = copy.getImageData(0, 0, copy.canvas.width, copy.canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray(at, at + 4);
        const away = Math.abs(red - colour[0]) + Math.abs(green - colour[1]) + Math.abs(blue - colour[2]);
        if (alpha > 127 && away <= 45) count += 1;
      }
      return count;
    },
    { id, colour, area },
  );
}

/** Bytes of a chart's picture, to tell whether two of them look the same. */
export async function pictureOf(page: Page, id: ChartId): Promise<string> {
  return await page.evaluate((each) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`#plot-${each} canvas`);
    if (canvas === null) throw new Error(`${each} has no canvas`);
    return canvas.toDataURL();
  }, id);
}
