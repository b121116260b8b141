import { posix } from "node:path";
import { isLicenceFile } from "./licence-files.ts";
import type { LayeredFiles } from "./layers.ts";
import type { Checksum, Part } from "./part.ts";
import { wheelMetadata } from "./wheel.ts";

/** Where pip installs to in the images, with Debian's Python; what Debian's own packages bring lies elsewhere. */
const INSTALLED = "usr/local/lib/";
const METADATA = /^(?<outer>.*\/dist-packages)\/(?<inner>.*\/)?(?<info>[^/]+\.dist-info)\/METADATA$/;

/** Whether a file of an image tells something of a wheel. */
export function isWheelFile(path: string): boolean {
  if (!path.startsWith(INSTALLED)) return false;
  const { dir, base } = posix.parse(path);
  return base === "METADATA" ? dir.endsWith(".dist-info") : /\.dist-info(?:\/|$)/.test(dir) && isLicenceFile(base);
}

/** The pinned hashes of a requirements.txt, by name and version as `pinKey` makes it. */
export function pinsOf(requirements: string): ReadonlyMap<string, readonly string[]> {
  const lines = requirements.replaceAll(/\\\n/g, " ").split("\n");
  return new Map(
    lines.flatMap((line) => {
      const pinned = /^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)/.exec(line.trim());
      if (pinned === null) return [];
      const hashes = [...line.matchAll(/--hash=(\S+)/g)].map(([, hash = ""]) => hash);
      return [[pinKey(pinned[1] ?? "", pinned[2] ?? ""), hashes]];
    }),
  );
}

/** Name and version, the name as PyPA's specification "Names and normalization" compares it. */
export function pinKey(name: string, version: string): string {
  return `${name.toLowerCase().replaceAll(/[-_.]+/g, "-")} ${version}`;
}

/** The wheels that are installed in an image, and those that lie inside another wheel. `place` is the image's name. */
export async function partsOfWheels(
  files: LayeredFiles,
  pins: ReturnType<typeof pinsOf>,
  place: string,
): Promise<Part[]> {
  const paths = files.paths().filter(isWheelFile);
  const parts: Part[] = [];
  for (const path of paths) {
    const found = METADATA.exec(path)?.groups;
    if (found === undefined) continue;
    const folder = posix.dirname(path);
    const licences = await Promise.all(
      paths
        // Beside METADATA, or in the folder that PEP 639 has for them; not those of what the wheel itself has taken in.
        .filter((it) => [folder, `${folder}/licenses`].includes(posix.dirname(it)) && isLicenceFile(posix.basename(it)))
        .map(async (it) => ({ name: posix.basename(it), text: (await files.text(it)) ?? "" })),
    );
    const metadata = wheelMetadata((await files.text(path)) ?? "", licences);
    if (metadata === undefined) continue;
    const outer = found["inner"]?.split("/")[0];
    parts.push({
      ...metadata,
      kind: "Python wheel",
      in: [outer === undefined ? place : `${place} (inside the wheel ${outer})`],
      checksum: outer === undefined ? checksumOf(pins.get(pinKey(metadata.name, metadata.version))) : inside(outer),
    });
  }
  return parts;
}

function checksumOf(hashes: readonly string[] | undefined): Checksum {
  return hashes === undefined || hashes.length === 0
    ? { value: null, of: "requirements.txt does not pin it" }
    : { value: hashes.join(" "), of: "the wheel, as requirements.txt pins it and pip checked it" };
}

function inside(outer: string): Checksum {
  return { value: null, of: `it comes inside the wheel ${outer}, whose checksum covers it` };
}
