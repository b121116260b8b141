import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { RunProgress } from "../report/matrix/matrix.ts";
import { RESULTS } from "./out.ts";

/** A run of a table that has been made, whatever it came to. */
export interface Earlier<Run extends RunProgress> {
  /** Absolute path of its recording's folder. */
  readonly folder: string;
  readonly run: Run;
}

/**
 * Runs of tables of a kind that have been made, the latest first: in the folders that lie in results/, and in `beside`. `runsIn` gives those of the table in a folder, none where
 * it has no table that can be read.
 */
export async function earlierOf<Run extends RunProgress>(
  { home, beside }: { readonly home: string; readonly beside: string },
  runsIn: (folder: string) => Promise<readonly Run[]>,
): Promise<Earlier<Run>[]> {
  const results = join(home, RESULTS);
  const names = await readdir(results).catch((): string[] => []);
  const found: Earlier<Run>[] = [];
  for (const place of new Set([...names.map((name) => join(results, name)), beside])) {
    for (const run of await runsIn(place)) {
      if (run.status === "done" && run.folder !== null) found.push({ folder: join(place, run.folder), run });
    }
  }
  const latest = found.sort((a, b) => ((a.run.startedAt ?? "") < (b.run.startedAt ?? "") ? 1 : -1));
  // A table tells the results of others again.
  return latest.filter(({ folder }, index) => latest.findIndex((one) => one.folder === folder) === index);
}
