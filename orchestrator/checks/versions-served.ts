import { LedgerAccount } from "../history/ledger-account.ts";
import type { Check } from "./check.ts";
import { fail, invalid, pass } from "./finding.ts";
import { counted, listed } from "../history/words.ts";

const id = "versions-served";

interface State {
  readonly account: LedgerAccount;
  /** Answers by version, then RayCluster. */
  readonly answers: Map<string, Map<string, number>>;
}

/**
 * Both versions, and both RayClusters, answered load requests: the old one with the version before, the new one with
 * the version after. Without either, traffic never really changed hands and nothing else proves anything.
 */
export const versionsServed: Check<State> = {
  id,
  init: () => ({ account: new LedgerAccount(), answers: new Map() }),
  onLedger({ account, answers }, line) {
    account.observe(line);
    if (line.type !== "answered") return;
    const clusters = answers.get(line.version) ?? new Map<string, number>();
    answers.set(line.version, clusters);
    clusters.set(line.cluster, (clusters.get(line.cluster) ?? 0) + line.count);
  },
  finish({ account, answers }, plan, { leaving, arriving, trigger }) {
    const sorted = [...answers]
      .sort()
      .map(([version, clusters]) => [version, Object.fromEntries([...clusters].sort())]);
    const figures = {
      leaving,
      arriving,
      answers: Object.fromEntries(sorted) as Record<string, Record<string, number>>,
    };
    if (leaving === null || arriving === null) {
      return invalid(id, "No upgrade was seen, so there are no two RayClusters that could have answered.", figures);
    }
    const wanted = [
      { version: plan.application.versionBefore, cluster: leaving },
      { version: plan.application.versionAfter, cluster: arriving },
    ].map((side) => ({ ...side, count: answers.get(side.version)?.get(side.cluster) ?? 0 }));
    const missing = wanted.filter(({ count }) => count === 0);
    if (missing.length === 0) {
      const parts = wanted.map(
        ({ version, cluster, count }) => `${counted(count, "request")} by ${version} on ${cluster}`,
      );
      return pass(id, `Both sides answered: ${listed(parts)}.`, figures);
    }
    const silent = listed(missing.map(({ version, cluster }) => `version ${version} on ${cluster}`));
    const message = `No load request was answered by ${silent}.`;
    if (!account.whole) return invalid(id, `${message.slice(0, -1)}, but the ledger is not whole.`, figures);
    const violations = missing.map(({ version, cluster }) => ({
      atMs: account.end?.atMs ?? trigger?.wallMs ?? 0,
      cause: "never-answered",
      facts: { version, cluster },
    }));
    return fail(id, message, figures, violations);
  },
};
