import { chromium, type Browser } from "playwright-core";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import { findBrowser } from "./find.ts";

/** A browser that is asked to look at a file asks nobody else for anything: no updates, no accounts, no trial of protocols. */
const QUIET = [
  ...["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  ...["--disable-quic", "--disable-gpu"],
];

/**
 * A headless browser with a profile of its own, which is gone when it is closed: `await using`.
 *
 * @throws SetUpError when there is none on this machine.
 */
export async function launchBrowser(): Promise<Browser> {
  const found = await findBrowser();
  if (found === null) throw new SetUpError("No Chromium was found on PATH; run: npm run browser");
  return await chromium.launch({
    executablePath: found.path,
    args: QUIET,
    // Chromium refuses to start its sandbox as root.
    chromiumSandbox: process.getuid?.() !== 0,
  });
}
