import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseConfig } from "../plan/config.ts";
import { UsageError } from "../plan/errors.ts";
import { makePlan, strategyFor } from "../plan/make-plan.ts";
import { stepsOf, type Plan } from "../plan/plan.ts";
import { runIdFor } from "../plan/run-id.ts";
import { parseVersions } from "../plan/versions.ts";
import { requireApplication } from "../stage/preflight.ts";
import type { LoadCommand } from "./args.ts";
import { applicationOf, refuseOtherVersions } from "./embedded-request.ts";
import { checkOut, outDirectory } from "./out.ts";
import { reasonOf } from "./reason.ts";
import { loadScenario } from "./scenario-files.ts";
import type { Places } from "./started.ts";

/**
 * The plan of a load command and the folder its recording goes to. Reads the configuration file and versions.json,
 * checks the folder, that the cluster is of the versions asked for and that the application can be made as the scenario has it, creates nothing; rejects with a UsageError. `seed` is an integer, `outK6` the names of further k6 outputs.
 */
export async function planLoad(
  command: LoadCommand,
  from: Places & {
    readonly now: Date;
    readonly seed: number;
    readonly outK6?: readonly string[];
  },
): Promise<{ plan: Plan; out: string }> {
  const versionsFile = join(from.root, "versions.json");
  const versions = parseVersions(await readText(versionsFile, "versions.json"), "versions.json");
  const file = command.configFile;
  const text = file === undefined ? "" : await readText(resolve(from.cwd, file), `--config "${file}"`);
  const config = parseConfig(text, file ?? "defaults", Object.keys(versions));
  const scenario = await loadScenario(command.request.scenario ?? config.scenario, {
    root: from.root,
    what: command.request.scenario === undefined ? `${file ?? "defaults"}: scenario` : "--scenario",
  });
  const createdAt = from.now.toISOString();
  const request = { ...command.request, ...(from.outK6 === undefined ? {} : { outK6: from.outK6 }) };
  const asked = { request, config, scenario };
  const { name } = strategyFor(asked);
  const runId = runIdFor(from.now, scenario.name === "upgrade" ? name : `${scenario.name}-${name}`);
  const plan = makePlan({ ...asked, versions, runId, createdAt, seed: from.seed });
  refuseOtherVersions(plan);
  const out = outDirectory(command.out, { home: from.home, cwd: from.cwd, runId });
  await requireApplication(applicationOf(plan), stepsOf(plan));
  await checkOut(out);
  return { plan, out };
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`${what} must be a file that can be read; received ${reasonOf(error)} for "${path}".`);
  }
}

/** The plan of a single run, as `npm run load` makes it of a request and a configuration with no other flag. Creates nothing; rejects with a UsageError. */
export function planRun(
  asked: Pick<LoadCommand, "request" | "configFile" | "out">,
  from: Places & { readonly now: Date },
): ReturnType<typeof planLoad> {
  const command: LoadCommand = {
    ...asked,
    command: "load",
    json: false,
    keep: false,
    dryRun: false,
    acceptKnown: false,
    outK6: [],
    repeat: undefined,
    resume: false,
  };
  return planLoad(command, { ...from, seed: seedOf(from.now) });
}

/** A plan's seed, by the moment at which it is made. */
export function seedOf(now: Date): number {
  return now.getTime() % 2 ** 31;
}
