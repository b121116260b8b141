/**
 * The kinds of clients that a load is made of, each a file in k6/scenarios/, and how a planned rate is divided among
 * them. The steady kind takes what the others leave, so that its share is what makes a step's share judgeable; the others
 * are as many as it takes to be in flight, or to be due, at any moment of a change.
 */
export const CLIENT_KINDS = ["steady", "fresh", "session", "burst", "large", "stream", "long"] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];

/** What a client of a kind does, in a line, for help and reports. */
export const CLIENT_WORDS: Readonly<Record<ClientKind, string>> = {
  steady: "short requests on kept connections",
  fresh: "a new connection for every request",
  session: "one request after another on a kept connection, which must not go back to the old version once cut over",
  burst: "several requests at once, every second",
  large: "request and answer of 64 KiB, with checksums",
  stream: "an answer in chunks over 3 s, which must be whole",
  long: "an answer after 6 s, so that requests are in flight over steps, promotion and deletion",
};

/** One kind's part of a load. Rates in requests/s, times in ms. */
export interface ClientMix {
  readonly client: ClientKind;
  readonly model: "open" | "closed";
  /** Null for the closed model. */
  readonly rate: number | null;
  readonly requestsPerIteration: number;
  /** VUs of the kind's k6 scenario, those of all pods together. */
  readonly vus: number;
  readonly requestTimeoutMs: number;
  /** Time that an answer takes by design; 0 for the quick kinds. */
  readonly holdsMs: number;
}

interface Share {
  /** Part of the planned rate. */
  readonly share: number;
  /** Most requests/s. */
  readonly most: number;
  /** Most VUs: each costs memory in the k6 pod. */
  readonly mostVus: number;
  readonly holdsMs: number;
}

/**
 * The mix. A long or streamed answer holds one of a replica's few slots all the while, so they are few whatever the rate: 1/3 a
 * second for 6 s, and 1/2 for 3 s, are 2 and 1.5 in flight at any moment (Little's law).
 */
const SHARES: Readonly<Record<ClientKind, Share>> = {
  steady: { share: 1, most: Infinity, mostVus: 300, holdsMs: 0 },
  fresh: { share: 0.1, most: Infinity, mostVus: 60, holdsMs: 0 },
  session: { share: 0.05, most: Infinity, mostVus: 30, holdsMs: 0 },
  burst: { share: 0.05, most: Infinity, mostVus: 10, holdsMs: 0 },
  large: { share: 0.02, most: 2, mostVus: 20, holdsMs: 0 },
  stream: { share: 0.01, most: 0.5, mostVus: 10, holdsMs: 3000 },
  long: { share: 0.01, most: 0.333, mostVus: 10, holdsMs: 6000 },
};

/** Rate (requests/s) by which the kinds beside a closed-model steady client are sized. */
const BESIDE_CLOSED_RATE = 100;
/** VUs of the closed model. */
const CLOSED_VUS = 10;
/** k6 takes whole numbers only, so a rate is so many in 1,000 s. */
const RATE_STEPS = 1000;

/**
 * How a load of `rate` requests/s (`max`: as fast as answers come) is made up of the chosen kinds, in the order of CLIENT_KINDS. The kind
 * that stands first among the chosen ones takes what the others leave, but never more than its own bound allows, so that a choice of slow kinds alone may
 * come to less than `rate`. `vus` replaces the VUs of that first kind.
 */
export function clientMix(from: {
  readonly kinds: readonly ClientKind[];
  readonly rate: number | "max";
  readonly requestTimeoutMs: number;
  readonly vus?: number | undefined;
}): ClientMix[] {
  const kinds = CLIENT_KINDS.filter((kind) => from.kinds.includes(kind));
  const [first, ...others] = kinds;
  if (first === undefined) return [];
  const base = from.rate === "max" ? BESIDE_CLOSED_RATE : from.rate;
  const beside = others.map((kind) => mixOf(kind, rateOf(kind, base), from.requestTimeoutMs));
  const taken = beside.reduce((sum, { rate }) => sum + (rate ?? 0), 0);
  if (from.rate === "max") {
    const closed = mixOf(first, null, from.requestTimeoutMs);
    return [{ ...closed, vus: from.vus ?? CLOSED_VUS }, ...beside];
  }
  const rest = mixOf(first, roundedRate(Math.min(SHARES[first].most, from.rate - taken)), from.requestTimeoutMs);
  return [{ ...rest, vus: from.vus ?? rest.vus }, ...beside];
}

/** Requests/s of a mix altogether; null when one of its kinds has no planned rate. */
export function rateOfMix(mix: readonly Pick<ClientMix, "rate">[]): number | null {
  let sum = 0;
  for (const { rate } of mix) {
    if (rate === null) return null;
    sum += rate;
  }
  return roundedRate(sum);
}

function rateOf(kind: ClientKind, base: number): number {
  const { share, most } = SHARES[kind];
  return roundedRate(Math.min(most, share * base));
}

function mixOf(client: ClientKind, rate: number | null, requestTimeoutMs: number): ClientMix {
  const { holdsMs, mostVus } = SHARES[client];
  // What an answer takes by design is no part of the time that the target has.
  const timeoutMs = requestTimeoutMs + holdsMs;
  // One burst a second.
  const requestsPerIteration = client === "burst" ? Math.max(2, Math.round(rate ?? 2)) : 1;
  const iterations = (rate ?? 1) / requestsPerIteration;
  return {
    client,
    model: rate === null ? "closed" : "open",
    rate,
    requestsPerIteration,
    // VUs for the worst stall: everything that starts within a whole deadline waits at once (Little's law), bounded.
    vus: Math.min(mostVus, Math.max(2, Math.ceil((iterations * timeoutMs) / 1000))),
    requestTimeoutMs: timeoutMs,
    holdsMs,
  };
}

function roundedRate(rate: number): number {
  return Math.max(1, Math.round(rate * RATE_STEPS)) / RATE_STEPS;
}
