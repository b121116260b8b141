/**
 * For the test of the package alone, as a process: prints what the zerodrop in the folder of the first argument, a checkout or a package, makes of the files it
 * finds there, as JSON: digests of the embedded cluster's parts, the scripts of load and page, the manifest of the load.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as page from "../../orchestrator/cli/page-assets.ts";
import type * as bundle from "../../orchestrator/load/bundle.ts";
import type * as job from "../../orchestrator/load/job.ts";
import type * as clients from "../../orchestrator/plan/clients.ts";
import type * as artefacts from "../../scripts/artefacts/artefact.ts";
import type * as list from "../../scripts/artefacts/list.ts";

const [, , folder = ""] = process.argv;

async function from(path: string): Promise<unknown> {
  return import(pathToFileURL(join(folder, path)).href);
}

const { digestOf } = (await from("scripts/artefacts/artefact.ts")) as typeof artefacts;
const { ARTEFACTS } = (await from("scripts/artefacts/list.ts")) as typeof list;
const { bundleScenario } = (await from("orchestrator/load/bundle.ts")) as typeof bundle;
const { pageAssets } = (await from("orchestrator/cli/page-assets.ts")) as typeof page;
const { CLIENT_KINDS } = (await from("orchestrator/plan/clients.ts")) as typeof clients;
const { readJobManifest } = (await from("orchestrator/load/job.ts")) as typeof job;

const digests: Record<string, string> = {};
for (const artefact of ARTEFACTS) {
  digests[artefact.name] = await digestOf(
    artefact,
    artefact.needs.map((name) => digests[name] ?? ""),
  );
}
const told = {
  digests,
  load: await bundleScenario(CLIENT_KINDS),
  page: await pageAssets(),
  job: await readJobManifest(),
};
process.stdout.write(JSON.stringify(told, null, 2));
