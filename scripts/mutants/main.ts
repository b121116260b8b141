/**
 * `npm run mutants [-- GLOB...]`: tries the mutants of the judging rooms, or of those of their files that a glob names, and writes docs/mutants.md.
 * What was tried is kept in scripts/mutants/tried.json. `npm run mutants -- --page` only writes the page, from what was tried before.
 */
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { format, resolveConfig } from "prettier";
import { CHECKOUT } from "../artefacts/cache.ts";
import { codeOf } from "../../orchestrator/recording/parse.ts";
import { withTriedAgain } from "./again.ts";
import { MUTANTS_PAGE, withMutants } from "./page.ts";
import { readReasons, staleReasons } from "./reasons.ts";
import { reportedSchema } from "./reported.ts";
import { mutatedFiles } from "./scope.ts";
import { readTried, together, TRIED_FILE, triedIn, triedText } from "./tried.ts";

/**
 * Stryker keeps here what it tried, also in an interrupted call, and is not tried again before the code or its tests change. Stryker copies nothing
 * from below reports.
 */
const RESULTS = "reports/mutants";
const INCREMENTAL = `${RESULTS}/incremental.json`;

process.chdir(CHECKOUT);
const asked = process.argv.slice(2);
const onlyPage = asked.includes("--page");
const files = onlyPage ? [] : await mutatedFiles(asked);
if (!onlyPage && files.length === 0) {
  refuse(`Expected globs of files with mutants, such as orchestrator/plan/*.ts, received ${asked.join(" ")}.`);
}
if (!onlyPage) {
  await takeUpAgain();
  await tryMutants(files);
  await keepTried();
}
await writePage();

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(64);
}

async function takeUpAgain(): Promise<void> {
  const kept = await readFile(INCREMENTAL, "utf8").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });
  if (kept !== null) await writeFile(INCREMENTAL, JSON.stringify(withTriedAgain(JSON.parse(kept))));
}

async function tryMutants(mutate: readonly string[]): Promise<void> {
  await new Stryker({
    mutate: [...mutate],
    testRunner: "pure",
    plugins: [join(import.meta.dirname, "runner.ts")],
    testRunnerNodeArgs: ["--import", "tsx"],
    coverageAnalysis: "perTest",
    concurrency: availableParallelism(),
    // Each mutant that acts while modules are loaded leaves these in memory.
    maxTestRunnerReuse: 300,
    incremental: true,
    incrementalFile: INCREMENTAL,
    reporters: ["progress-append-only"],
    tempDirName: `${RESULTS}/sandbox`,
    ignorePatterns: ["/results", "/docs/*", "!/docs/schemas", "/test", "/page", "/saboteur", "/proofs"],
    disableTypeChecks: false,
    allowConsoleColors: false,
    // An endless loop is noticed by counting. A process that got no CPU for a while is none, and must not count as one, even in the idle class.
    timeoutMS: 1_800_000,
    dryRunTimeoutMinutes: 24 * 60,
  }).runMutationTest();
}

async function keepTried(): Promise<void> {
  const now = triedIn(reportedSchema.parse(JSON.parse(await readFile(INCREMENTAL, "utf8"))), files);
  await writeFile(TRIED_FILE, triedText(together(await readTried(), now, await textsToday())));
}

async function textsToday(): Promise<ReadonlyMap<string, string>> {
  const texts = (await mutatedFiles()).map(async (file) => [file, await readFile(file, "utf8")] as const);
  return new Map(await Promise.all(texts));
}

async function writePage(): Promise<void> {
  const tried = together(await readTried(), [], await textsToday());
  const reasons = await readReasons();
  const [stale] = staleReasons(reasons, tried);
  if (stale !== undefined) {
    throw new Error(
      `The reason for ${stale.mutator} at "${stale.line}" in ${stale.file} is about no survivor: remove it.`,
    );
  }
  const page = withMutants(await readFile(MUTANTS_PAGE, "utf8"), { tried, reasons, files: await mutatedFiles() });
  const written = await format(page, { ...(await resolveConfig(MUTANTS_PAGE)), parser: "markdown" });
  await writeFile(MUTANTS_PAGE, written);
}
