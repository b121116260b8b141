import assert from "node:assert/strict";
import { test } from "node:test";
import { binomialBand, smallestDeviation } from "../../checks/binomial-band.ts";
import { planOf } from "../../checks/testing.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import { highestUnseenRate, oneByChance, requestsToTell, untilOneBegins } from "./possible.ts";
import type { Recorded } from "./recorded.ts";

/** `rate` answers a second for so many seconds, each `newEvery`-th on a new connection. */
function answers(seconds: number, rate: number, newEvery: number): Recorded {
  const ledger = Array.from({ length: seconds * rate + 1 }, (_, index): LedgerLine => ({
    type: "answered",
    ...{ seq: index + 1, binMs: (index * 1000) / rate, client: "steady", count: 1 },
    ...{ cluster: "c1", version: "v1", latency: { 1: 1 } },
    connection: index % newEvery === 0 ? "new" : "reused",
  }));
  return { plan: planOf(), history: [], ledger, summary: undefined };
}

test("a rate that n good requests leave possible shows none in 5 % of the cases, which is the rule of three (defect: a bound that promises too much)", () => {
  for (const n of [1, 20, 300, 24_483]) {
    const rate = highestUnseenRate(n);
    assert.ok(Math.abs((1 - rate) ** n - 0.05) < 1e-9);
    if (n > 100) assert.ok(Math.abs(rate / (3 / n) - 1) < 0.01, `${String(n)}: ${String(rate)}`);
  }
  const { size, because } = oneByChance(answers(60, 50, 1000));
  assert.equal(size, 1);
  // 3,001 answers: 1 in 1,002 by exact tails.
  assert.match(because, /3,001 without a failure leave a rate of 1 in 1,002 possible \(95 %\)/);
});

test("a stretch as long as from one request to the next meets one (defect: a bound of requests that the rule is not for)", () => {
  const recorded = answers(10, 100, 5);
  const all = untilOneBegins(recorded, { who: "a request" });
  assert.ok(Math.abs(all.size - 10) < 0.1, String(all.size));
  const half = untilOneBegins(recorded, { who: "a request", share: 0.5 });
  assert.ok(Math.abs(half.size - 2 * all.size) < 1e-9);
  const fresh = untilOneBegins(recorded, { who: "a new connection", is: ({ connection }) => connection === "new" });
  assert.ok(Math.abs(fresh.size - 50) < 0.5, String(fresh.size));
});

test("with fewer requests no weight can be told from the next (defect: a bound that a judge could beat)", () => {
  const alpha = 0.001 / 4;
  const { inTurn, byChance } = requestsToTell(0.25, { threads: 2, alpha });
  // Two threads, each less than 2 off: 16 requests of a quarter are 4.
  assert.equal(inTurn, 17);
  const deviation = (n: number): number => smallestDeviation(n, 0.5, binomialBand(n, 0.5, alpha));
  assert.ok(deviation(byChance) <= 0.25 && deviation(byChance - 1) > 0.25);
  assert.ok(byChance > inTurn);
});
