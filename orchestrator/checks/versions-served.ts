import { attributedNote, isAttributed } from "../history/attributed.ts";
import type { Timeline } from "../history/timeline.ts";
import { counted, listed } from "../history/words.ts";
import type { Plan } from "../plan/plan.ts";
import { createdFor, staysInPlace, versionOf } from "../plan/way.ts";
import { AnswerCounts } from "./answer-counts.ts";
import type { Check } from "./check.ts";
import { invalid, missing, notApplicable, pass } from "./finding.ts";

const id = "versions-served";

/**
 * Both versions, and both RayClusters, answered load requests: the old one with the version before, the new one with
 * the version after, and one that was given up with its own if it ever had weight. Without one of them, traffic never really changed hands and nothing
 * else proves anything. Of a change in place the one RayCluster gave both versions; where none is made, the one.
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
  finish(answers, { plan, timeline, account }) {
    const { leaving, arriving, trigger, made } = timeline;
    const figures = { leaving, arriving, answers: answers.byVersion(), ...attributedNote(plan) };
    if (leaving === null || (arriving === null && !staysInPlace(made))) {
      return invalid(id, "No upgrade was seen, so there are no two RayClusters that could have answered.", figures);
    }
    const wanted = wantedOf(plan, timeline, leaving).map((side) => ({
      ...side,
      count: answers.count(side.version, side.cluster),
    }));
    const silent = wanted.filter(({ count }) => count === 0);
    const skipped = withoutWeight(timeline);
    if (silent.length === 0) {
      const parts = wanted.map(
        ({ version, cluster, count }) => `${counted(count, "request")} by ${version} on ${cluster}`,
      );
      if (skipped !== null) {
        return notApplicable(
          id,
          `${skipped} never had weight, so nobody was to be served by it; ${listed(parts)}.`,
          figures,
        );
      }
      if (made === "steady") return pass(id, `The one version answered: ${listed(parts)}.`, figures);
      const what = made === "in-place" || isAttributed(plan) ? "versions" : "sides";
      return pass(id, `${wanted.length > 2 ? "All" : "Both"} ${what} answered: ${listed(parts)}.`, figures);
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

/** Who must have answered with what. A RayCluster that was given up again need not have, where it never had weight. */
function wantedOf(plan: Plan, timeline: Timeline, leaving: string): { version: string; cluster: string }[] {
  const { made, goals, passing, arriving } = timeline;
  const old = { version: plan.application.versionBefore, cluster: leaving };
  if (made === "steady") return [old];
  if (made === "in-place") {
    return [
      old,
      ...goals.slice(0, 1).map((goal) => ({ version: versionOf(plan.application, goal), cluster: leaving })),
    ];
  }
  const created = createdFor(goals);
  const others = [...passing, arriving].flatMap((cluster, index) => {
    const goal = created[index];
    if (cluster === null || goal === undefined) return [];
    const hadWeight = !passing.includes(cluster) || timeline.firstWeights.has(cluster);
    return hadWeight ? [{ version: versionOf(plan.application, goal), cluster }] : [];
  });
  return withoutWeight(timeline) === null ? [old, ...others] : [old];
}

/** The RayCluster that a change was taken back from before it had any weight; null where there is none. */
function withoutWeight({ made, arriving, weightMoved }: Timeline): string | null {
  return made === "rollback" && weightMoved === null ? arriving : null;
}
