import type { Observation, WatchedKind } from "./observation.ts";
import type { Reading } from "./reading.ts";

/**
 * The objects of one watched kind that exist at the moment, kept up to date from the watch's lines.
 * An object that a relist no longer lists is gone when that list is complete.
 */
export class LiveObjects<T> {
  readonly #live = new Map<string, T>();
  /** Uids named by the list that is under way; null between lists. */
  #listing: Set<string> | null = new Set();

  constructor(
    readonly kind: WatchedKind,
    /** Reads a view; null when the line says nothing new (a status change carries no spec). */
    private readonly read: (object: unknown) => Reading<T | null>,
  ) {}

  /** Takes in a line. An unreadable object leaves what was known of it; its problem is the timeline's to record. */
  observe(line: Observation): void {
    if (line.type === "gap" && line.kind === this.kind && line.how === "relisted") this.#listing = new Set();
    if (line.type === "synced" && line.kind === this.kind) this.#endList();
    if (line.type !== "object" || line.kind !== this.kind) return;
    if (line.event === "deleted") {
      this.#live.delete(line.uid);
      return;
    }
    this.#listing?.add(line.uid);
    const reading = this.read(line.object);
    if (reading.ok && reading.view !== null) this.#live.set(line.uid, reading.view);
  }

  values(): Iterable<T> {
    return this.#live.values();
  }

  #endList(): void {
    const listed = this.#listing;
    if (listed === null) return;
    for (const uid of this.#live.keys()) if (!listed.has(uid)) this.#live.delete(uid);
    this.#listing = null;
  }
}
