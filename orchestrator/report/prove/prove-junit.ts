import { junitDocument, type JunitSuite } from "../junit.ts";
import { PROOF_GROUPS, type ProofRunRow, type Prove } from "./prove.ts";
import { proveRows } from "./prove-rows.ts";

/**
 * junit.xml of proofs: a suite for each group, a case for each proof. One that was missed is a failure, one that was not run an error, one that has not begun
 * skipped. What the checks said of its run is in the junit.xml of the run's folder, where it is the sabotage that fails them.
 */
export function proveJunit(prove: Prove): string {
  const rows = proveRows(prove);
  const suites = PROOF_GROUPS.flatMap((group): JunitSuite[] => {
    const runs = prove.runs.flatMap((run, index) => (run.proof.group === group ? [{ run, row: rows[index] }] : []));
    if (runs.length === 0) return [];
    const name = `zerodrop.prove.${group}`;
    const seconds = runs.flatMap(({ run }) => run.tookSeconds ?? []);
    return [
      {
        name,
        seconds: seconds.length === 0 ? null : seconds.reduce((sum, one) => sum + one, 0),
        at: runs.flatMap(({ run }) => run.startedAt ?? []).sort()[0] ?? null,
        properties: [],
        cases: runs.map(({ run, row }) => ({
          "@name": run.proof.name,
          "@classname": name,
          ...caseOf(run, row === undefined ? "" : `expected ${row.expected}; seen ${row.seen}`),
        })),
      },
    ];
  });
  return junitDocument(suites);
}

function caseOf({ outcome, error, status }: ProofRunRow, told: string): JunitSuite["cases"][number] {
  if (outcome !== null) {
    if (outcome.came === "caught") return { "system-out": told };
    return { failure: { "@message": outcome.why ?? "", "@type": "missed", "#": told } };
  }
  if (status === "failed-to-run") return { error: { "@message": error ?? "", "@type": "not-run" } };
  return { skipped: { "@message": status === "running" ? "It is running." : "It was not run yet." } };
}
