import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { scenarioNames } from "../cli/scenario-files.ts";
import { UsageError } from "../plan/errors.ts";
import { nearestIs } from "../plan/nearest.ts";
import { parseProof, type Proof } from "./proof.ts";

/** Where proofs lie in a checkout: one file each, by its name, and beside them what is known of their smallest sizes. */
export const PROOFS = "proofs";
const RECORD = ".yaml";

/** The names of all proofs, sorted. */
export async function proofNames(root: string): Promise<string[]> {
  const files = await readdir(join(root, PROOFS), { withFileTypes: true });
  return files
    .filter((file) => file.isFile() && file.name.endsWith(RECORD))
    .map(({ name }) => name.slice(0, -RECORD.length))
    .sort();
}

/**
 * The proof of that name. `what` says where the name came from and begins the UsageError's sentence when there is none of that name; a record that is wrong,
 * or whose scenario, or the proof at whose boundary it is, is none, is a UsageError too.
 */
export async function loadProof(name: string, from: { readonly root: string; readonly what: string }): Promise<Proof> {
  const names = await proofNames(from.root);
  if (!names.includes(name)) {
    throw new UsageError(
      `${from.what} must be a proof (a file in ${PROOFS}); received "${name}", ${nearestIs(name, names)}.`,
    );
  }
  const proof = parseProof(await readFile(join(from.root, PROOFS, name + RECORD), "utf8"), name);
  if (proof.boundaryOf !== undefined && !names.includes(proof.boundaryOf)) {
    throw new UsageError(
      `Proof ${name}: boundaryOf must be a proof; received "${proof.boundaryOf}", ${nearestIs(proof.boundaryOf, names)}.`,
    );
  }
  const scenarios = await scenarioNames(from.root);
  if (!scenarios.includes(proof.scenario)) {
    throw new UsageError(
      `Proof ${name}: scenario must be a scenario; received "${proof.scenario}", ${nearestIs(proof.scenario, scenarios)}.`,
    );
  }
  return proof;
}
