import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isLicenceFile, licenceOfFiles } from "./licence-files.ts";
import { textAt } from "./files.ts";
import { unknownLicence, type Checksum, type Licence, type Part } from "./part.ts";

const moduleSchema = z.object({
  Path: z.string(),
  Version: z.string().optional(),
  Sum: z.string().optional(),
  Replace: z.object({ Path: z.string(), Version: z.string().optional(), Sum: z.string().optional() }).optional(),
});

/** What `go version -m -json` prints of a program (runtime/debug.BuildInfo). */
export const buildInfoSchema = z.object({
  GoVersion: z.string(),
  Main: moduleSchema.optional(),
  Deps: z.array(moduleSchema).default([]),
});
export type BuildInfo = z.infer<typeof buildInfoSchema>;

/** A module that a program is built of. */
export interface BuiltModule {
  readonly name: string;
  readonly version: string;
  readonly checksum: Checksum;
  /** Path and version by which the module cache has it. */
  readonly source: { readonly path: string; readonly version: string };
}

/** Modules of this checkout: its own code, and those that only pin what is built. */
const OWN = "zerodrop.dev/";
/** What a module has as its version that was built from a folder. */
const FROM_FOLDER = "(devel)";

/**
 * The modules of other people in a program, as the program itself says. A module that was replaced by another of the module cache is that one; one that was replaced by a
 * folder is a changed copy, which no checksum of its own version fits.
 */
export function modulesOf({ Main, Deps }: BuildInfo): BuiltModule[] {
  return [...(Main === undefined ? [] : [Main]), ...Deps].flatMap(({ Path, Version = "", Sum, Replace }) => {
    if (Path.startsWith(OWN) || Version === FROM_FOLDER) return [];
    if (Replace === undefined || (Replace.Version ?? FROM_FOLDER) !== FROM_FOLDER) {
      const used = Replace ?? { Path, Version, Sum };
      const version = used.Version ?? "";
      return {
        name: used.Path,
        version,
        checksum: checksumOf(used.Sum),
        source: { path: used.Path, version },
      };
    }
    return {
      name: Path,
      version: Version,
      checksum: { value: null, of: "a copy that this checkout changes before it is built" },
      source: { path: Path, version: Version },
    };
  });
}

function checksumOf(sum: string | undefined): Checksum {
  return sum === undefined || sum === ""
    ? { value: null, of: "the program has none of it" }
    : { value: sum, of: "go.sum's hash of the module, from the program" };
}

/** Folder of a module below the module cache (golang.org/x/mod/module, EscapePath: a capital letter becomes ! and the small one). */
export function moduleFolderName(path: string, version: string): string {
  const escaped = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
  return `${escaped(path)}@${escaped(version)}`;
}

/** The licence that the files at the root of a folder tell, as that of a module in the module cache or of Go itself. */
export async function licenceOfFolder(folder: string, missing: string): Promise<Licence> {
  const names = await readdir(folder).catch(() => null);
  if (names === null) return unknownLicence(`not stated: ${missing}`);
  const texts = await Promise.all(
    names
      .filter(isLicenceFile)
      .sort()
      .map(async (name) => ({ name, text: await textAt(join(folder, name)).catch(() => undefined) })),
  );
  return licenceOfFiles(texts.flatMap(({ name, text }) => (text === undefined ? [] : [{ name, text }])));
}

/** Where Go keeps things on this machine, as `go env -json` says. */
export const goEnvironmentSchema = z.object({ GOROOT: z.string(), GOMODCACHE: z.string(), GOVERSION: z.string() });
export type GoEnvironment = z.infer<typeof goEnvironmentSchema>;

/** The parts in a program: its modules, and Go's standard library. `place` is the program's name. */
export async function partsOfProgram(info: BuildInfo, place: string, go: GoEnvironment): Promise<Part[]> {
  const modules = modulesOf(info).map(async ({ source, ...module }): Promise<Part> => {
    const folder = join(go.GOMODCACHE, moduleFolderName(source.path, source.version));
    const licence = await licenceOfFolder(folder, "Go's module cache no longer has it (go mod download fetches it)");
    return { ...module, kind: "Go module", in: [place], licence };
  });
  return [...(await Promise.all(modules)), await standardLibrary(info.GoVersion, place, go)];
}

async function standardLibrary(goVersion: string, place: string, go: GoEnvironment): Promise<Part> {
  return {
    name: "Go's standard library",
    version: goVersion.replace(/^go/, ""),
    kind: "toolchain",
    in: [place],
    checksum: { value: null, of: "the Go of this machine, which zerodrop does not download" },
    licence:
      goVersion === go.GOVERSION
        ? await licenceOfFolder(go.GOROOT, "Go's own folder is not there")
        : unknownLicence(`not stated: built by ${goVersion}, and this machine has ${go.GOVERSION} now`),
  };
}
