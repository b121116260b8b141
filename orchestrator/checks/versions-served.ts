import { counted, listed } from "../history/words.ts";
import { AnswerCounts } from "./answer-counts.ts";
import type { Check } from "./check.ts";
import { invalid, missing, pass } from "./finding.ts";

const id = "versions-served";

/**
 * Both versions, and both RayClusters, answered load requests: the old one with the version before, the new one with
 * the version after. Without either, traffic never really changed hands and nothing else proves anything.
 *
 * Source: KubeRay's incremental-upgrade tests ask that both versions were served, by requests of their own; here the load itself must
 * have met them.
 */
export const versionsServed: Check<AnswerCounts> = {
  id,
  evidence: { watches: [], ledger: true },
  init: () => new AnswerCounts(),
  onLedger(answers, line) {
    answers.observe(line);
  },
  finish(answers, { plan, timeline: { leaving, arriving, trigger }, account }) {
    const figures = { leaving, arriving, answers: answers.byVersion() };
    if (leaving === null || arriving === null) {
      return invalid(id, "No upgrade was seen, so there are no two RayClusters that could have answered.", figures);
    }
    const wanted = [
      { version: plan.application.versionBefore, cluster: leaving },
      { version: plan.application.versionAfter, cluster: arriving },
    ].map((side) => ({ ...side, count: answers.count(side.version, side.cluster) }));
    const silent = wanted.filter(({ count }) => count === 0);
    if (silent.length === 0) {
      const parts = wanted.map(
        ({ version, cluster, count }) => `${counted(count, "request")} by ${version} on ${cluster}`,
      );
      return pass(id, `Both sides answered: ${listed(parts)}.`, figures);
    }
    const names = listed(silent.map(({ version, cluster }) => `version ${version} on ${cluster}`));
    const violations = silent.map(({ version, cluster }) => ({
      atMs: account.end?.atMs ?? trigger?.wallMs ?? 0,
      cause: "never-answered",
      facts: { version, cluster },
    }));
    return missing(id, `No load request was answered by ${names}.`, figures, violations);
  },
};
