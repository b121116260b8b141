import { licenceOfCopyright } from "./debian-copyright.ts";
import { field, paragraphsOf } from "./fields.ts";
import type { Files } from "./files.ts";
import { unknownLicence, type Checksum, type Part } from "./part.ts";

/** A package as dpkg's status has it. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** dpkg's account of what is installed, from the root of a file system. */
export const DPKG_STATUS = "var/lib/dpkg/status";

/** The packages that a status file has as installed. */
export function installedPackages(status: string): InstalledPackage[] {
  return paragraphsOf(status).flatMap((fields) => {
    const [name, version] = [field(fields, "package"), field(fields, "version")];
    if (name === undefined || version === undefined) return [];
    if (field(fields, "status") !== "install ok installed") return [];
    return { name, version, architecture: field(fields, "architecture") ?? "" };
  });
}

/** Debian's own index of packages: the SHA-256 of each .deb, by the key of `packageKey`. */
export type PackageIndex = ReadonlyMap<string, string>;

/** What tells a .deb from any other of the archive. */
export function packageKey({ name, version, architecture }: InstalledPackage): string {
  return `${name} ${version} ${architecture}`;
}

/** The index in what `apt-cache show` prints. A package that is installed and in no index has no SHA-256 there. */
export function packageIndex(shown: string): PackageIndex {
  return new Map(
    paragraphsOf(shown).flatMap((fields) => {
      const [name, version] = [field(fields, "package"), field(fields, "version")];
      const sha256 = field(fields, "sha256");
      if (name === undefined || version === undefined || sha256 === undefined) return [];
      return [[packageKey({ name, version, architecture: field(fields, "architecture") ?? "" }), sha256]];
    }),
  );
}

/** The packages as parts, with what the files of the same file system tell of their licences. */
export async function partsOfPackages(
  packages: readonly InstalledPackage[],
  files: Files,
  index: PackageIndex,
  place: string,
): Promise<Part[]> {
  return Promise.all(
    packages.map(async (it): Promise<Part> => {
      const copyright = await files.text(`usr/share/doc/${it.name}/copyright`);
      return {
        name: it.name,
        version: it.version,
        kind: "Debian package",
        in: [place],
        checksum: checksumOf(index.get(packageKey(it))),
        licence:
          copyright === undefined
            ? unknownLicence("not stated: it has no copyright file in /usr/share/doc")
            : licenceOfCopyright(copyright),
      };
    }),
  );
}

function checksumOf(sha256: string | undefined): Checksum {
  return sha256 === undefined
    ? { value: null, of: "Debian's index on this machine does not have this version (apt-get update renews it)" }
    : { value: `sha256:${sha256}`, of: "the .deb of this version, from Debian's index on this machine" };
}
