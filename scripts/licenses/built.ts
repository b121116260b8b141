import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { digestOf, type Artefact } from "../artefacts/artefact.ts";
import { IMAGE_ARCHIVE } from "../artefacts/images.ts";

/** Where an artefact lies in the cache, and what it is made from. */
export interface Located {
  readonly artefact: Artefact;
  readonly inputs: string;
  /** Null where the cache does not have it as the checkout would make it now. */
  readonly dir: string | null;
  /** Names of its files, sorted. */
  readonly files: readonly string[];
}

/** Finds each artefact in a cache, as `buildAll` would, and builds none. */
export async function locate(artefacts: readonly Artefact[], cache: string): Promise<Located[]> {
  const located = new Map<string, Located>();
  for (const artefact of artefacts) {
    const inputs = await digestOf(
      artefact,
      artefact.needs.map((need) => located.get(need)?.inputs ?? ""),
    );
    const dir = join(cache, "artefacts", artefact.name, inputs);
    const files = await readdir(dir).catch(() => null);
    located.set(artefact.name, {
      artefact,
      inputs,
      dir: files === null ? null : dir,
      files: (files ?? []).filter((file) => !file.startsWith(".")).sort(),
    });
  }
  return [...located.values()];
}

/** Whether it is an image, and not a program or manifests. */
export function isImage({ files }: Located): boolean {
  return files.includes(IMAGE_ARCHIVE);
}

/** `sha256:` and the digest of a file. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest("hex")}`;
}
