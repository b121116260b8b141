import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import { layoutOf } from "../../orchestrator/target/embedded/layout.ts";
import { buildAll, type Artefact, type BuildProgress } from "../artefacts/artefact.ts";
import { IMAGE_ARCHIVE } from "../artefacts/images.ts";
import { ARTEFACTS, IMAGES } from "../artefacts/list.ts";
import { takeLock } from "../artefacts/lock.ts";
import { versions } from "../artefacts/versions.ts";
import { readImage } from "../licenses/oci-archive.ts";

/** The same artefact that the embedded cluster's load runs in. */
const ARTEFACT = "image-load";
/** Longest time that another build is waited for. */
const LOCK_TIMEOUT_MS = 45 * 60_000;

/** An image, as a file. */
export interface Archive {
  /** Its name in the archive. */
  readonly image: string;
  readonly path: string;
  /** Of its manifest, with sha256: before it. */
  readonly digest: string;
}

/** An artefact and everything that it needs, in the order of the list. */
export function withNeeds(name: string, list: readonly Artefact[] = ARTEFACTS): Artefact[] {
  const names = new Set<string>();
  const add = (wanted: string): void => {
    names.add(wanted);
    list.find((artefact) => artefact.name === wanted)?.needs.forEach(add);
  };
  add(name);
  return list.filter((artefact) => names.has(artefact.name));
}

/**
 * The load's image as an OCI archive, built where it is missing. Rejects with a SetUpError where that fails, and with the signal's reason
 * when that aborts.
 */
export async function loadArchive(options: {
  readonly progress: BuildProgress;
  readonly signal: AbortSignal;
}): Promise<Archive> {
  const layout = layoutOf();
  const { signal } = options;
  await using _lock = await takeLock(layout.lock, { holder: "images", timeoutMs: LOCK_TIMEOUT_MS, signal });
  const built = await buildAll(withNeeds(ARTEFACT), { cache: layout.cache, ...options });
  const folder = built.get(ARTEFACT)?.dir;
  if (folder === undefined) throw new Error(`${ARTEFACT} is no artefact any more.`);
  const path = join(folder, IMAGE_ARCHIVE);
  const { digest } = await readImage(path);
  return { image: IMAGES.load, path, digest };
}

/** A copy of the archive in `folder`, which is made where it is missing. Rejects with a SetUpError where it cannot be written. */
export async function copyOf(archive: Archive, folder: string): Promise<Archive> {
  const path = join(folder, `zerodrop-k6-${versions.k6}.tar`);
  try {
    await mkdir(folder, { recursive: true });
    await copyFile(archive.path, path);
  } catch (error) {
    throw new SetUpError(`The archive could not be copied to ${path}: ${String(error)}.`, { cause: error });
  }
  return { ...archive, path };
}

/** What is printed of it: facts, and the command by which a registry gets it. */
export function archiveText({ image, path, digest }: Archive): string {
  return `image    ${image}
archive  ${path}
digest   ${digest}
push     skopeo copy --preserve-digests oci-archive:${path} docker://REGISTRY/zerodrop-k6:${versions.k6}
`;
}
