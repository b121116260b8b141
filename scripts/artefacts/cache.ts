import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Root of the checkout, or of the npm package, which is never written to. */
export const CHECKOUT = resolve(import.meta.dirname, "../..");

/**
 * The folder outside of both that holds everything built or downloaded, and the node's state:
 * ZERODROP_CACHE, else $XDG_CACHE_HOME/zerodrop, else ~/.cache/zerodrop.
 */
export function cacheRoot(environment: NodeJS.ProcessEnv = process.env): string {
  const asked = environment["ZERODROP_CACHE"];
  if (asked !== undefined && asked !== "") return resolve(asked);
  const xdg = environment["XDG_CACHE_HOME"];
  return join(xdg !== undefined && xdg !== "" ? resolve(xdg) : join(homedir(), ".cache"), "zerodrop");
}
