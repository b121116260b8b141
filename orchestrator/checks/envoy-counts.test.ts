import assert from "node:assert/strict";
import { test } from "node:test";
import { DOWNSTREAM, HOST, UPSTREAM } from "../history/gateway-stats.ts";
import { EnvoyCounts } from "./envoy-counts.ts";
import { momentAt, NEW, OLD, START_MS } from "./testing.ts";

/** What an Envoy counts; every count that is not named is 0. */
interface Counted {
  readonly uptimeSeconds?: number;
  readonly downstream?: Partial<Record<(typeof DOWNSTREAM)[number], number>>;
  readonly upstream?: Partial<Record<(typeof UPSTREAM)[number], number>>;
  /** Retries by cluster, where there are several. */
  readonly clusters?: Readonly<Record<string, number>>;
  /** Failed attempts by address. */
  readonly errors?: Readonly<Record<string, number>>;
}

const zeros = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 0]));

function answer({ uptimeSeconds = 100, downstream, upstream, clusters, errors = {} }: Counted) {
  return {
    tookMs: 60,
    uptimeSeconds,
    downstream: { ...zeros(DOWNSTREAM), ...downstream },
    upstream: { ...zeros(UPSTREAM), ...upstream },
    ...(clusters && {
      clusters: Object.entries(clusters).map(([name, rq_retry]) => ({
        name,
        counts: { ...zeros(UPSTREAM), rq_retry },
      })),
    }),
    hosts: Object.entries(errors).map(([address, count]) => ({
      address,
      health: "HEALTHY",
      counts: { ...zeros(HOST), rq_error: count },
    })),
  };
}

/** Answers that came a second apart, the first one at second 0. */
function seen(...answers: readonly Counted[]): EnvoyCounts {
  const counts = new EnvoyCounts((address) => ({ "10.1.0.1": OLD, "10.1.0.2": NEW })[address]);
  for (const [second, counted] of answers.entries()) counts.see(momentAt(second), answer(counted));
  return counts;
}

test("an Envoy that nobody asked has counted nothing", () => {
  const counts = seen();
  assert.equal(counts.downstream("rq_total"), 0);
  assert.equal(counts.upstream("rq_retry"), 0);
  assert.deepEqual([...counts.errors()], []);
  assert.equal(counts.gap(START_MS, 0), "could not be asked");
});

test("counts of the listeners are what they rose by since the first answer", () => {
  const counts = seen(
    { downstream: { rq_total: 5, rq_5xx: 2 } },
    { downstream: { rq_total: 50, rq_5xx: 2 } },
    { downstream: { rq_total: 105, rq_5xx: 9 } },
  );
  assert.deepEqual([counts.downstream("rq_total"), counts.downstream("rq_5xx")], [100, 7]);
  assert.equal(seen({ downstream: { rq_total: 5 } }).downstream("rq_total"), 0);
});

test("a count of the route is what it rose by, also beyond its own beginning anew, and no more where it stands still", () => {
  const retries = (...each: readonly number[]): number =>
    seen(...each.map((rq_retry) => ({ upstream: { rq_retry } }))).upstream("rq_retry");
  assert.equal(retries(7), 0);
  assert.equal(retries(7, 10, 10, 12), 5);
  assert.equal(retries(7, 10, 2, 4), 7);
});

test("where each backend has its counts, one that goes takes nothing from the other's and adds nothing to them (defect: a sum that falls counts twice)", () => {
  const retries = (...each: readonly Readonly<Record<string, number>>[]): number =>
    seen(...each.map((clusters) => ({ clusters }))).upstream("rq_retry");
  assert.equal(retries({ a: 7 }), 0);
  assert.equal(retries({ a: 7 }, { a: 9, b: 3 }, { b: 4 }), 6);
  assert.equal(retries({ a: 7 }, {}, { a: 2 }), 2);
});

test("failed attempts are told by backend, or by address where none is known, and only where there are any", () => {
  const counts = seen(
    { errors: { "10.1.0.1": 3, "10.1.0.2": 4 } },
    // The first address goes on, the second one stands still, the third one is new, and so is one that fails at nothing.
    { errors: { "10.1.0.1": 8, "10.1.0.2": 4, "10.9.9.9": 2, "10.9.9.8": 0 } },
    { errors: { "10.1.0.1": 1, "10.1.0.2": 4, "10.9.9.9": 3 } },
  );
  assert.deepEqual(Object.fromEntries(counts.errors()), { [OLD]: 6, "10.9.9.9": 3 });
});

/** Asked at second 0 and again at second 2, before which the load ended; the first request was at second 0. */
const gapOf = (counts: EnvoyCounts, loadEndedMonoMs = 1000, firstRequestMs = START_MS): string | null =>
  counts.gap(firstRequestMs, loadEndedMonoMs);

test("counts from before the first request until after the load's end are whole", () => {
  assert.equal(gapOf(seen({}, {}, {})), null);
});

test("the first answer must be there when the first request is sent", () => {
  assert.equal(gapOf(seen({}, {}, {}), 1000, START_MS - 1), "was first asked when the load had begun");
  assert.equal(gapOf(seen({}, {}, {}), 1000, START_MS + 1), null);
});

test("the last answer must be one that was asked for after the load's end (defect: the time of its arrival)", () => {
  // It arrived at second 2, and took 60 ms.
  assert.equal(gapOf(seen({}, {}, {}), 1940), null);
  assert.equal(gapOf(seen({}, {}, {}), 1941), "gave no answer after the load");
});

test("an Envoy that has run for less time, or has counted fewer requests, began to count anew", () => {
  const anew = "began to count anew";
  assert.equal(gapOf(seen({ uptimeSeconds: 9 }, { uptimeSeconds: 9 }, { uptimeSeconds: 11 })), null);
  assert.equal(gapOf(seen({ uptimeSeconds: 9 }, { uptimeSeconds: 8 }, { uptimeSeconds: 10 })), anew);
  const requests = (...each: readonly number[]): string | null =>
    gapOf(seen(...each.map((rq_total) => ({ downstream: { rq_total } }))));
  assert.equal(requests(4, 4, 4), null);
  assert.equal(requests(4, 3, 9), anew);
});

test("an answer that does not come, or cannot be read, is told as long as no other one follows", () => {
  const counts = seen();
  counts.refused("not yours");
  assert.equal(gapOf(counts), "could not be asked: not yours");
  counts.see(momentAt(0), {});
  const unreadable = "tookMs: Invalid input: expected number, received undefined";
  assert.equal(gapOf(counts), `could not be asked: ${unreadable}`);
  counts.see(momentAt(0), answer({ downstream: { rq_total: 4 } }));
  assert.equal(gapOf(counts), "gave no answer after the load");
  counts.see(momentAt(2), {});
  assert.equal(gapOf(counts), `gave no answer after the load: ${unreadable}`);
  counts.see(momentAt(3), answer({ downstream: { rq_total: 9 } }));
  assert.equal(gapOf(counts), null);
  // What was refused counted on all the same.
  assert.equal(counts.downstream("rq_total"), 5);
});
