/**
 * `npm run picture`: makes the pictures of reports that the documentation shows, from kept recordings: a verdict and the charts while the
 * traffic moves, light and dark, and what a failure looks like.
 */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { runReport } from "../orchestrator/cli/report.ts";
import { launchBrowser } from "./browser/launch.ts";
import { keptRecordings, withUnpacked } from "./recordings.ts";

interface Picture {
  /** Its name below docs/. */
  readonly file: string;
  /** A folder of test/recordings. */
  readonly recording: string;
  readonly colorScheme: "light" | "dark";
  /** The part of the run that is in view, by the name of its button. */
  readonly view: string;
  /** The first thing that is shown, and the last. */
  readonly from: string;
  readonly to: string;
  /** The chart in which the pointer is, and where: the part of its width. All charts tell what stands at it. */
  readonly pointed: { readonly chart: string; readonly part: number };
}

const HEAD = {
  // Clients of all kinds, and nothing went wrong: what most reports look like.
  recording: "all-kinds-pass",
  view: "The change",
  from: "header",
  to: "#figure-traffic",
  // In the chart below what is shown, so that no tooltip covers it.
  pointed: { chart: "#plot-capacity", part: 0.53 },
} as const;

const PICTURES: readonly Picture[] = [
  { ...HEAD, file: "report.png", colorScheme: "light" },
  { ...HEAD, file: "report-dark.png", colorScheme: "dark" },
  {
    file: "report-failures.png",
    recording: "operator-restart-fails",
    colorScheme: "light",
    view: "Whole run",
    from: "#figure-share",
    to: "#figure-failures",
    pointed: { chart: "#plot-connections", part: 0.68 },
  },
];

/** CSS pixels; the window is as high as a page, so that the pointer reaches every chart without scrolling. */
const WINDOW = { width: 1200, height: 6000 };
const MARGIN = 8;
const MOST_BYTES = 250_000;
const DOCS = join(import.meta.dirname, "../docs");

const folder = await mkdtemp(join(tmpdir(), "zerodrop-picture-"));
try {
  await using browser = await launchBrowser();
  for (const picture of PICTURES) await take(browser, await reportOf(picture.recording), picture);
} finally {
  await rm(folder, { recursive: true });
}

/** The report of a kept recording, made once. */
async function reportOf(recording: string): Promise<string> {
  const file = join(folder, `${recording}.html`);
  const directory = (await keptRecordings()).find((each) => basename(each) === recording);
  if (directory === undefined) throw new Error(`There is no kept recording ${recording}.`);
  await withUnpacked(directory, (unpacked) =>
    runReport({ command: "report", directory: unpacked, out: file }, { cwd: folder, print: () => undefined }),
  );
  return file;
}

async function take(browser: Browser, report: string, picture: Picture): Promise<void> {
  await using page = await browser.newPage({ viewport: WINDOW, colorScheme: picture.colorScheme });
  await page.goto(pathToFileURL(report).href);
  await page.waitForSelector("html[data-drawn]");
  await page.getByRole("button", { name: picture.view }).click();
  const boxOf = async (selector: string) => {
    const box = await page.locator(selector).boundingBox();
    if (box === null) throw new Error(`The page has no ${selector}.`);
    return box;
  };
  const [from, to] = [await boxOf(picture.from), await boxOf(picture.to)];
  const pointed = await boxOf(`${picture.pointed.chart} .u-over`);
  await page.mouse.move(pointed.x + pointed.width * picture.pointed.part, pointed.y + pointed.height / 2);
  await page.locator("#tooltip").waitFor();
  const y = Math.max(0, from.y - MARGIN);
  const clip = { x: 0, y, width: WINDOW.width, height: Math.ceil(to.y + to.height - y) + MARGIN };
  const path = join(DOCS, picture.file);
  await page.screenshot({ path, clip });
  const { size } = await stat(path);
  if (size > MOST_BYTES) throw new Error(`${path} must have at most ${MOST_BYTES} bytes; it has ${size}.`);
  process.stdout.write(`${relative(process.cwd(), path)}: ${(size / 1000).toFixed(0)} KB\n`);
}
