import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where Linux keeps fonts, for all and for one. */
export function fontFolders(home = homedir()): string[] {
  return ["/usr/share/fonts", "/usr/local/share/fonts", join(home, ".local/share/fonts"), join(home, ".fonts")];
}

/** Whether any of these folders has a font: without one a browser draws no text, and says nothing about it. */
export async function hasFont(folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    if (names.some((name) => /\.(ttf|ttc|otf)$/i.test(name))) return true;
  }
  return false;
}
