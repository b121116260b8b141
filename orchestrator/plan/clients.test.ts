import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import fc from "fast-check";
import { CLIENT_KINDS, CLIENT_WORDS, clientMix, rateOfMix, type ClientKind } from "./clients.ts";

const mixOf = (rate: number | "max", kinds: readonly ClientKind[] = CLIENT_KINDS, vus?: number) =>
  clientMix({ kinds, rate, requestTimeoutMs: 10_000, vus });

test("every kind is a file in k6/scenarios and no other is there (defect: a kind that cannot be run)", async () => {
  const files = await readdir(new URL("../../k6/scenarios/", import.meta.url));
  assert.deepEqual(files.map((file) => file.replace(/\.ts$/, "")).toSorted(), CLIENT_KINDS.toSorted());
});

test("the default mix is the planned rate, most of it steady (defect: kinds on top of the rate)", () => {
  const mix = mixOf(200);
  assert.equal(rateOfMix(mix), 200);
  assert.deepEqual(
    mix.map(({ client, rate, requestsPerIteration }) => [client, rate, requestsPerIteration]),
    [
      ["steady", 157.167, 1],
      ["fresh", 20, 1],
      ["session", 10, 1],
      ["burst", 10, 10],
      ["large", 2, 1],
      ["stream", 0.5, 1],
      ["long", 0.333, 1],
    ],
  );
});

test("whatever the rate and the kinds, a mix with steady clients adds up to it (defect: rates rounded apart)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.subarray(CLIENT_KINDS.slice(1)), (rate, others) => {
      const mix = mixOf(rate, ["steady", ...others]);
      assert.equal(rateOfMix(mix), rate);
      assert.ok(mix.every((client) => client.rate !== null && client.rate > 0 && client.vus > 0));
    }),
  );
});

test("slow kinds alone stay few (defect: 200 answers of 6 s a second, 1,200 at once)", () => {
  const [long, ...rest] = mixOf(200, ["long"]);
  assert.deepEqual(rest, []);
  assert.deepEqual([long?.rate, long?.vus, long?.requestTimeoutMs], [0.333, 6, 16_000]);
});

test("VUs cover a whole deadline, up to a bound (defect: a stall at a low rate drops iterations)", () => {
  const vus = (rate: number): number | undefined => mixOf(rate, ["steady"])[0]?.vus;
  assert.deepEqual([vus(20), vus(5000)], [200, 300]);
  assert.equal(mixOf(20, CLIENT_KINDS, 33)[0]?.vus, 33);
});

test("as fast as answers come: the first kind is closed, the others keep a rate (defect: seven kinds without pause)", () => {
  const [steady, ...others] = mixOf("max");
  assert.deepEqual([steady?.model, steady?.rate, steady?.vus], ["closed", null, 10]);
  assert.ok(others.every(({ model, rate }) => model === "open" && rate !== null && rate <= 10));
  assert.equal(rateOfMix(mixOf("max")), null);
});

test("of no kinds there is no mix, at whatever rate (defect: a crash instead of an empty load)", () => {
  assert.deepEqual([mixOf(200, []), mixOf("max", [])], [[], []]);
});

test("a burst is one iteration a second, whatever its size (defect: VUs for every request of a burst, each with its memory)", () => {
  const burst = (rate: number) => clientMix({ kinds: ["steady", "burst"], rate, requestTimeoutMs: 3000 })[1];
  assert.deepEqual(
    [200, 400].map((rate) => [burst(rate)?.rate, burst(rate)?.requestsPerIteration, burst(rate)?.vus]),
    [
      [10, 10, 3],
      [20, 20, 3],
    ],
  );
});

test("every kind is told in a line, and what takes long says how long (defect: help that leaves a kind's column empty)", () => {
  assert.deepEqual(CLIENT_WORDS, {
    steady: "short requests on kept connections",
    fresh: "a new connection for every request",
    session: "one request after another on a kept connection, which must not go back to the old version once cut over",
    burst: "several requests at once, every second",
    large: "request and answer of 64 KiB, with checksums",
    stream: "an answer in chunks over 3 s, which must be whole",
    long: "an answer after 6 s, so that requests are in flight over steps, promotion and deletion",
  });
  const secondsOf = (kind: ClientKind): number => Number(/ (\d+) s\b/.exec(CLIENT_WORDS[kind])?.[1] ?? 0);
  assert.deepEqual(
    mixOf(200).map(({ client }) => secondsOf(client) * 1000),
    mixOf(200).map(({ holdsMs }) => holdsMs),
  );
});
