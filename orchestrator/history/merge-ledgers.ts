import { additions, earliestOf, least, outcomes, sum } from "./add-totals.ts";
import type { LedgerEnd, LedgerLine } from "./ledger.ts";

type Heartbeat = Extract<LedgerLine, { type: "heartbeat" }>;
type Totals = Omit<Heartbeat, "type" | "seq">;
type Row = Exclude<LedgerLine, { type: "heartbeat" | "end" }>;

/** A flush of one pod: its rows, and the heartbeat after them. */
interface Flush {
  readonly rows: readonly Row[];
  readonly totals: Totals;
}

/** One pod's ledger, as far as it has come. */
interface Side {
  /** Rows that no heartbeat has followed yet. */
  rows: Row[];
  /** What no joint heartbeat counts yet, oldest first. */
  readonly flushes: Flush[];
  /** Time of the newest heartbeat that has come, Unix ms. */
  newestMs: number;
  /** The newest heartbeat that a joint one counts. */
  counted: Totals | null;
  end: LedgerEnd | null;
}

/**
 * Makes one ledger of those that the pods of a load write, whose clients and moments are different ones: rows and counts add up, so
 * nothing is averaged. Every row passes as it is but for its number; the merged numbers are unbroken from 1.
 *
 * Pods are heard at different times, so a joint heartbeat is one of a moment: the newest that every pod has reached. Of each pod it
 * counts the newest heartbeat up to then, and no rows but those before that one; what came since waits. There is one for each
 * heartbeat of the pod that was heard the least far, once every pod has had one. Its `settledMs` is the earliest of those it counts.
 * A pod that has ended holds nobody up: its last heartbeat stands, as what was in flight then was never answered.
 *
 * The joint `end` comes with the last pod's. Sessions, which each pod numbers from 1, get numbers of their own. With one pod every
 * line passes unchanged.
 */
export class LedgerMerge {
  readonly #sides: readonly Side[];
  #seq = 0;
  #beatMs = -Infinity;
  #settledMs = -Infinity;
  #broken = false;

  constructor(pods: number) {
    this.#sides = Array.from({ length: pods }, () => ({
      rows: [],
      flushes: [],
      newestMs: -Infinity,
      counted: null,
      end: null,
    }));
  }

  /** Takes the next line of pod `pod` (from 0) and returns what it adds to the merged ledger. */
  observe(pod: number, line: LedgerLine): LedgerLine[] {
    const side = this.#sides[pod];
    if (side === undefined) throw new RangeError(`There is no pod ${String(pod)}.`);
    if (this.#sides.length === 1) return [line];
    if (side.end !== null) throw new Error(`The ledger of pod ${String(pod)} goes on after its end.`);
    switch (line.type) {
      case "heartbeat": {
        if (this.#broken) return [];
        const { type: _type, seq: _seq, ...totals } = line;
        side.flushes.push({ rows: side.rows, totals });
        side.rows = [];
        side.newestMs = totals.atMs;
        return this.#advance();
      }
      case "end":
        side.end = line;
        return this.#broken ? [] : [...this.#advance(), ...this.#afterEnd()];
      case "answered":
      case "first-token":
      case "failed":
      case "failures":
      case "session":
        side.rows.push(line);
        return this.#broken ? this.#waiting() : [];
    }
  }

  /**
   * To be called when a pod's ledger cannot be followed to its end, so that nothing waits for it any more: returns all rows that did.
   * From then on rows pass at once, and there is no joint heartbeat and no end, as nothing is known of all pods.
   */
  breakOff(): LedgerLine[] {
    this.#broken = true;
    return this.#waiting();
  }

  /** The rows of all pods that wait for a joint heartbeat. */
  #waiting(): LedgerLine[] {
    return this.#sides.flatMap((side, pod) => {
      const rows = [...side.flushes.flatMap((flush) => flush.rows), ...side.rows];
      side.flushes.length = 0;
      side.rows = [];
      return this.#numbered(rows, pod);
    });
  }

  #numbered(rows: readonly Row[], pod: number): LedgerLine[] {
    const pods = this.#sides.length;
    return rows.map((row) => {
      const seq = ++this.#seq;
      return row.type === "session" ? { ...row, seq, session: (row.session - 1) * pods + pod + 1 } : { ...row, seq };
    });
  }

  /** The joint heartbeats of the moments that every pod has reached since the last one. */
  #advance(): LedgerLine[] {
    const open = this.#sides.filter(({ end }) => end === null);
    // When all have ended, the one that went on the longest still has something to say.
    const slowest =
      open.length > 0
        ? open.reduce((first, side) => (side.newestMs < first.newestMs ? side : first))
        : this.#sides.reduce((last, side) => (side.newestMs > last.newestMs ? side : last));
    const moments = slowest.flushes.map(({ totals }) => totals.atMs);
    return moments.flatMap((atMs) => this.#heartbeat(atMs));
  }

  #heartbeat(atMs: number): LedgerLine[] {
    const begun = this.#sides.every(
      ({ counted, flushes: [next] }) => counted !== null || (next?.totals.atMs ?? Infinity) <= atMs,
    );
    if (!begun || atMs <= this.#beatMs) return [];
    this.#beatMs = atMs;
    const rows = this.#sides.flatMap((side, pod) => this.#numbered(count(side, atMs), pod));
    const all = this.#sides.flatMap(({ counted }) => counted ?? []);
    this.#settledMs = Math.max(this.#settledMs, least(all.map(({ settledMs }) => settledMs)));
    return [
      ...rows,
      {
        type: "heartbeat",
        seq: ++this.#seq,
        atMs,
        // Rows of any pod that come later start no earlier than its own.
        settledMs: this.#settledMs,
        ...outcomes(all),
        inFlight: sum(all.map(({ inFlight }) => inFlight)),
        oldestStartMs: earliestOf(all.map(({ oldestStartMs }) => oldestStartMs)),
        ...additions(all),
      },
    ];
  }

  #afterEnd(): LedgerLine[] {
    const ends = this.#sides.flatMap(({ end }) => end ?? []);
    if (ends.length < this.#sides.length) return [];
    const httpReqs = ends.flatMap((end) => end.httpReqs ?? []);
    return [
      ...this.#waiting(),
      {
        type: "end",
        seq: ++this.#seq,
        atMs: ends.reduce((latest, { atMs }) => Math.max(latest, atMs), -Infinity),
        ...outcomes(ends),
        interrupted: sum(ends.map(({ interrupted }) => interrupted)),
        ...additions(ends),
        // Part of them would look like all.
        ...(httpReqs.length === ends.length ? { httpReqs: sum(httpReqs) } : {}),
      },
    ];
  }
}

/** Makes the newest heartbeat up to a moment the one that counts, and returns the rows before it. */
function count(side: Side, atMs: number): Row[] {
  const later = side.flushes.findIndex(({ totals }) => totals.atMs > atMs);
  const flushes = side.flushes.splice(0, later < 0 ? side.flushes.length : later);
  side.counted = flushes.at(-1)?.totals ?? side.counted;
  return flushes.flatMap(({ rows }) => rows);
}
