import type { LedgerEnd, LedgerLine } from "./ledger.ts";

type Heartbeat = Extract<LedgerLine, { type: "heartbeat" }>;
type Totals = Omit<Heartbeat, "type" | "seq">;
type Row = Exclude<LedgerLine, { type: "heartbeat" | "end" }>;

/** One pod's ledger, as far as it has come. */
interface Side {
  /** Rows since its last heartbeat. They wait for the next one, so that a merged heartbeat counts no other rows than those before it. */
  rows: Row[];
  latest: Totals | null;
  end: LedgerEnd | null;
}

/**
 * Makes one ledger of those that the pods of a load write, whose clients and moments are different ones: rows and counts add up, so
 * nothing is averaged. Every row passes as it is but for its number; the merged numbers are unbroken from 1.
 *
 * A merged heartbeat says what is true of all pods: its time and its `settledMs` are the earliest of theirs, its counts the sums
 * of their latest. There is one whenever the earliest time advances, once every pod has had one. The merged `end` comes with the last
 * pod's. Sessions, which each pod numbers from 1, get numbers of their own. With one pod every line passes unchanged.
 */
export class LedgerMerge {
  readonly #sides: readonly Side[];
  #seq = 0;
  #beatMs = -Infinity;

  constructor(pods: number) {
    this.#sides = Array.from({ length: pods }, () => ({ rows: [], latest: null, end: null }));
  }

  /** Takes the next line of pod `pod` (from 0) and returns what it adds to the merged ledger. */
  observe(pod: number, line: LedgerLine): LedgerLine[] {
    const side = this.#sides[pod];
    if (side === undefined) throw new RangeError(`There is no pod ${String(pod)}.`);
    if (this.#sides.length === 1) return [line];
    if (side.end !== null) throw new Error(`The ledger of pod ${String(pod)} goes on after its end.`);
    switch (line.type) {
      case "heartbeat": {
        const { type: _type, seq: _seq, ...totals } = line;
        side.latest = totals;
        return [...this.#release(side, pod), ...this.#heartbeat()];
      }
      case "end":
        side.latest = totalsAt(line);
        side.end = line;
        return [...this.#release(side, pod), ...this.#afterEnd()];
      case "answered":
      case "failed":
      case "failures":
      case "session":
        side.rows.push(line);
        return [];
    }
  }

  #release(side: Side, pod: number): LedgerLine[] {
    const { rows } = side;
    side.rows = [];
    const pods = this.#sides.length;
    return rows.map((row) => {
      const seq = ++this.#seq;
      return row.type === "session" ? { ...row, seq, session: (row.session - 1) * pods + pod + 1 } : { ...row, seq };
    });
  }

  #heartbeat(): LedgerLine[] {
    const all = this.#sides.flatMap(({ latest }) => latest ?? []);
    const atMs = least(all.map((each) => each.atMs));
    if (all.length < this.#sides.length || atMs <= this.#beatMs) return [];
    this.#beatMs = atMs;
    const starts = all.flatMap(({ oldestStartMs }) => oldestStartMs ?? []);
    return [
      {
        type: "heartbeat",
        seq: ++this.#seq,
        atMs,
        // Later rows of any pod start no earlier than its own, and so than the earliest. It never goes back, as theirs do not.
        settledMs: least(all.map(({ settledMs }) => settledMs)),
        ...outcomes(all),
        inFlight: sum(all.map(({ inFlight }) => inFlight)),
        oldestStartMs: starts.length === 0 ? null : least(starts),
        ...additions(all),
      },
    ];
  }

  #afterEnd(): LedgerLine[] {
    const ends = this.#sides.flatMap(({ end }) => end ?? []);
    if (ends.length < this.#sides.length) return this.#heartbeat();
    const httpReqs = ends.flatMap((end) => end.httpReqs ?? []);
    return [
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

/** What a pod that has ended says from then on: what it left in flight stays so, and no row of it will follow. */
function totalsAt({ type: _type, seq: _seq, httpReqs: _httpReqs, interrupted, ...end }: LedgerEnd): Totals {
  return { ...end, settledMs: end.atMs, inFlight: interrupted, oldestStartMs: null };
}

type Outcomes = Pick<Totals, "issued" | "answered" | "failed" | "hanging" | "dropped">;

function outcomes(all: readonly Outcomes[]): Outcomes {
  return {
    issued: sum(all.map(({ issued }) => issued)),
    answered: sum(all.map(({ answered }) => answered)),
    failed: sum(all.map(({ failed }) => failed)),
    hanging: sum(all.map(({ hanging }) => hanging)),
    dropped: sum(all.map(({ dropped }) => dropped)),
  };
}

type Additions = Pick<Totals, "clients" | "lost">;

/** The counts that a ledger may leave out, left out here when every pod does. */
function additions(all: readonly Additions[]): Additions {
  const lost = all.flatMap((each) => each.lost ?? []);
  const byClient = all.flatMap(({ clients }) => (clients === undefined ? [] : Object.entries(clients)));
  const clients: NonNullable<Additions["clients"]> = {};
  for (const [client, { issued, inFlight, dropped }] of byClient) {
    const before = clients[client] ?? { issued: 0, inFlight: 0, dropped: 0 };
    clients[client] = {
      issued: before.issued + issued,
      inFlight: before.inFlight + inFlight,
      dropped: before.dropped + dropped,
    };
  }
  return {
    ...(all.some((each) => each.clients !== undefined) ? { clients } : {}),
    ...(lost.length > 0 ? { lost: sum(lost) } : {}),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((smallest, each) => Math.min(smallest, each), Infinity);
}
