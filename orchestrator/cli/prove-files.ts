import { join } from "node:path";
import { UsageError } from "../plan/errors.ts";
import { nearestIs } from "../plan/nearest.ts";
import { loadProof, proofNames } from "../prove/proof-files.ts";
import type { Proof } from "../prove/proof.ts";
import { replaceFile } from "../recording/replace-file.ts";
import { PROOF_GROUPS, PROVE_JSON, type Prove } from "../report/prove/prove.ts";
import { proveJunit } from "../report/prove/prove-junit.ts";
import { proveMarkdown } from "../report/prove/prove-markdown.ts";
import { oneLine } from "../report/plain-text.ts";
import { indented } from "../report/wrap.ts";
import { typed } from "./started.ts";
import { tableJson, writeSection, type TableKind } from "./table-files.ts";

/** What a folder of proofs is. */
export const PROVE: TableKind = { name: "prove", begun: "proofs that were begun", file: PROVE_JSON };

/**
 * The proofs that are asked for, by group and name: nothing is asked for the one or the other where it is null. Rejects with a UsageError when a name is none, when nothing is
 * left, and when any record is wrong, asked for or not.
 */
export async function askedProofs(root: string, { only, group }: Prove["asked"]): Promise<Proof[]> {
  const names = await proofNames(root);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `--only must name proofs with commas between them (${typed("prove --list")} names them all); received "${unknown}", ${nearestIs(unknown, names)}.`,
    );
  }
  const all = await Promise.all(names.map((name) => loadProof(name, { root, what: "--only" })));
  const asked = PROOF_GROUPS.flatMap((one) => all.filter((proof) => proof.group === one)).filter(
    ({ name, group: of }) => (only?.includes(name) ?? true) && (group === null || of === group),
  );
  if (asked.length > 0) return asked;
  throw new UsageError(
    `--only and --group must leave a proof; received --only ${only?.join(",") ?? "nothing"} and --group ${group ?? "nothing"}, which have none in common.`,
  );
}

/** The proofs by group, each with what is done. */
export function proofList(proofs: readonly Proof[], width: number): string {
  const blocks = PROOF_GROUPS.flatMap((group) => {
    const own = proofs.filter((proof) => proof.group === group);
    if (own.length === 0) return [];
    const lines = own.flatMap(({ name, description }) => [`  ${name}`, ...indented(oneLine(description), width, 6)]);
    return [[`${group}: ${String(own.length)}`, ...lines].join("\n")];
  });
  return `${blocks.join("\n\n")}\n`;
}

/** Writes prove.json, and the tables that are made from it. Each file is there whole, or as it was before. */
export async function writeProve(folder: string, prove: Prove): Promise<void> {
  // First: from it all others can be made again.
  await replaceFile(join(folder, PROVE_JSON), tableJson(prove));
  await replaceFile(join(folder, "prove.md"), proveMarkdown(prove, { toProofs: "" }));
  await replaceFile(join(folder, "junit.xml"), proveJunit(prove));
}

/** Puts the table into a file of tables, with a section for what was asked for. */
export async function writeProofSection(file: string, prove: Prove): Promise<void> {
  const { only, group } = prove.asked;
  const flags = [...(group === null ? [] : ["--group", group]), ...(only === null ? [] : ["--only", only.join(",")])];
  await writeSection(file, {
    name: ["proofs", ...(group === null ? [] : [group]), ...(only === null ? [] : ["selected"])].join("-"),
    command: typed(["prove", ...flags].join(" ")),
    body: proveMarkdown(prove, { toProofs: null }),
  });
}
