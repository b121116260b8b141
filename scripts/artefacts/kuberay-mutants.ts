import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Artefact } from "./artefact.ts";
import { CHECKOUT } from "./cache.ts";
import { GO_ENVIRONMENT, goBuild } from "./go.ts";
import { moduleFolder } from "./platform.ts";
import { editedSource, parseMutant, type Mutant } from "./source-edits.ts";

const MODULE = "github.com/ray-project/kuberay/ray-operator";
/** The real operator's module of the checkout, which pins everything that this one is built of too. */
const REAL = "scripts/go/kuberay";
const FOLDER = "scripts/artefacts/mutants";
const RECORD = ".yaml";

/** Environment variable of the operator's container that names the mutant it is. Without it it is the operator as upstream has it. */
export const MUTANT_VARIABLE = "ZERODROP_MUTANT";

/** The names of all mutants, sorted. */
export async function mutantNames(): Promise<string[]> {
  const files = await readdir(join(CHECKOUT, FOLDER));
  return files
    .filter((file) => file.endsWith(RECORD))
    .map((file) => file.slice(0, -RECORD.length))
    .sort();
}

/** Every mutant, by name. */
export async function readMutants(): Promise<Mutant[]> {
  const names = await mutantNames();
  return Promise.all(
    names.map(async (name) => parseMutant(await readFile(join(CHECKOUT, FOLDER, name + RECORD), "utf8"), name)),
  );
}

/** What the edits call: in the package that they are made in, by a name that nothing there has. */
export function mutantSource(names: readonly string[]): string {
  return `package ray

import (
	"os"
	"sync"
)

var zerodropMutant = func() string {
	switch name := os.Getenv("${MUTANT_VARIABLE}"); name {
	case ${["", ...names].map((name) => JSON.stringify(name)).join(", ")}:
		return name
	default:
		// Anything else would be the real operator under another's name.
		panic("${MUTANT_VARIABLE} must name a mutant; received " + name)
	}
}()

// mutant says whether the operator is to misbehave in the way of that name.
func mutant(name string) bool {
	return zerodropMutant == name
}

var zerodropDone sync.Map

// mutantOnce is true for the first call with a key.
func mutantOnce(key string) bool {
	_, before := zerodropDone.LoadOrStore(key, true)
	return !before
}
`;
}

/**
 * Makes a copy of the operator's source, in which every mutant is present, and beside it a module that builds it in place of the original with the same
 * versions of everything else. A copy, as Go replaces no files in its module cache (`go help build`, -overlay).
 *
 * @param folder Empty; the module's go.mod is in it afterwards.
 */
export async function writeMutatedModule(folder: string): Promise<void> {
  const mutants = await readMutants();
  const original = await moduleFolder(REAL, MODULE);
  const copy = join(folder, "ray-operator");
  await cp(original, copy, { recursive: true });
  // The module cache cannot be written to, and nor can a copy of it.
  for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
  await chmod(copy, 0o755);
  for (const file of new Set(mutants.flatMap(({ edits }) => edits.map((edit) => edit.file)))) {
    await writeFile(join(copy, file), editedSource(await readFile(join(original, file), "utf8"), file, mutants));
  }
  const names = mutants.map(({ name }) => name);
  await writeFile(join(copy, "controllers/ray/zerodrop_mutants.go"), mutantSource(names));
  const pinned = await readFile(join(CHECKOUT, REAL, "go.mod"), "utf8");
  await writeFile(join(folder, "go.mod"), `${pinned}\nreplace ${MODULE} => ./ray-operator\n`);
  await cp(join(CHECKOUT, REAL, "go.sum"), join(folder, "go.sum"));
}

/** The KubeRay operator with every mutant in it and none active, of the same version as the real one. */
export function kuberayMutantsArtefact(): Artefact {
  return {
    name: "kuberay-mutants",
    lane: "go",
    needs: [],
    inputs: [REAL, FOLDER],
    parameters: { revision: "1", ...GO_ENVIRONMENT, source: mutantSource([]) },
    build: async (context) => {
      const work = join(context.out, "work");
      await mkdir(work);
      await writeMutatedModule(work);
      await goBuild(context, work, MODULE, "kuberay-operator");
      await rm(work, { recursive: true });
    },
  };
}
