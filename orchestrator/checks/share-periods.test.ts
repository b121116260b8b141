import assert from "node:assert/strict";
import { test } from "node:test";
import { serveServiceOf } from "../history/httproute.ts";
import type { RouteChange, Timeline } from "../history/timeline.ts";
import {
  ceilBin,
  cellsOver,
  cellsWithin,
  changeZone,
  indexOfCell,
  judgeablePart,
  newSides,
  weightPeriods,
} from "./share-periods.ts";
import { aggressiveUpgrade, momentAt, NEW, OLD, START_MS, THIRD, timelineOfStory } from "./testing.ts";

const ms = (second: number): number => START_MS + second * 1000;

/** The route's weights by RayCluster from a second on. */
function routeAt(second: number, weights: Record<string, number>): RouteChange {
  const entries = Object.entries(weights).map(([cluster, weight]) => [serveServiceOf(cluster), weight] as const);
  return { ...momentAt(second), weights: new Map(entries) };
}

const UPGRADE = timelineOfStory(aggressiveUpgrade());
/** A change at second 10 whose route had these weights, under a load that was stopped at second 60. */
function changed(routeChanges: readonly RouteChange[], changes: Partial<Timeline> = {}): Timeline {
  return { ...UPGRADE, routeChanges, trigger: momentAt(10), stopLoad: momentAt(60), ...changes };
}

test("the new side is every RayCluster that came, one after another", () => {
  assert.deepEqual([...newSides({ ...UPGRADE, passing: [], arriving: NEW })], [NEW]);
  assert.deepEqual([...newSides({ ...UPGRADE, passing: [NEW], arriving: THIRD })], [NEW, THIRD]);
  assert.deepEqual([...newSides({ ...UPGRADE, passing: [], arriving: null })], []);
});

test("a period lasts from a move of the new side's weight to its next one, the last one to the stop", () => {
  const timeline = changed([
    // Before the change, and a change of the route that gives the new side nothing.
    routeAt(9.999, { [OLD]: 90, [NEW]: 10 }),
    routeAt(11, { [OLD]: 100 }),
    routeAt(30, { [OLD]: 75, [NEW]: 25 }),
    routeAt(40, { [OLD]: 50, [NEW]: 50 }),
    // Only the old side's weight is another one.
    routeAt(45, { [OLD]: 40, [NEW]: 50 }),
    routeAt(50, { [OLD]: 75, [NEW]: 25 }),
  ]);
  assert.deepEqual(weightPeriods(timeline), [
    { fromMs: ms(30), toMs: ms(40), weight: 25, weightBefore: 0, weightAfter: 50 },
    { fromMs: ms(40), toMs: ms(50), weight: 50, weightBefore: 25, weightAfter: 25 },
    { fromMs: ms(50), toMs: ms(60), weight: 25, weightBefore: 50, weightAfter: null },
  ]);
});

test("a move at the moment of the change is one of its own", () => {
  const [period] = weightPeriods(changed([routeAt(10, { [OLD]: 80, [NEW]: 20 })]));
  assert.deepEqual(period, { fromMs: ms(10), toMs: ms(60), weight: 20, weightBefore: 0, weightAfter: null });
});

test("RayClusters that follow one another are one side: their weights are one", () => {
  const timeline = changed([routeAt(30, { [OLD]: 70, [NEW]: 10, [THIRD]: 20 })], { passing: [NEW], arriving: THIRD });
  assert.deepEqual(
    weightPeriods(timeline).map(({ weight }) => weight),
    [30],
  );
});

test("the last period ends with the stop, else with the load, else with the record", () => {
  const ends: [changes: Partial<Timeline>, second: number][] = [
    [{ stopLoad: momentAt(60), loadEnded: momentAt(61), lastLine: momentAt(62) }, 60],
    [{ stopLoad: null, loadEnded: momentAt(61), lastLine: momentAt(62) }, 61],
    [{ stopLoad: null, loadEnded: null, lastLine: momentAt(62) }, 62],
  ];
  for (const [changes, second] of ends) {
    assert.equal(weightPeriods(changed([routeAt(30, { [NEW]: 100 })], changes))[0]?.toMs, ms(second));
  }
});

test("without a change, a side to come, or an end there is no period", () => {
  const routes = [routeAt(30, { [OLD]: 75, [NEW]: 25 })];
  const none: Partial<Timeline>[] = [
    { trigger: null },
    // A RayCluster that was given up before is no side that is to come.
    { arriving: null, passing: [NEW] },
    { stopLoad: null, loadEnded: null, lastLine: null },
  ];
  for (const changes of none) assert.deepEqual(weightPeriods(changed(routes, changes)), []);
});

const PERIOD = { fromMs: 100_000, toMs: 110_000 };

test("what can be judged is the longest part in which every side had an endpoint, as the gateway may have seen it", () => {
  const parts: [unready: [from: number, to: number][], part: [from: number, to: number] | null][] = [
    [[], [100_000, 110_000]],
    // 0.6 s before and after the stretch belong to it.
    [[[104_000, 105_000]], [105_600, 110_000]],
    [[[105_000, 106_000]], [100_000, 104_400]],
    // Of two that are as long as each other the first.
    [[[104_600, 105_400]], [100_000, 104_000]],
    [
      [
        [102_600, 103_400],
        [107_600, 108_400],
      ],
      [104_000, 107_000],
    ],
    // Before it and after it, also where they touch.
    [[[90_000, 95_000]], [100_000, 110_000]],
    [[[90_000, 99_400]], [100_000, 110_000]],
    [[[110_600, 112_000]], [100_000, 110_000]],
    [[[120_000, 125_000]], [100_000, 110_000]],
    // Nothing is left, to the millisecond on either side.
    [[[99_000, 120_000]], null],
    [[[100_600, 120_000]], null],
    [[[90_000, 109_400]], null],
    [[[100_601, 120_000]], [100_000, 100_001]],
  ];
  for (const [unready, part] of parts) {
    const stretches = unready.map(([fromMs, toMs]) => ({ fromMs, toMs }));
    const expected = part === null ? null : { fromMs: part[0], toMs: part[1] };
    assert.deepEqual(judgeablePart(PERIOD, stretches), expected, JSON.stringify(unready));
  }
});

test("the gateway may act 0.6 s before the watch tells and 0.6 s after it, and as much more as the clocks may differ, in whole bins", () => {
  assert.deepEqual(changeZone(10_000, 0), { fromMs: 9400, toMs: 10_600 });
  assert.deepEqual(changeZone(10_000, 100), { fromMs: 9300, toMs: 10_700 });
  assert.deepEqual(changeZone(10_050, 1), { fromMs: 9400, toMs: 10_700 });
});

test("a moment is rounded up to its bin's end, and a bin's edge stays", () => {
  assert.deepEqual([0, 100, 101, 199.5, 200].map(ceilBin), [0, 100, 200, 200, 200]);
});

/** Bounds of cells, their counts all 0. */
function boundsOf(cells: ReturnType<typeof cellsOver>): [fromMs: number, toMs: number][] {
  return cells.map(({ fromMs, toMs, ...counts }) => {
    assert.deepEqual(counts, { n: 0, k: 0, inFlight: 0 });
    return [fromMs, toMs];
  });
}

test("cells are as long as a bin within a zone and at most a second between two, in order, and one more", () => {
  assert.deepEqual(boundsOf(cellsOver([{ fromMs: 5000, toMs: 5200 }], [7700, 4500])), [
    [4500, 5000],
    [5000, 5100],
    [5100, 5200],
    [5200, 6200],
    [6200, 7200],
    [7200, 7700],
    [7700, 7800],
  ]);
});

test("zones that overlap have each bin once", () => {
  const zones = [
    { fromMs: 1100, toMs: 1300 },
    { fromMs: 1000, toMs: 1200 },
  ];
  assert.deepEqual(boundsOf(cellsOver(zones, [])), [
    [1000, 1100],
    [1100, 1200],
    [1200, 1300],
    [1300, 1400],
  ]);
});

test("a long time between two zones has 200 cells at most, of whole bins", () => {
  const cells = cellsOver([], [1_000_000, 1_250_010]);
  assert.deepEqual(boundsOf(cells).slice(0, 2), [
    [1_000_000, 1_001_300],
    [1_001_300, 1_002_600],
  ]);
  assert.equal(cells.length, 194);
});

test("a moment's cell is the first one that ends after it", () => {
  const cells = cellsOver([{ fromMs: 1000, toMs: 1300 }], [3000]);
  const indices: [ms: number, index: number][] = [
    [0, 0],
    [1000, 0],
    [1099, 0],
    [1100, 1],
    [1200, 2],
    [1300, 3],
    [2299, 3],
    [2300, 4],
    [2999, 4],
    [3000, 5],
    [3100, 6],
    [9000, 6],
  ];
  for (const [at, index] of indices) assert.equal(indexOfCell(cells, at), index, String(at));
  assert.deepEqual(cellsWithin(cells, { fromMs: 1100, toMs: 2300 }), { from: 1, to: 4 });
});
