/** Where a part comes from, by the kind of thing it is there. */
export const KINDS = ["Go module", "Python wheel", "Debian package", "npm package", "toolchain"] as const;
export type Kind = (typeof KINDS)[number];

/** A part's licence, as far as the part itself tells. */
export interface Licence {
  /** An SPDX expression; null where the part says nothing, or nothing that is recognised. */
  readonly spdx: string | null;
  /** Where in the part it stands and how it was recognised; with `spdx` null, why nothing is known. */
  readonly told: string;
  /** What some of the part's files are under beside it, as SPDX expressions: Debian tells it file by file. */
  readonly further: readonly string[];
  /** There is more to it than `spdx` says: where it was read from has much other text that is not recognised. */
  readonly incomplete: boolean;
}

/** A licence that is not known, and why. */
export function unknownLicence(told: string): Licence {
  return { spdx: null, told, further: [], incomplete: false };
}

/** A licence that is said in so many words. */
export function statedLicence(spdx: string, told: string): Licence {
  return { spdx, told, further: [], incomplete: false };
}

/** A digest by which a part can be told from any other, or why there is none. */
export interface Checksum {
  /** With the name of its kind before it: h1, sha256, sha512. Null where there is none. */
  readonly value: string | null;
  /** Who says it and of what; with `value` null, why there is none. */
  readonly of: string;
}

/** Something that somebody else made and that zerodrop runs, builds in or builds with. */
export interface Part {
  readonly name: string;
  readonly version: string;
  readonly kind: Kind;
  /** The artefacts of the embedded cluster that it is in, `node` for the machine that runs them, `runner` for the runner itself. Sorted. */
  readonly in: readonly string[];
  readonly checksum: Checksum;
  readonly licence: Licence;
}

/** A file of an artefact, as it lies in the cache. */
export interface BuiltFile {
  readonly name: string;
  /** Of an image its manifest's digest, of anything else the file's own. */
  readonly digest: string;
}

/** One of the artefacts that scripts/artefacts/list.ts builds. */
export interface ArtefactState {
  readonly name: string;
  /** Digest of what it is made from, by which the cache keeps it. */
  readonly inputs: string;
  /** The image's reference, where it is one. */
  readonly image: string | null;
  /** Null where it is not built on this machine from what the checkout has now. */
  readonly files: readonly BuiltFile[] | null;
}

/** Everything that is told. */
export interface Inventory {
  readonly artefacts: readonly ArtefactState[];
  readonly parts: readonly Part[];
  /** What is not told, and why; whole sentences. */
  readonly notes: readonly string[];
}

/** The one part for several that differ only in where they are found. Sorted by kind, name and version. */
export function mergedParts(parts: readonly Part[]): Part[] {
  const merged = new Map<string, Part>();
  for (const part of parts) {
    const key = JSON.stringify([part.kind, part.name, part.version, part.checksum.value]);
    const before = merged.get(key);
    const places = new Set([...(before?.in ?? []), ...part.in]);
    merged.set(key, { ...(before ?? part), in: [...places].sort() });
  }
  return [...merged.values()].sort(
    (one, other) =>
      KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) ||
      compare(one.name.toLowerCase(), other.name.toLowerCase()) ||
      compare(one.version, other.version),
  );
}

/** By code units: the same order wherever it runs. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
