import { join } from "node:path";
import { buildAll, type Artefact, type BuildProgress } from "../../scripts/artefacts/artefact.ts";
import { IMAGE_ARCHIVE } from "../../scripts/artefacts/images.ts";
import { ARTEFACTS, CONTEXT_ARTEFACTS, CONTEXT_MANIFESTS, withNeeds } from "../../scripts/artefacts/list.ts";
import { takeLock } from "../../scripts/artefacts/lock.ts";
import { layoutOf } from "./embedded/layout.ts";

/** The same artefact that the embedded cluster's load runs in. */
const LOAD_IMAGE = "image-load";
/** Longest time that another build is waited for. */
const LOCK_TIMEOUT_MS = 45 * 60_000;

interface Building {
  readonly progress: BuildProgress;
  readonly signal: AbortSignal;
}

/** The load's image as an OCI archive, built where it is missing. Rejects like `builtFolder`; `holder` says who builds. */
export async function loadImageArchive(holder: string, building: Building): Promise<string> {
  return join(await builtFolder(LOAD_IMAGE, ARTEFACTS, { holder, ...building }), IMAGE_ARCHIVE);
}

/** The folder of the platform's manifests for clusters that are not the embedded one, rendered where they are missing. Rejects like `builtFolder`. */
export function platformManifests(holder: string, building: Building): Promise<string> {
  return builtFolder(CONTEXT_MANIFESTS, CONTEXT_ARTEFACTS, { holder, ...building });
}

/**
 * The folder of one artefact, built with what it needs where that is missing, and with nothing of the cluster. Rejects with a SetUpError where that
 * fails, and with the signal's reason when that aborts.
 */
async function builtFolder(
  name: string,
  list: readonly Artefact[],
  { holder, ...building }: Building & { readonly holder: string },
): Promise<string> {
  const { lock, cache } = layoutOf();
  await using _lock = await takeLock(lock, { holder, timeoutMs: LOCK_TIMEOUT_MS, signal: building.signal });
  const built = await buildAll(withNeeds(name, list), { cache, ...building });
  const folder = built.get(name)?.dir;
  if (folder === undefined) throw new Error(`${name} is no artefact any more.`);
  return folder;
}
