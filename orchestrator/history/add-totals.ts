import type { LedgerLine } from "./ledger.ts";
import { ownValue } from "./own-value.ts";

type Heartbeat = Extract<LedgerLine, { type: "heartbeat" }>;
type Outcomes = Pick<Heartbeat, "issued" | "answered" | "failed" | "hanging" | "dropped">;

/** What several pods counted, added up. */
export function outcomes(all: readonly Outcomes[]): Outcomes {
  return {
    issued: sum(all.map(({ issued }) => issued)),
    answered: sum(all.map(({ answered }) => answered)),
    failed: sum(all.map(({ failed }) => failed)),
    hanging: sum(all.map(({ hanging }) => hanging)),
    dropped: sum(all.map(({ dropped }) => dropped)),
  };
}

type Additions = Pick<Heartbeat, "clients" | "lost">;
type Client = NonNullable<Additions["clients"]>[string];

/** The counts that a ledger may leave out, left out here when every pod does. */
export function additions(all: readonly Additions[]): Additions {
  const lost = all.flatMap((each) => each.lost ?? []);
  const byClient = all.flatMap(({ clients }) => (clients === undefined ? [] : Object.entries(clients)));
  const clients: NonNullable<Additions["clients"]> = {};
  for (const [client, totals] of byClient) {
    const before = ownValue(clients, client);
    clients[client] = before === undefined ? totals : added(before, totals);
  }
  return {
    ...(all.some((each) => each.clients !== undefined) ? { clients } : {}),
    ...(lost.length > 0 ? { lost: sum(lost) } : {}),
  };
}

function added(one: Client, other: Client): Client {
  const starts = [one.oldestStartMs, other.oldestStartMs].filter((start) => start !== undefined);
  return {
    issued: one.issued + other.issued,
    inFlight: one.inFlight + other.inFlight,
    ...(starts.length > 0 ? { oldestStartMs: earliestOf(starts) } : {}),
    dropped: one.dropped + other.dropped,
  };
}

/** The earliest of the starts that there are, Unix ms. */
export function earliestOf(starts: readonly (number | null)[]): number | null {
  const known = starts.filter((start) => start !== null);
  return known.length === 0 ? null : least(known);
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** Infinity when there is none. */
export function least(numbers: readonly number[]): number {
  return numbers.reduce((smallest, each) => Math.min(smallest, each), Infinity);
}
