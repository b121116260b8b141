import { posix } from "node:path";
import { z } from "zod";
import type { Files } from "./files.ts";
import { licenceOfFiles } from "./licence-files.ts";
import { statedLicence, type Checksum, type Licence, type Part } from "./part.ts";
import { spdxOfName } from "./short-names.ts";
import { isSpdxExpression } from "./spdx.ts";

const lockedSchema = z.object({
  version: z.string().optional(),
  integrity: z.string().optional(),
  dev: z.boolean().default(false),
  devOptional: z.boolean().default(false),
  optional: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
});
/** package-lock.json, version 3: packages by the folder that each is installed in; "" is the project itself. */
export const lockSchema = z.object({ packages: z.record(z.string(), lockedSchema) });
export type Lock = z.infer<typeof lockSchema>;

const manifestSchema = z.object({
  license: z.union([z.string(), z.object({ type: z.string() })]).optional(),
  licenses: z.array(z.object({ type: z.string() })).optional(),
});

/** What `npm ci` leaves out on purpose. */
export interface LeftOut {
  /** Packages that only building and testing zerodrop needs. */
  readonly development: number;
  /** Optional ones that are not installed here: those for other systems. */
  readonly optional: number;
}

const PINNED = "the package, as package-lock.json pins it and npm checked it";
/** Where npm itself keeps what it knows of a package that another's install script added; package-lock.json knows nothing of it. */
const HIDDEN_LOCK = "node_modules/.package-lock.json";
const NOTED = "the package, as npm noted it here when an install script fetched it; package-lock.json does not pin it";

/**
 * The npm packages that the runner itself uses, by a lock file and what is installed beside it. Those that an install script added are told too.
 *
 * @param files From the folder of the lock file.
 */
export async function partsOfNpm(
  lock: Lock,
  files: Files,
): Promise<{ parts: Part[]; leftOut: LeftOut; missing: string[] }> {
  const parts: Part[] = [];
  const missing: string[] = [];
  const leftOut = { development: 0, optional: 0 };
  for (const [folder, locked] of Object.entries(lock.packages)) {
    if (folder === "") continue;
    if (locked.dev) {
      leftOut.development += 1;
      continue;
    }
    const manifest = await files.text(`${folder}/package.json`);
    if (manifest === undefined) {
      if (locked.optional || locked.devOptional) leftOut.optional += 1;
      else missing.push(nameOf(folder));
      continue;
    }
    parts.push(await partOf(folder, manifest, locked, files, PINNED));
    if (locked.hasInstallScript) parts.push(...(await addedBy(folder, lock, files)));
  }
  return { parts, leftOut, missing };
}

async function addedBy(folder: string, lock: Lock, files: Files): Promise<Part[]> {
  const text = await files.text(`${folder}/${HIDDEN_LOCK}`);
  if (text === undefined) return [];
  const hidden = lockSchema.parse(JSON.parse(text));
  const parts: Part[] = [];
  for (const [inner, locked] of Object.entries(hidden.packages)) {
    const place = `${folder}/${inner}`;
    const known = lock.packages[place] ?? lock.packages[`node_modules/${nameOf(inner)}`];
    const manifest = await files.text(`${place}/package.json`);
    if (manifest === undefined || (known !== undefined && known.integrity === locked.integrity)) continue;
    parts.push(await partOf(place, manifest, locked, files, NOTED));
  }
  return parts;
}

async function partOf(
  folder: string,
  manifest: string,
  locked: Lock["packages"][string],
  files: Files,
  of: string,
): Promise<Part> {
  return {
    name: nameOf(folder),
    version: locked.version ?? "",
    kind: "npm package",
    in: ["runner"],
    checksum: checksumOf(locked.integrity, of),
    licence: await licenceOf(folder, manifest, files),
  };
}

/** An integrity (W3C Subresource Integrity) as the other checksums are written: its algorithm, a colon, the digest. */
function checksumOf(integrity: string | undefined, of: string): Checksum {
  return integrity === undefined
    ? { value: null, of: "package-lock.json has no integrity of it" }
    : { value: integrity.replace("-", ":"), of };
}

/** The name of the package that is installed in a folder: what follows the last node_modules. */
function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
}

async function licenceOf(folder: string, text: string, files: Files): Promise<Licence> {
  const { license, licenses } = manifestSchema.parse(JSON.parse(text));
  const stated =
    typeof license === "string"
      ? [license]
      : (license === undefined ? (licenses ?? []) : [license]).map(({ type }) => type);
  const ids = stated.map((it) => (isSpdxExpression(it) ? it : spdxOfName(it)));
  if (ids.length > 0 && ids.every((id) => id !== undefined)) {
    // Several in the old form: the user's choice (npm's documentation of package.json, "license").
    return statedLicence(ids.join(" OR "), "package.json: license");
  }
  const names = ["LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "COPYING"];
  const found = await Promise.all(
    names.map(async (name) => ({ name, text: await files.text(posix.join(folder, name)) })),
  );
  const licence = licenceOfFiles(
    found.flatMap((it) => (it.text === undefined ? [] : [{ name: it.name, text: it.text }])),
  );
  const says = stated.length === 0 ? "package.json has no license" : `package.json says "${stated.join('", "')}"`;
  return { ...licence, told: `${licence.told}; ${says}` };
}
