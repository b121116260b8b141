import { join } from "node:path";
import { RecordingError } from "../plan/errors.ts";
import type { RecordedRun } from "../report/trend/recorded-run.ts";
import { RESULTS } from "./out.ts";
import { recordedRunsIn } from "./recorded-runs.ts";

/**
 * Every run with a verdict that lies in results/ or one folder deeper, where matrices and `--out` keep theirs, and likewise in `beside`. Folders that are no
 * recordings, or hold what cannot be read, are passed over: they are no runs to count. Each run once, whatever ways lead to it.
 */
export async function pastRuns(root: string, beside?: string): Promise<RecordedRun[]> {
  const places = [join(root, RESULTS), ...(beside === undefined ? [] : [beside])];
  const found = new Map<string, RecordedRun>();
  for (const place of new Set(places)) {
    const { runs, others } = await runsIn(place);
    const deeper = await Promise.all(others.map((folder) => runsIn(join(place, folder))));
    for (const run of [...runs, ...deeper.flatMap((each) => each.runs)])
      found.set(run.plan.runId + run.plan.createdAt, run);
  }
  return [...found.values()];
}

async function runsIn(folder: string): Promise<Awaited<ReturnType<typeof recordedRunsIn>>> {
  try {
    return await recordedRunsIn(folder);
  } catch (error) {
    if (error instanceof RecordingError) return { runs: [], notJudged: [], others: [] };
    throw error;
  }
}
