import type { Instant } from "./instant.ts";
import type { PlatformPodsView } from "./platform-pods.ts";
import type { PodView } from "./pod.ts";

/** Something that happened to a pod and that nobody asked for. */
export interface Trouble {
  readonly at: Instant;
  /** When a pod of the platform was first seen not to be ready, and was not again before this; `at` where it was ready. */
  readonly unreadySince?: Instant;
  readonly cause: "restarted" | "out-of-memory" | "ended" | "failed" | "evicted" | "replaced";
  readonly pod: string;
  readonly uid: string;
  /** RayCluster or role of the pod, empty when neither is known. */
  readonly of: string;
  readonly container: string;
  readonly detail: string;
}

interface Known {
  readonly restarts: Map<string, number>;
  /** Troubles told already, by cause and container: a status is repeated with every event. */
  readonly told: Set<string>;
  /** Since when a pod of the platform is not ready. */
  unreadySince: Instant | undefined;
}

const OUT_OF_MEMORY = "OOMKilled";

/** Follows pods by uid and tells each trouble once. What had happened before a pod was first seen does not count. */
export class PodTroubles {
  readonly #known = new Map<string, Known>();
  readonly #roles = new Map<string, Map<string, string>>();

  /** A pod of the watched namespace as it is now. */
  see(at: Instant, uid: string, name: string, pod: PodView): Trouble[] {
    const troubles: Trouble[] = [];
    const known = this.#of(uid);
    const tell = (cause: Trouble["cause"], container: string, detail: string): void => {
      const key = `${cause} ${container}`;
      if (known.told.has(key)) return;
      known.told.add(key);
      troubles.push({ at, cause, pod: name, uid, of: pod.cluster, container, detail });
    };
    for (const { name: container, init, restarts, ended, endedBefore } of pod.containers) {
      if (this.#restarted(known, container, restarts)) tell("restarted", container, endedBefore?.reason ?? "");
      if (ended?.reason === OUT_OF_MEMORY) tell("out-of-memory", container, OUT_OF_MEMORY);
      // A Ray container ends only with its pod, but for those that are to end before the others start. The load's end when the load does.
      else if (ended !== null && pod.cluster !== "" && !pod.beingDeleted && !(init && ended.exitCode === 0)) {
        tell("ended", container, `${ended.reason}, exit code ${String(ended.exitCode)}`);
      }
    }
    if (pod.disruption !== "") tell("evicted", "", pod.disruption);
    if (pod.phase === "Failed" && !pod.beingDeleted) tell("failed", "", pod.reason);
    return troubles;
  }

  /** A pod is gone. */
  gone(uid: string): void {
    this.#known.delete(uid);
  }

  /** The pods of a role of the platform as they are now; restart counts only grow, so nothing between two polls is lost. */
  seePlatform(at: Instant, role: string, { pods }: PlatformPodsView): Trouble[] {
    const troubles: Trouble[] = [];
    const now = new Map(pods.map(({ uid, name }) => [uid, name]));
    for (const [uid, pod] of this.#roles.get(role) ?? []) {
      if (now.has(uid)) continue;
      troubles.push({ at, cause: "replaced", pod, uid, of: role, container: "", detail: "" });
      this.#known.delete(uid);
    }
    this.#roles.set(role, now);
    for (const { uid, name: pod, reason, ready, containers } of pods) {
      const known = this.#of(uid);
      const unreadySince = known.unreadySince ?? at;
      known.unreadySince = ready === false ? unreadySince : undefined;
      for (const { name: container, restarts, lastReason } of containers) {
        if (!this.#restarted(known, container, restarts)) continue;
        const cause = lastReason === OUT_OF_MEMORY ? "out-of-memory" : "restarted";
        troubles.push({ at, unreadySince, cause, pod, uid, of: role, container, detail: lastReason ?? "" });
      }
      if (reason != null && reason !== "" && !known.told.has("evicted")) {
        known.told.add("evicted");
        troubles.push({ at, cause: "evicted", pod, uid, of: role, container: "", detail: reason });
      }
    }
    return troubles;
  }

  #of(uid: string): Known {
    let known = this.#known.get(uid);
    if (known === undefined)
      this.#known.set(uid, (known = { restarts: new Map(), told: new Set(), unreadySince: undefined }));
    return known;
  }

  /** Whether a container has more restarts than when it was last seen. */
  #restarted({ restarts }: Known, container: string, count: number): boolean {
    const before = restarts.get(container);
    restarts.set(container, count);
    return before !== undefined && count > before;
  }
}

const HAPPENED: Readonly<Record<Trouble["cause"], string>> = {
  restarted: "was restarted",
  "out-of-memory": "was killed for memory",
  ended: "ended although its pod was not being deleted",
  failed: "failed",
  evicted: "was evicted",
  replaced: "went away",
};

/** What happened, as a sentence. */
export function troubleText({ cause, pod, of, container, detail }: Trouble): string {
  const what = container === "" ? `Pod ${pod}` : `Container ${container} of pod ${pod}`;
  const where = of === "" ? "" : ` (${of})`;
  return `${what}${where} ${HAPPENED[cause]}${detail === "" ? "" : `: ${detail}`}.`;
}
