import { access } from "node:fs/promises";
import { join } from "node:path";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import { installCommand, installPackages } from "../../orchestrator/target/embedded/packages.ts";
import { cacheRoot } from "../artefacts/cache.ts";
import { findBrowser, type FoundBrowser } from "./find.ts";
import { fontFolders, hasFont } from "./fonts.ts";

/**
 * Makes sure of a browser and a font to draw with, and resolves to the browser. What is missing is installed from Debian's archive as
 * root; a second call does nothing.
 *
 * @throws SetUpError, in one sentence, where it is missing and cannot be installed: what, and how to get it.
 */
export async function ensureBrowser(tell: (text: string) => void): Promise<FoundBrowser> {
  const found = await findBrowser();
  const missing = [
    ...(found === null ? ["chromium"] : []),
    // Other systems bring fonts of their own.
    ...(process.platform !== "linux" || (await hasFont(fontFolders())) ? [] : ["fonts-dejavu-core"]),
  ];
  if (found !== null && missing.length === 0) return found;
  const what = missing.join(" and ");
  if (process.getuid?.() !== 0 || !(await isDebian())) {
    throw new SetUpError(
      `The report's browser tests need ${what}, not found here; on Debian, as root, run: ${installCommand(missing)}; elsewhere let ZERODROP_CHROMIUM name an installed Chromium.`,
    );
  }
  const log = join(cacheRoot(), "logs", "browser.log");
  tell(`installing ${what} (log: ${log})`);
  await installPackages(missing, log);
  const installed = await findBrowser();
  if (installed === null) throw new SetUpError(`${what} was installed, and no browser answers --version; see ${log}.`);
  return installed;
}

async function isDebian(): Promise<boolean> {
  return access("/etc/debian_version").then(
    () => true,
    () => false,
  );
}
