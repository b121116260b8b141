import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import { loadImageArchive } from "../../orchestrator/target/built.ts";
import type { BuildProgress } from "../artefacts/artefact.ts";
import { IMAGES } from "../artefacts/list.ts";
import { versions } from "../artefacts/versions.ts";
import { readImage } from "../licenses/oci-archive.ts";

/** An image, as a file. */
export interface Archive {
  /** Its name in the archive. */
  readonly image: string;
  readonly path: string;
  /** Of its manifest, with sha256: before it. */
  readonly digest: string;
}

/**
 * The load's image as an OCI archive, built where it is missing. Rejects with a SetUpError where that fails, and with the signal's reason
 * when that aborts.
 */
export async function loadArchive(options: {
  readonly progress: BuildProgress;
  readonly signal: AbortSignal;
}): Promise<Archive> {
  const path = await loadImageArchive("images", options);
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
