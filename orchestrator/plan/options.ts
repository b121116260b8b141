import { CLIENT_KINDS, type ClientKind } from "./clients.ts";
import { UsageError } from "./errors.ts";
import { nearestIs } from "./nearest.ts";

/** The values an option can take: those that work, and those that are planned but not built yet. */
export interface Choice<Built extends string> {
  readonly built: readonly Built[];
  readonly planned: readonly string[];
}

export const TARGET: Choice<"embedded" | "context" | "kind"> = { built: ["embedded", "context", "kind"], planned: [] };
export const PROFILE: Choice<"small" | "standard"> = { built: ["small", "standard"], planned: [] };
export const SERVE_INGRESS: Choice<"haproxy" | "proxy"> = { built: ["haproxy", "proxy"], planned: [] };

export type Target = (typeof TARGET)["built"][number];
export type Profile = (typeof PROFILE)["built"][number];
export type ServeIngress = (typeof SERVE_INGRESS)["built"][number];

/** Arrival rate of the open model in requests/s, or `max` for the closed model. */
export type Rate = number | "max";

/** Above this a rate is a slip of the finger: no single k6 pod offers it. */
export const MAX_RATE = 100_000;

/** The value if it is built; otherwise a UsageError that begins with `what` and tells planned from unknown. */
export function parseChoice<Built extends string>(text: string, what: string, choice: Choice<Built>): Built {
  const built = choice.built.find((value) => value === text);
  if (built !== undefined) return built;
  const expected = choice.built.join(" or ");
  if (choice.planned.includes(text)) {
    throw new UsageError(`${what} ${text} is planned but not built yet; expected ${expected}, received "${text}".`);
  }
  const planned = choice.planned.length > 0 ? ` (planned but not built yet: ${choice.planned.join(", ")})` : "";
  const guess = nearestIs(text, [...choice.built, ...choice.planned]);
  throw new UsageError(`${what} must be ${expected}${planned}; received "${text}", ${guess}.`);
}

/** A rate in requests/s as a whole number, or `max`. Anything else is a UsageError that begins with `what`. */
export function parseRate(received: string | number, what: string): Rate {
  if (received === "max") return "max";
  // Plain digits only: Number() alone would take "", "4e2" and "0x10". k6 takes whole rates only.
  const rate = typeof received === "number" || /^\d+$/.test(received) ? Number(received) : Number.NaN;
  if (Number.isInteger(rate) && rate >= 1 && rate <= MAX_RATE) return rate;
  throw new UsageError(
    `${what} must be a whole number of requests per second from 1 to ${MAX_RATE}, or max; received ${JSON.stringify(received)}.`,
  );
}

/** Kinds of clients, as a list or with commas between them. An unknown, repeated or missing one is a UsageError that begins with `what`. */
export function parseClients(kinds: string | readonly string[], what: string): ClientKind[] {
  const parts = typeof kinds === "string" ? kinds.split(",") : kinds;
  const asked = parts.length === 0 ? [""] : parts.map((part) => part.trim());
  const found = asked.map((kind) => {
    const known = CLIENT_KINDS.find((each) => each === kind);
    if (known !== undefined) return known;
    throw new UsageError(
      `${what} must be kinds of clients (${CLIENT_KINDS.join(", ")}) with commas between them; received "${kind}", ${nearestIs(kind, CLIENT_KINDS)}.`,
    );
  });
  const twice = found.find((kind, index) => found.indexOf(kind) !== index);
  if (twice !== undefined)
    throw new UsageError(`${what} must name each kind of client once; received "${twice}" twice.`);
  return found;
}

/** Most runs in a row: beyond it a number is a slip of the finger. */
export const MOST_REPEATS = 1000;

/** A number of runs. Anything else is a UsageError that begins with `what`. */
export function parseRepeat(received: string, what: string): number {
  const runs = /^\d+$/.test(received) ? Number(received) : Number.NaN;
  if (Number.isInteger(runs) && runs >= 1 && runs <= MOST_REPEATS) return runs;
  throw new UsageError(
    `${what} must be a whole number of runs from 1 to ${MOST_REPEATS}; received ${JSON.stringify(received)}.`,
  );
}

/** Most k6 pods: beyond it a single runner's stream of ledgers is what limits. */
export const MAX_PARALLELISM = 32;

/** A number of k6 pods. Anything else is a UsageError that begins with `what`. */
export function parseParallelism(received: string | number, what: string): number {
  const pods = typeof received === "number" || /^\d+$/.test(received) ? Number(received) : Number.NaN;
  if (Number.isInteger(pods) && pods >= 1 && pods <= MAX_PARALLELISM) return pods;
  throw new UsageError(
    `${what} must be a whole number of k6 pods from 1 to ${MAX_PARALLELISM}; received ${JSON.stringify(received)}.`,
  );
}
