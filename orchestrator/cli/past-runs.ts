import { access } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { JUDGE_VERSION } from "../judge/judge.ts";
import { RecordingError } from "../plan/errors.ts";
import type { Plan } from "../plan/plan.ts";
import { FIRE_JSON } from "../report/fire/fire.ts";
import { PROVE_JSON } from "../report/prove/prove.ts";
import type { Repeatable } from "../report/repeats/repeat-identity.ts";
import type { RecordedRun } from "../report/trend/recorded-run.ts";
import { RESULTS } from "./out.ts";
import { recordedRunsIn } from "./recorded-runs.ts";

/**
 * Every run with a verdict that lies in results/ or one folder deeper, where matrices and `--out` keep theirs, and likewise in `beside`. Folders that are no
 * recordings, or hold what cannot be read, are passed over: they are no runs to count. So are proofs and runs under fire, whose plans do not tell what was done to them. Each run once, whatever ways lead to it.
 */
export async function pastRuns(home: string, beside?: string): Promise<RecordedRun[]> {
  const places = [join(home, RESULTS), ...(beside === undefined ? [] : [beside])];
  const found = new Map<string, RecordedRun>();
  for (const place of new Set(places)) {
    const { runs, others } = await runsIn(place);
    const deeper = await Promise.all(others.map((folder) => runsIn(join(place, folder))));
    for (const run of [...runs, ...deeper.flatMap((each) => each.runs)])
      found.set(run.plan.runId + run.plan.createdAt, run);
  }
  return [...found.values()];
}

/** What a run of this plan will be counted with: on the embedded cluster it gets the versions that it asks for, and this machine's CPUs. */
export function expectedRun(plan: Plan): Repeatable {
  return { plan, environment: { versions: plan.versions, cpus: cpus().length }, judge: JUDGE_VERSION };
}

async function runsIn(folder: string): Promise<Awaited<ReturnType<typeof recordedRunsIn>>> {
  for (const table of [PROVE_JSON, FIRE_JSON]) {
    const isThere = await access(join(folder, table)).then(
      () => true,
      () => false,
    );
    if (isThere) return { runs: [], notJudged: [], others: [] };
  }
  try {
    return await recordedRunsIn(folder);
  } catch (error) {
    if (error instanceof RecordingError) return { runs: [], notJudged: [], others: [] };
    throw error;
  }
}
