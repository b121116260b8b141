import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf, Histogram } from "./histogram.ts";
import { addToHalves, stabilityOf, type Halves } from "./stable-latency.ts";

const halves = (): Halves => [new Histogram(), new Histogram()];
const answers = (ms: number, count = 1): Record<string, number> => ({ [bucketOf(ms)]: count });

test("answers belong to the half in which they started, each half from its first moment on, and none from beyond the window", () => {
  for (const [binMs, counted] of [
    [900, [0, 0]],
    [1000, [1, 0]],
    [1900, [1, 0]],
    [2000, [0, 1]],
    [2900, [0, 1]],
    [3000, [0, 0]],
  ] as const) {
    const both = halves();
    addToHalves(both, { binMs, latency: answers(12) }, { fromMs: 1000, windowMs: 2000 });
    assert.deepEqual(
      both.map(({ total }) => total),
      counted,
      String(binMs),
    );
  }
});

/** Of a load whose answers took so long in the first half and in the second. */
function stable(firstMs: number, secondMs: number): boolean {
  const both = halves();
  both[0].addSparse(answers(firstMs, 20));
  both[1].addSparse(answers(secondMs, 20));
  return stabilityOf(both).stable;
}

test("short latencies are stable, whatever their proportion, and long ones while neither is 5 times the other", () => {
  assert.equal(stable(2, 90), true);
  assert.equal(stable(90, 2), true);
  assert.equal(stable(200, 300), true);
  assert.equal(stable(960, 200), true);
  assert.equal(stable(200, 1040), false);
  assert.equal(stable(1040, 200), false);
  assert.equal(stable(10, 120), false);
});

test("a half without any answer has a p95 of 0, and is not like one with slow answers", () => {
  assert.deepEqual(stabilityOf(halves()), { first95: 0, second95: 0, stable: true });
  const both = halves();
  both[1].addSparse(answers(400, 20));
  const { first95, second95, stable: same } = stabilityOf(both);
  assert.deepEqual([first95, same], [0, false]);
  assert.ok(Math.abs(second95 - 400) <= 4.01, String(second95));
});
