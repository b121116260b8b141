import assert from "node:assert/strict";
import { test } from "node:test";
import { realClock } from "./clock.ts";

void test("a sleep never ends too early, fractions of a millisecond included (defect: a fault undone after 2,999 ms)", async () => {
  for (let round = 0; round < 100; round += 1) {
    const begunMs = realClock.monoMs();
    await realClock.sleep(1.9);
    assert.ok(realClock.monoMs() - begunMs >= 1.9);
  }
});

void test("an aborted sleep rejects with the reason, also one of no time at all", async () => {
  const aborted = AbortSignal.abort(new Error("given up"));
  await assert.rejects(realClock.sleep(0, aborted), /given up/);
  await assert.rejects(realClock.sleep(60_000, aborted), /given up/);
});
