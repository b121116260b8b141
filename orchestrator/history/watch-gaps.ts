import { instantOf } from "./instant.ts";
import type { ObjectSeen, Observation, WatchedKind } from "./observation.ts";
import type { LateDelivery, Relist } from "./timeline.ts";

/** What a resumed watch had missed, it tells within this time (ms) of going on. */
const CATCHING_UP_MS = 1000;

/** A list after an interruption, held against what was known when the watch broke off. */
interface Relisting {
  readonly relist: Relist;
  /** Objects by uid, with their resourceVersions, that have not been listed again. */
  readonly missing: Map<string, string>;
  /** Whether an object was listed that is not as it was known. */
  moved: boolean;
}

/**
 * Follows the interruptions of watches: what may be missing, and what may have been told late. A list that names exactly the objects that were known, each
 * with the resourceVersion it had, shows that nothing happened in between: every write gives an object another one (Kubernetes API concepts).
 */
export class WatchGaps {
  readonly relists: Relist[] = [];
  readonly lateDeliveries: LateDelivery[] = [];
  /** Resumed watches that have told nothing yet since. */
  readonly #resumed = new Map<WatchedKind, LateDelivery>();

  /** By kind, the objects that exist as far as is known, by uid with their resourceVersions. */
  readonly #live = new Map<WatchedKind, Map<string, string>>();
  readonly #relisting = new Map<WatchedKind, Relisting>();

  observe(line: Observation): void {
    if (line.type === "gap") this.#onGap(line);
    if (line.type === "synced") this.#onSynced(line.kind);
    if (line.type !== "object") return;
    this.#onObject(line.kind, line.monoMs);
    this.#onVersion(line);
  }

  #onVersion({ kind, event, uid, resourceVersion }: ObjectSeen): void {
    const live = this.#live.get(kind) ?? new Map<string, string>();
    this.#live.set(kind, live);
    const relisting = this.#relisting.get(kind);
    if (relisting !== undefined) {
      if (relisting.missing.get(uid) !== resourceVersion) relisting.moved = true;
      relisting.missing.delete(uid);
    }
    if (event === "deleted") live.delete(uid);
    else live.set(uid, resourceVersion);
  }

  #onSynced(kind: WatchedKind): void {
    if (!this.#live.has(kind)) this.#live.set(kind, new Map());
    const relisting = this.#relisting.get(kind);
    if (relisting === undefined) return;
    this.#relisting.delete(kind);
    for (const uid of relisting.missing.keys()) this.#live.get(kind)?.delete(uid);
    if (relisting.moved || relisting.missing.size > 0) return;
    this.relists.splice(this.relists.indexOf(relisting.relist), 1);
  }

  #onGap(line: Extract<Observation, { type: "gap" }>): void {
    const { kind, sinceMonoMs, reason } = line;
    const gap = { ...instantOf(line), kind, sinceMonoMs };
    if (line.how === "relisted") {
      const relist = { ...gap, reason };
      this.relists.push(relist);
      // A kind of which nothing was known cannot be shown to be as it was; nor can a list that is itself begun anew.
      const missing = new Map(this.#live.get(kind));
      const moved = !this.#live.has(kind) || this.#relisting.has(kind);
      this.#relisting.set(kind, { relist, missing, moved });
      this.lateDeliveries.push(gap);
    } else {
      this.#resumed.set(kind, gap);
    }
  }

  /** A watch of which nothing came while it was interrupted is merely quiet: nothing of it was late. */
  #onObject(kind: WatchedKind, monoMs: number): void {
    const resumed = this.#resumed.get(kind);
    if (resumed === undefined) return;
    this.#resumed.delete(kind);
    if (monoMs - resumed.monoMs <= CATCHING_UP_MS) this.lateDeliveries.push(resumed);
  }
}
