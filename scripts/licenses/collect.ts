import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { NODE_PACKAGES } from "../../orchestrator/target/embedded/packages.ts";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import { IMAGE_ARCHIVE } from "../artefacts/images.ts";
import type { Artefact } from "../artefacts/artefact.ts";
import { fileDigest, isImage, locate, type Located } from "./built.ts";
import { DPKG_STATUS, installedPackages, packageIndex, partsOfPackages, type InstalledPackage } from "./debian.ts";
import { MACHINE, textAt, type Files } from "./files.ts";
import {
  buildInfoSchema,
  goEnvironmentSchema,
  partsOfProgram,
  type BuildInfo,
  type GoEnvironment,
} from "./go-modules.ts";
import { debianImages, type DebianImage } from "./images.ts";
import { lockSchema, partsOfNpm } from "./npm.ts";
import { readImage } from "./oci-archive.ts";
import { outputOf } from "./output-of.ts";
import { mergedParts, type ArtefactState, type Inventory, type Part } from "./part.ts";
import { partsOfWheels, pinsOf } from "./wheels.ts";

export interface CollectOptions {
  readonly artefacts: readonly Artefact[];
  /** The folder of what is built; it is read only. */
  readonly cache: string;
  /** Root of the checkout, whose node_modules the runner uses. */
  readonly checkout: string;
}

interface Told {
  readonly parts: readonly Part[];
  readonly notes: readonly string[];
}

const BUILD = "npm run cluster -- up";

/**
 * Everything that the embedded cluster and the runner are made of, as far as it is on this machine. Builds, installs and downloads nothing, and asks nothing of
 * the network: it reads the cache, Go's module cache, dpkg's account, Debian's index and node_modules.
 *
 * @throws SetUpError where programs are built and there is no Go to read them with.
 */
export async function collect({ artefacts, cache, checkout }: CollectOptions): Promise<Inventory> {
  const located = await locate(artefacts, cache);
  const images = await debianImages(located);
  const told: Told[] = [
    notBuilt(located),
    await ofPrograms(located),
    await ofWheels(images, checkout),
    await ofPackages(images),
    await ofNpm(checkout),
  ];
  return {
    artefacts: await Promise.all(located.map(stateOf)),
    parts: mergedParts(told.flatMap(({ parts }) => parts)),
    notes: told.flatMap(({ notes }) => notes),
  };
}

function notBuilt(located: readonly Located[]): Told {
  const names = located.filter(({ dir }) => dir === null).map(({ artefact }) => artefact.name);
  if (names.length === 0) return { parts: [], notes: [] };
  const which =
    names.length === located.length
      ? "Nothing of the embedded cluster is"
      : `${names.join(", ")} ${names.length === 1 ? "is" : "are"} not`;
  return {
    parts: [],
    notes: [
      `${which} built on this machine from what the checkout has now, so that what is in it is not told: ${BUILD} builds it.`,
    ],
  };
}

async function stateOf(it: Located): Promise<ArtefactState> {
  const { artefact, inputs, dir } = it;
  const image = artefact.parameters["image"] ?? null;
  if (dir === null) return { name: artefact.name, inputs, image, files: null };
  const files = isImage(it)
    ? [{ name: IMAGE_ARCHIVE, digest: (await readImage(join(dir, IMAGE_ARCHIVE))).digest }]
    : await Promise.all(it.files.map(async (name) => ({ name, digest: await fileDigest(join(dir, name)) })));
  return { name: artefact.name, inputs, image, files };
}

/** Of an artefact of the Go lane: manifests are no programs. */
function programsOf({ artefact, dir, files }: Located): { place: string; path: string }[] {
  if (dir === null || artefact.lane !== "go") return [];
  const programs = files.filter((name) => !name.includes("."));
  return programs.map((name) => ({
    place: programs.length === 1 ? artefact.name : `${artefact.name}/${name}`,
    path: join(dir, name),
  }));
}

async function ofPrograms(located: readonly Located[]): Promise<Told> {
  const programs = located.flatMap(programsOf);
  if (programs.length === 0) return { parts: [], notes: [] };
  const go = await goEnvironment();
  const parts: Part[] = [];
  for (const { place, path } of programs) {
    parts.push(...(await partsOfProgram(await buildInfoOf(path), place, go)));
  }
  return { parts, notes: [] };
}

async function buildInfoOf(path: string): Promise<BuildInfo> {
  const text = (await outputOf("go", ["version", "-m", "-json", path])) ?? "";
  if (text.trim() === "") {
    throw new SetUpError(
      `The file ${path} must be a Go program that says what it is built of, and go version -m printed nothing; remove the folder that it is in, and ${BUILD} builds it again.`,
    );
  }
  return buildInfoSchema.parse(JSON.parse(text));
}

async function goEnvironment(): Promise<GoEnvironment> {
  const text = await outputOf("go", ["env", "-json", "GOROOT", "GOMODCACHE", "GOVERSION"]);
  if (text === undefined) {
    throw new SetUpError(
      "Go is needed to read what the built programs are made of, and was not found on the PATH; npm run cluster -- check says what else the machine lacks.",
    );
  }
  return goEnvironmentSchema.parse(JSON.parse(text));
}

async function ofWheels(images: readonly DebianImage[], checkout: string): Promise<Told> {
  const parts: Part[] = [];
  for (const { files, place, inputs } of images) {
    const requirements = await Promise.all(inputs.map((input) => textAt(join(checkout, input, "requirements.txt"))));
    parts.push(...(await partsOfWheels(files, pinsOf(requirements.map((text) => text ?? "").join("\n")), place)));
  }
  return { parts, notes: [] };
}

/** Debian's packages on this machine that the node is made of, and all of those in images. */
async function ofPackages(images: readonly DebianImage[]): Promise<Told> {
  const status = await MACHINE.text(DPKG_STATUS);
  const installed = installedPackages(status ?? "");
  const wanted = Object.keys(NODE_PACKAGES);
  const own = installed.filter(({ name }) => wanted.includes(name));
  const missing = wanted.filter((name) => !own.some((it) => it.name === name));
  const places: { place: string; files: Files; packages: readonly InstalledPackage[] }[] = [
    { place: "machine", files: MACHINE, packages: own },
    ...images,
  ];
  const names = [...new Set(places.flatMap(({ packages }) => packages.map(({ name }) => name)))].sort();
  const shown = names.length === 0 ? "" : await outputOf("apt-cache", ["show", ...names]);
  const index = packageIndex(shown ?? "");
  const parts = await Promise.all(
    places.map(({ packages, files, place }) => partsOfPackages(packages, files, index, place)),
  );
  return {
    parts: parts.flat(),
    notes:
      missing.length === 0
        ? []
        : [`${missing.join(", ")}: not installed on this machine as Debian packages; ${BUILD} installs them.`],
  };
}

async function ofNpm(checkout: string): Promise<Told> {
  const lock = lockSchema.parse(JSON.parse(await readFile(join(checkout, "package-lock.json"), "utf8")));
  const { parts, missing, leftOut } = await partsOfNpm(lock, { text: (path) => textAt(join(checkout, path)) });
  return {
    parts,
    notes: [
      ...(missing.length === 0
        ? []
        : [`${missing.join(", ")}: in package-lock.json, and not installed; npm ci installs what the runner uses.`]),
      `Not listed: ${leftOut.development} npm packages that only building and testing zerodrop needs, and ${leftOut.optional} optional ones for other systems.`,
    ],
  };
}
