/** `npm run judge:again`: writes the verdict on every kept recording anew, after a change of the judge that was meant to change them. */
import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { judgeKept, keptRecordings } from "./recordings.ts";

for (const directory of await keptRecordings()) {
  await writeFile(join(directory, "run.json"), await judgeKept(directory));
  process.stdout.write(`judged ${relative(process.cwd(), directory)}\n`);
}
