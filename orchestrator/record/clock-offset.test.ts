import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Clock } from "../kube/clock.ts";
import { boundsOf, commonBounds, measureOffset, offsetOf, widestBounds } from "./clock-offset.ts";
import type { OtherClock } from "./clock-offset.ts";

const never = new AbortController().signal;

/** A world in which time passes only while somebody sleeps or is asked. The runner's wall clock has whole ms, as the real one. */
class World implements Clock {
  trueMs = 1_700_000_000_000;
  readonly beganMs = this.trueMs;
  readonly monoMs = (): number => this.trueMs - this.beganMs;
  readonly wallMs = (): number => Math.floor(this.trueMs);
  readonly sleep = (ms: number): Promise<void> => {
    this.trueMs += ms;
    return Promise.resolve();
  };
}

/** A clock that is ahead of the world by what `aheadMs` says, told in steps of `resolutionMs`; questions take `under` and `back` ms. */
function clockAhead(
  world: World,
  aheadMs: () => number,
  ways: () => { under: number; back: number },
  other: Omit<OtherClock, "ask">,
): OtherClock {
  return {
    ...other,
    ask: () => {
      const { under, back } = ways();
      world.trueMs += under;
      const readMs = world.trueMs + aheadMs();
      world.trueMs += back;
      return Promise.resolve(Math.floor(readMs / other.resolutionMs) * other.resolutionMs);
    },
  };
}

test("an answer bounds the offset by the time it was under way, and by what both clocks cut off", () => {
  const told = { sentMs: 1_000, tookMs: 10, toldMs: 1_204.5 };
  assert.deepEqual(boundsOf(told, { own: 1, other: 0 }), { leastMs: 193.5, mostMs: 204.5 });
  // A Date header of 00:00:02, asked for at 2.100 and there at 2.120: the server's clock is 121 ms behind at worst, 900 ahead.
  const date = { sentMs: 2_100, tookMs: 20, toldMs: 2_000 };
  assert.deepEqual(boundsOf(date, { own: 1, other: 1_000 }), { leastMs: -121, mostMs: 900 });
});

test("answers on both sides of a second's end leave little between them", () => {
  const bounds = [
    boundsOf({ sentMs: 2_920, tookMs: 5, toldMs: 2_000 }, { own: 1, other: 1_000 }),
    boundsOf({ sentMs: 2_980, tookMs: 5, toldMs: 3_000 }, { own: 1, other: 1_000 }),
  ];
  const common = commonBounds(bounds);
  assert.deepEqual(common, { leastMs: 14, mostMs: 80 });
  assert.deepEqual(offsetOf({ leastMs: 14, mostMs: 80 }), { offsetMs: 47, uncertaintyMs: 33 });
});

test("answers that contradict each other have nothing in common, and the widest bounds hold for each", () => {
  const bounds = [
    { leastMs: -5, mostMs: 5 },
    { leastMs: 100, mostMs: 120 },
  ];
  assert.equal(commonBounds(bounds), undefined);
  assert.deepEqual(widestBounds(bounds), { leastMs: -5, mostMs: 120 });
});

const way = fc.double({ min: 0.01, max: 40, noNaN: true });

test("the true offset lies within the uncertainty, however long the answers take and however uneven their ways", async () => {
  const kinds = [
    { resolutionMs: 1_000, questions: 20, everyMs: 53 },
    { resolutionMs: 0.001, questions: 8, everyMs: 0 },
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: -5_000, max: 5_000, noNaN: true }),
      fc.constantFrom(...kinds),
      fc.double({ min: 0, max: 1_000, noNaN: true }),
      fc.array(fc.record({ under: way, back: way }), { minLength: 20, maxLength: 20 }),
      async (aheadMs, kind, startMs, ways) => {
        const world = new World();
        world.trueMs += startMs;
        let asked = 0;
        const next = (): { under: number; back: number } => ways[asked++] ?? { under: 1, back: 1 };
        const found = await measureOffset(
          clockAhead(world, () => aheadMs, next, kind),
          world,
          never,
        );
        assert.ok(found !== undefined);
        // Unix ms have a quarter of a µs in a double.
        assert.ok(Math.abs(found.offsetMs - aheadMs) <= found.uncertaintyMs + 0.001, JSON.stringify(found));
        assert.ok(found.uncertaintyMs <= 70, `${String(found.uncertaintyMs)} ms after answers of at most 80 ms`);
      },
    ),
  );
});

test("a clock that is set during the measurement is measured once more, as it is then", async () => {
  const world = new World();
  let asked = 0;
  const aheadMs = (): number => (asked++ < 3 ? 0 : 500);
  const other = clockAhead(world, aheadMs, () => ({ under: 1, back: 1 }), {
    resolutionMs: 0.001,
    questions: 8,
    everyMs: 0,
  });
  const found = await measureOffset(other, world, never);
  assert.ok(
    found !== undefined && Math.abs(found.offsetMs - 500) <= 2 && found.uncertaintyMs <= 2,
    JSON.stringify(found),
  );
  assert.equal(asked, 16);
});

test("a clock that is set again and again is told with an uncertainty that covers all it was", async () => {
  const world = new World();
  let asked = 0;
  const aheadMs = (): number => (asked++ % 2 === 0 ? -40 : 60);
  const other = clockAhead(world, aheadMs, () => ({ under: 1, back: 1 }), {
    resolutionMs: 0.001,
    questions: 4,
    everyMs: 0,
  });
  const { offsetMs, uncertaintyMs } = (await measureOffset(other, world, never)) ?? assert.fail();
  assert.ok(
    offsetMs - uncertaintyMs <= -40 && offsetMs + uncertaintyMs >= 60,
    `${String(offsetMs)}, ${String(uncertaintyMs)}`,
  );
});

test("lost answers are done without; a clock that never answers, or is asked too late, is not measured", async () => {
  const world = new World();
  let asked = 0;
  const other = {
    resolutionMs: 0.001,
    questions: 5,
    everyMs: 0,
    ask: () => (++asked % 2 === 0 ? Promise.reject(new Error("lost")) : Promise.resolve(world.trueMs + 7)),
  };
  const found = await measureOffset(other, world, never);
  assert.ok(found !== undefined && Math.abs(found.offsetMs - 7) <= found.uncertaintyMs);
  assert.equal(asked, 5);
  const silent = { ...other, ask: () => Promise.reject(new Error("lost")) };
  assert.equal(await measureOffset(silent, world, never), undefined);
  asked = 0;
  assert.equal(await measureOffset(other, world, AbortSignal.abort()), undefined);
  assert.equal(asked, 0);
});
