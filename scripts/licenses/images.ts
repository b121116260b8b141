import { join } from "node:path";
import { IMAGE_ARCHIVE } from "../artefacts/images.ts";
import { isImage, type Located } from "./built.ts";
import { DPKG_STATUS, installedPackages, type InstalledPackage } from "./debian.ts";
import { LayeredFiles, type LayerEntry } from "./layers.ts";
import { readImage, readLayers } from "./oci-archive.ts";
import { isWheelFile } from "./wheels.ts";

/** An image with a Debian file system in it. */
export interface DebianImage {
  readonly place: string;
  readonly files: LayeredFiles;
  readonly packages: readonly InstalledPackage[];
  /** Folders of the checkout that it is made from. */
  readonly inputs: readonly string[];
}

/** The image that has Debian in it; those on top of it need it. */
const BASE = "base";

function isWanted(path: string): boolean {
  return path === DPKG_STATUS || /^usr\/share\/doc\/[^/]+\/copyright$/.test(path) || isWheelFile(path);
}

/** The images with Debian in them, of those that are built. A layer that several have is read once. */
export async function debianImages(located: readonly Located[]): Promise<DebianImage[]> {
  const known = new Map<string, LayerEntry[]>();
  const images: DebianImage[] = [];
  for (const it of located) {
    const { artefact, dir } = it;
    if (dir === null || !isImage(it) || (artefact.name !== BASE && !artefact.needs.includes(BASE))) continue;
    const archive = join(dir, IMAGE_ARCHIVE);
    const { layers } = await readImage(archive);
    const unknown = layers.filter(({ digest }) => !known.has(digest));
    for (const [digest, entries] of await readLayers(archive, unknown, isWanted)) known.set(digest, entries);
    const files = new LayeredFiles(layers.map(({ digest }) => known.get(digest) ?? []));
    const packages = installedPackages((await files.text(DPKG_STATUS)) ?? "");
    images.push({ place: artefact.name, files, packages, inputs: artefact.inputs });
  }
  return images;
}
