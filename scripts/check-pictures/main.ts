/** `npm run check-pictures`: draws the picture of each check in docs/checks-explained.md, from a literal history that it does not pass. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { drawnPictures } from "./files.ts";

for (const [path, svg] of drawnPictures()) {
  const file = join(import.meta.dirname, "../..", path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, svg);
}
