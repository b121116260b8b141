import { instantOf, type Instant } from "../history/instant.ts";
import { readPlatformPods } from "../history/platform-pods.ts";
import { PodTroubles, troubleText, type Trouble } from "../history/pod-troubles.ts";
import { readPod } from "../history/pod.ts";
import { counted, listed } from "../history/words.ts";
import { causeOf, type RayPod } from "./caused-troubles.ts";
import { LostHeads } from "./lost-heads.ts";
import type { Check } from "./check.ts";
import { fail, invalid, MOST_VIOLATIONS, pass } from "./finding.ts";

const id = "pods-stable";

interface State {
  readonly pods: PodTroubles;
  readonly heads: LostHeads;
  readonly troubles: Trouble[];
  readonly uids: Map<string, RayPod & { readonly ofLoad: boolean }>;
  /** When each role of the platform was first and last seen with pods. */
  readonly roles: Map<string, { readonly first: Instant; last: Instant }>;
}

/** Roles of the platform's pods, as polls name them. */
const ROLES = ["operator", "gateway", "dataPlane"];

/**
 * Nothing happened to a pod that the scenario did not cause: in the application's namespace no container was restarted or killed for
 * memory, none ended in a Ray pod that was not being deleted, no pod failed or was evicted, no head went away without its RayCluster; and the pods of operator, gateway and
 * data plane are the same ones, without a restart, at every poll. What recorded faults did is told apart, see causeOf. The load's own pods are what
 * measures: what happens to one of them before it is told to stop proves nothing of the application, and makes this invalid.
 *
 * Source: Kubernetes' pod status (containerStatuses, the DisruptionTarget condition). An operator that restarts in the middle
 * of an upgrade breaks version-isolation in KubeRay 1.6.2, so the platform's pods are part of what is judged.
 */
export const podsStable: Check<State> = {
  id,
  evidence: { watches: ["Pod"], ledger: false },
  init: () => ({
    pods: new PodTroubles(),
    heads: new LostHeads(),
    troubles: [],
    uids: new Map(),
    roles: new Map(),
  }),
  onObservation(state, line) {
    state.heads.observe(line);
    if (line.type === "object" && line.kind === "Pod") {
      if (line.event === "deleted") {
        state.pods.gone(line.uid);
        return;
      }
      const pod = readPod(line.object);
      if (!pod.ok) return;
      const { cluster, nodeType, ofLoad } = pod.view;
      state.uids.set(line.uid, { cluster, nodeType, ofLoad });
      state.troubles.push(...state.pods.see(instantOf(line), line.uid, line.name, pod.view));
    }
    if (line.type === "poll" && line.poll === "platform-pods" && line.ok) {
      const pods = readPlatformPods(line.data);
      if (!pods.ok || pods.view.pods.length === 0) return;
      const known = state.roles.get(line.subject);
      if (known === undefined) state.roles.set(line.subject, { first: instantOf(line), last: instantOf(line) });
      else known.last = instantOf(line);
      state.troubles.push(...state.pods.seePlatform(instantOf(line), line.subject, pods.view));
    }
  },
  finish({ troubles, heads, uids, roles }, { plan, timeline }) {
    const { trigger, drained, converged, stopLoad } = timeline;
    const seen = [...troubles, ...heads.troubles()].sort((a, b) => a.at.monoMs - b.at.monoMs);
    const isOfLoad = (uid: string) => uids.get(uid)?.ofLoad === true;
    const all = seen.filter(({ uid }) => !isOfLoad(uid));
    // k6 does not exit with 0 when it is told to stop, and its pod counts as failed then. What is lost of the ledger then shows in the ledger.
    const ofLoad = seen.filter(({ uid, at }) => isOfLoad(uid) && at.monoMs < (stopLoad?.monoMs ?? Infinity));
    const caused = all.flatMap((trouble) => {
      const by = causeOf(trouble, timeline, uids, plan);
      return by === null ? [] : [{ ...trouble, by }];
    });
    const unasked = all.filter((trouble) => causeOf(trouble, timeline, uids, plan) === null);
    const figures = {
      pods: uids.size,
      platform: [...roles.keys()],
      troubles: unasked.slice(0, 20),
      ...(ofLoad.length === 0 ? {} : { load: ofLoad.slice(0, 20) }),
      ...(timeline.faults.length === 0 && caused.length === 0 ? {} : { caused: caused.slice(0, 20) }),
    };
    if (uids.size === 0) return invalid(id, "No pod was seen.", figures);
    const [first] = unasked;
    if (first !== undefined) {
      const violations = unasked.slice(0, MOST_VIOLATIONS).map(({ at, cause, pod, of, container, detail }) => ({
        atMs: at.wallMs,
        cause,
        facts: { pod, of, container, detail },
      }));
      return fail(id, troubleText(first), figures, violations, unasked.length);
    }
    const [lost] = ofLoad;
    if (lost !== undefined) return invalid(id, `${troubleText(lost)} It was to make the load.`, figures);
    const untilMs = (drained ?? converged)?.monoMs ?? -Infinity;
    const unseen = ROLES.filter((role) => {
      const seen = roles.get(role);
      return seen === undefined || seen.first.monoMs > (trigger?.monoMs ?? Infinity) || seen.last.monoMs < untilMs;
    });
    if (unseen.length > 0) {
      const message = `The pods of ${listed(unseen)} were not seen both before and after the change, so a restart would not show.`;
      return invalid(id, message, figures);
    }
    if (caused.length > 0) {
      const what = `${counted(caused.length, "time")} something happened to a pod, each by what the scenario did`;
      return pass(
        id,
        `${what}; nothing else to ${counted(uids.size, "pod")} of the application, nor to the platform's.`,
        figures,
      );
    }
    return pass(
      id,
      `Nothing happened to ${counted(uids.size, "pod")} of the application, nor to the platform's.`,
      figures,
    );
  },
};
