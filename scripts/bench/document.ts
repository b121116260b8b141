import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { CHECKOUT } from "../artefacts/cache.ts";

/** Where the figures stand for readers. */
export const DOCUMENT = "docs/performance.md";

/**
 * `document` with what stands between the two marks of `section` replaced by `content`.
 * @throws Error when the document does not have both marks once, in order.
 */
export function withSection(document: string, section: string, content: string): string {
  const [begin, end] = [`<!-- bench:${section} begin -->`, `<!-- bench:${section} end -->`];
  const [before, rest, ...more] = document.split(begin);
  const [old, after, ...others] = (rest ?? "").split(end);
  if (before === undefined || old === undefined || after === undefined || more.length + others.length > 0) {
    throw new Error(`${DOCUMENT} must have "${begin}" and after it "${end}", once.`);
  }
  return `${before}${begin}\n\n${content.trim()}\n\n${end}${after}`;
}

/** Writes a section of docs/performance.md, formatted as the rest of the checkout. */
export async function writeSection(section: string, content: string): Promise<void> {
  const path = join(CHECKOUT, DOCUMENT);
  const text = withSection(await readFile(path, "utf8"), section, content);
  await writeFile(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
}
