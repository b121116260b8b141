import { glob } from "node:fs/promises";
import { matchesGlob } from "node:path";
import { CHECKOUT } from "../artefacts/cache.ts";

/** The rooms whose mutants are tried: what judges, what it judges by, and what it reads. */
export const ROOMS = ["checks", "plan", "history"] as const;

/** Parts of the tests that stand beside the code. */
const OF_TESTS = ["**/*.test.ts", "orchestrator/checks/testing.ts", "orchestrator/checks/story-writer.ts"];

/**
 * The tests that may kill: the three rooms' own and the judge's. Not the property tests, which draw other histories each time: the score would
 * change by chance. Nor what judges whole recordings, in prove and in test/: each survivor would cost all of these.
 */
const TEST_FILES = [...ROOMS, "judge"].map((room) => `orchestrator/${room}/!(*.property).test.ts`);

/** The files whose mutants are tried, sorted: all of the rooms', or those of them that one of the globs names. */
export async function mutatedFiles(globs: readonly string[] = []): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const file of glob(
    ROOMS.map((room) => `orchestrator/${room}/*.ts`),
    { cwd: CHECKOUT },
  )) {
    files.push(file);
  }
  const code = files.filter((file) => !OF_TESTS.some((pattern) => matchesGlob(file, pattern))).sort();
  return globs.length === 0 ? code : code.filter((file) => globs.some((pattern) => matchesGlob(file, pattern)));
}

/** The files of tests that there are in a checkout, or in a copy of one, sorted. */
export async function testFiles(root: string): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const file of glob(TEST_FILES, { cwd: root })) files.push(file);
  return files.sort();
}
