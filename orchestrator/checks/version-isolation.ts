import { counted } from "../history/words.ts";
import { AnswerCounts } from "./answer-counts.ts";
import type { Check } from "./check.ts";
import { fail, invalid, pass } from "./finding.ts";

const id = "version-isolation";

/**
 * Each RayCluster answers only with the version it was created for: the one that served before T0 with the version before, every
 * other one with the version after. Otherwise the new version reaches more users than the weights say, whatever route and status show.
 *
 * Source: KubeRay 1.6.2 keeps the serve config it last sent to each RayCluster in memory only; restarted in the middle of an upgrade it
 * sends the new one to the old cluster, and no request fails. Only RayCluster and version in the same answer show it.
 */
export const versionIsolation: Check<AnswerCounts> = {
  id,
  evidence: { watches: [], ledger: true },
  init: () => new AnswerCounts(),
  onLedger(answers, line) {
    answers.observe(line);
  },
  finish(answers, { plan, timeline: { leaving } }) {
    const pairs = answers.pairs();
    if (leaving === null) return invalid(id, "No upgrade was seen, so no RayCluster has a version of its own.");
    if (pairs.length === 0) return invalid(id, "No answer says which RayCluster and version gave it.");
    const { versionBefore, versionAfter } = plan.application;
    const clusters = [...new Set(pairs.map(({ cluster }) => cluster))].sort().map((cluster) => {
      const own = cluster === leaving ? versionBefore : versionAfter;
      return { cluster, createdFor: own, answered: pairs.filter((pair) => pair.cluster === cluster) };
    });
    const strays = clusters
      .flatMap(({ createdFor, answered }) =>
        answered.filter(({ version }) => version !== createdFor).map((stray) => ({ ...stray, createdFor })),
      )
      .sort((a, b) => a.firstMs - b.firstMs);
    const figures = {
      clusters: clusters.map(({ cluster, createdFor, answered }) => ({
        cluster,
        createdFor,
        answers: Object.fromEntries(answered.map(({ version, count }) => [version, count])),
      })),
    };
    const [first] = strays;
    if (first === undefined) {
      const answers = counted(
        pairs.reduce((sum, { count }) => sum + count, 0),
        "answer",
      );
      return pass(id, `Each RayCluster gave only the version it was created for, in ${answers}.`, figures);
    }
    const violations = strays.map(({ cluster, version, createdFor, count, firstMs }) => ({
      atMs: firstMs,
      cause: "stray-version",
      facts: { cluster, version, createdFor, count },
    }));
    return fail(
      id,
      `${first.cluster} was created for ${first.createdFor} and answered ${counted(first.count, "request")} with ${first.version}.`,
      figures,
      violations,
    );
  },
};
