import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../plan/errors.ts";
import { nearestIs } from "../plan/nearest.ts";
import { parseScenario, type Scenario } from "../plan/scenario.ts";
import { reasonOf } from "./reason.ts";
import { typed } from "./started.ts";

/** Where scenarios lie in a checkout: one file each, by its name, with the manifests it needs beside it. */
export const SCENARIOS = "scenarios";

const RECORD = ".yaml";
/** Files beside the records that are none: manifests and serve configs. */
const BESIDE = /\.(manifests|serve-config)\.yaml$/;

/** The names of all scenarios, sorted. */
export async function scenarioNames(root: string): Promise<string[]> {
  const files = await readdir(join(root, SCENARIOS), { withFileTypes: true });
  return files
    .filter((file) => file.isFile() && file.name.endsWith(RECORD) && !BESIDE.test(file.name))
    .map(({ name }) => name.slice(0, -RECORD.length))
    .sort();
}

/**
 * The scenario of that name, with the files it names read into it. `what` says where the name came from and begins the UsageError's sentence
 * when there is none of that name; a record that is wrong is a UsageError too.
 */
export async function loadScenario(name: string, from: { root: string; what: string }): Promise<Scenario> {
  const names = await scenarioNames(from.root);
  if (!names.includes(name)) {
    throw new UsageError(
      `${from.what} must be a scenario (${typed("matrix --list")} names them all); received "${name}", ${nearestIs(name, names)}.`,
    );
  }
  const folder = join(from.root, SCENARIOS);
  const scenario = parseScenario(await readFile(join(folder, name + RECORD), "utf8"), name);
  const { application } = scenario;
  if (application === undefined) return scenario;
  const beside = async (file: string): Promise<string> => {
    if (!BESIDE.test(file) || file.includes("/")) {
      throw new UsageError(
        `Scenario ${name}: a file beside it must be named *.manifests.yaml or *.serve-config.yaml; received "${file}".`,
      );
    }
    return readFile(join(folder, file), "utf8").catch((error: unknown) => {
      throw new UsageError(`Scenario ${name} needs the file "${file}" beside it; received ${reasonOf(error)}.`);
    });
  };
  const { serveConfig, manifests } = application;
  return {
    ...scenario,
    application: {
      ...application,
      ...(serveConfig === undefined ? {} : { serveConfig: await beside(serveConfig) }),
      ...(manifests === undefined ? {} : { manifests: await beside(manifests) }),
    },
  };
}
