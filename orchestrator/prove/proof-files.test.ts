import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CHECKOUT } from "../../scripts/artefacts/cache.ts";
import { mutantNames } from "../../scripts/artefacts/kuberay-mutants.ts";
import { UsageError } from "../plan/errors.ts";
import { assertOneSentence } from "../plan/testing/one-sentence.ts";
import { loadProof, proofNames } from "./proof-files.ts";

const from = { root: CHECKOUT, what: "A proof" };

test("every record is a proof, and every mutant of the operator has one (defect: a mutant that is built and never tried)", async () => {
  const proofs = await Promise.all((await proofNames(CHECKOUT)).map((name) => loadProof(name, from)));
  const tried = proofs.flatMap(({ sabotage }) => ("mutant" in sabotage ? [sabotage.mutant] : []));
  assert.deepEqual(tried.sort(), await mutantNames());
});

test("a name or a scenario that is none is told in a sentence with the nearest (defect: found out by a run)", async () => {
  const refused = async (loading: Promise<unknown>, says: string): Promise<void> => {
    await assert.rejects(loading, (error) => {
      assert.ok(error instanceof UsageError && error.message.includes(says), String(error));
      assertOneSentence(error.message);
      return true;
    });
  };
  await refused(loadProof("skip-steps", from), 'received "skip-steps", nearest is skip-step');
  const root = await mkdtemp(join(tmpdir(), "zerodrop-proofs-"));
  try {
    for (const folder of ["proofs", "scenarios"]) await mkdir(join(root, folder));
    await writeFile(join(root, "scenarios", "upgrade.yaml"), "");
    const record = `{ description: d, group: operator, sabotage: { kind: operator-mutant, mutant: m }, scenario: upgrad, expect: { verdict: pass } }`;
    await writeFile(join(root, "proofs", "one.yaml"), record);
    await refused(loadProof("one", { ...from, root }), 'received "upgrad", nearest is upgrade');
    await writeFile(join(root, "proofs", "two.yaml"), record.replace("scenario: upgrad", "boundaryOf: on"));
    await refused(loadProof("two", { ...from, root }), 'boundaryOf must be a proof; received "on", nearest is one');
  } finally {
    await rm(root, { recursive: true });
  }
});
