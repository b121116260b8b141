import { failureOf, type Failure } from "../../history/failures.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import type { BinGrid } from "./bins.ts";
import { BoundedNames } from "./bounded-names.ts";
import type { FailureList } from "./course.ts";
import { rounded, whole } from "./numbers.ts";
import { Texts } from "./texts.ts";

/** Rows as the ledger has them; as many as it has of single requests. */
const MOST_ROWS = 10_000;
/** Rows beyond those, each of requests that are alike and started in one bin. */
const MOST_SUMS = 3000;
/** RayClusters, versions and kinds of clients that are told apart. */
const MOST_NAMES = 500;
const OTHERS = "(others)";

type Row = Omit<Failure, "startMs" | "durationMs" | "count" | "client" | "message" | "cluster" | "version"> & {
  startMs: number;
  durationMs: number;
  count: number;
  /** Indices of texts. */
  readonly client: number;
  readonly message: number;
  readonly cluster: number;
  readonly version: number;
};

/**
 * All requests that failed or hung. Those beyond MOST_ROWS rows are added up by bin where they are alike in everything, and when that too
 * makes too many rows, by bin and outcome: a target that fails for hours costs a bounded list, and the counts stay exact.
 */
export class FailureRows {
  readonly #rows: Row[] = [];
  readonly #sums = new Map<string, Row>();
  readonly #texts = new Texts();
  readonly #names = new BoundedNames(MOST_NAMES, OTHERS);
  readonly #counts = { failed: 0, hanging: 0 };

  constructor(private readonly grid: BinGrid) {}

  observe(line: LedgerLine): void {
    const failure = failureOf(line);
    if (failure === null) return;
    this.#counts[failure.outcome] += failure.count;
    if (this.#rows.length < MOST_ROWS) {
      this.#rows.push(this.#rowOf(failure));
      return;
    }
    const slot = this.grid.slotOf(failure.startMs);
    const row = this.#rowOf(failure);
    const { outcome, status, errorCode, connection, client, message, cluster, version } = row;
    const key = [slot, outcome, status, errorCode, connection, client, message, cluster, version].join(" ");
    if (this.#sums.has(key) || this.#sums.size < MOST_SUMS) this.#sum(key, row);
    else this.#sum(`${slot} ${outcome}`, this.#unlike(row));
  }

  list(): FailureList {
    const rows = [...this.#rows, ...this.#sums.values()].sort((a, b) => a.startMs - b.startMs);
    return {
      ...this.#counts,
      texts: this.#texts.all(),
      rows: {
        startMs: rows.map(({ startMs }) => whole(startMs)),
        durationMs: rows.map(({ durationMs }) => rounded(durationMs, 2) ?? 0),
        count: rows.map(({ count }) => count),
        outcome: rows.map(({ outcome }) => outcome),
        status: rows.map(({ status }) => status + 0),
        errorCode: rows.map(({ errorCode }) => errorCode + 0),
        connection: rows.map(({ connection }) => connection),
        client: rows.map(({ client }) => client),
        message: rows.map(({ message }) => message),
        cluster: rows.map(({ cluster }) => cluster),
        version: rows.map(({ version }) => version),
      },
    };
  }

  #sum(key: string, row: Row): void {
    const sum = this.#sums.get(key);
    if (sum === undefined) {
      this.#sums.set(key, row);
      return;
    }
    sum.startMs = Math.min(sum.startMs, row.startMs);
    sum.durationMs = Math.max(sum.durationMs, row.durationMs);
    sum.count += row.count;
  }

  /** A row of requests that have only their outcome in common. */
  #unlike({ startMs, durationMs, count, outcome }: Row): Row {
    const others = this.#texts.indexOf(OTHERS);
    const names = { client: others, message: others, cluster: others, version: others };
    return { startMs, durationMs, count, outcome, status: 0, errorCode: 0, connection: "unknown", ...names };
  }

  #rowOf({ client, message, cluster, version, ...rest }: Failure): Row {
    const indexOf = (name: string): number => this.#texts.indexOf(this.#names.of(name));
    return {
      ...rest,
      client: indexOf(client),
      message: this.#texts.indexOf(message),
      cluster: indexOf(cluster),
      version: indexOf(version),
    };
  }
}
