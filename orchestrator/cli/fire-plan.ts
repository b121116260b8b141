import { cpus, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import type { Plan } from "../plan/plan.ts";
import type { MatrixEnvironment } from "../report/matrix/matrix.ts";
import { planRun } from "./request.ts";
import type { Places } from "./started.ts";

/** The configuration of every run: more than one move of traffic, and over soonest. */
const CONFIG = fileURLToPath(new URL("../prove/fire/run.yaml", import.meta.url));
const GIB = 1024 ** 3;

/** Arguments of `npm run load` for the runs, but for the folder. */
export const FIRE_ARGUMENTS: readonly string[] = ["--config", CONFIG];

/** The plan that they all have, but for id and time. Creates nothing; rejects with a UsageError. */
export async function planFire(
  from: Places & {
    readonly now: Date;
    /** A folder that could be the first run's. */
    readonly out: string;
  },
): Promise<Plan> {
  const { plan } = await planRun({ request: {}, configFile: CONFIG, out: from.out }, from);
  return plan;
}

/** This machine, with the versions that the plan asks for, which are what the embedded cluster is built from. */
export function fireEnvironment({ versions }: Plan): MatrixEnvironment {
  return {
    versions: { ...versions },
    cpus: cpus().length,
    memoryGiB: Math.round(totalmem() / GIB),
    kernel: release(),
    os: null,
  };
}
