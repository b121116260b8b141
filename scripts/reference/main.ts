/** `npm run reference`: writes docs/reference.md from the commands' help and the configuration's schema. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { REFERENCE_PAGE, referencePage } from "./page.ts";

await writeFile(join(import.meta.dirname, "../..", REFERENCE_PAGE), await referencePage());
