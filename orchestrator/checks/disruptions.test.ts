import assert from "node:assert/strict";
import { test } from "node:test";
import { DisruptionWindows, unionMs, type Disruption, type DisruptionWindow } from "./disruptions.ts";

/** One failed request on a kept connection over a stretch, ms. */
function failed(fromMs: number, toMs: number, changes: Partial<Disruption> = {}): Disruption {
  return { kind: "reused", client: "", reason: "failed", fromMs, toMs, count: 1, status: "503", ...changes };
}

/** Windows of disruptions that arrived in this order, all of them settled. */
function merged(...disruptions: readonly Disruption[]): DisruptionWindows {
  const windows = new DisruptionWindows();
  for (const one of disruptions) windows.add(one);
  windows.settle(Infinity);
  return windows;
}

const spans = (windows: DisruptionWindows): number[][] => windows.all().map(({ fromMs, toMs }) => [fromMs, toMs]);

test("without a disruption there is no window", () => {
  const windows = merged();
  assert.deepEqual([windows.count, windows.all(), windows.of("new")], [0, [], { windows: 0, disruptedMs: 0 }]);
});

test("a disruption is a window with all that is told of it", () => {
  const windows = merged(failed(100, 150, { client: "steady", count: 3 }));
  assert.deepEqual(windows.all(), [
    {
      kind: "reused",
      fromMs: 100,
      toMs: 150,
      count: 3,
      reasons: ["failed"],
      statuses: ["503"],
      clients: ["steady"],
    },
  ]);
  assert.equal(windows.count, 1);
  assert.deepEqual(windows.of("reused"), { windows: 1, disruptedMs: 50 });
  assert.deepEqual(windows.of("new"), { windows: 0, disruptedMs: 0 });
});

test("a status or a kind of client that nobody told is none", () => {
  const windows = merged(failed(100, 150, { status: "" }), failed(200, 250, { status: "" }));
  assert.deepEqual(
    windows.all().map(({ statuses, clients }) => [statuses, clients]),
    [[[], []]],
  );
});

test("disruptions up to a second apart are one window, later ones another", () => {
  assert.deepEqual(spans(merged(failed(0, 100), failed(1100, 1200))), [[0, 1200]]);
  assert.deepEqual(spans(merged(failed(0, 100), failed(1101, 1200))), [
    [0, 100],
    [1101, 1200],
  ]);
  assert.deepEqual(spans(merged(failed(0, 100), failed(50, 60))), [[0, 100]]);
});

test("a window tells of all that is in it, each thing once", () => {
  const windows = merged(
    failed(0, 100, { status: "504", client: "steady", count: 2 }),
    failed(50, 60, { status: "404", client: "fresh", reason: "hanging" }),
    failed(70, 170, { status: "504", client: "steady" }),
    failed(80, 90, { status: "", client: "", reason: "hanging" }),
  );
  assert.deepEqual(windows.all(), [
    {
      kind: "reused",
      fromMs: 0,
      toMs: 170,
      count: 5,
      reasons: ["failed", "hanging"],
      statuses: ["404", "504"],
      clients: ["fresh", "steady"],
    },
  ]);
});

test("the time of a kind counts once where its disruptions overlap, and between them within a window", () => {
  // 100, nothing more, 70 more, and from 170 to 700.
  const windows = merged(failed(0, 100), failed(50, 60), failed(70, 170), failed(600, 700));
  assert.deepEqual(windows.of("reused"), { windows: 1, disruptedMs: 700 });
  const apart = merged(failed(0, 100), failed(5000, 5030), failed(9000, 9005, { kind: "new" }));
  assert.deepEqual(apart.of("reused"), { windows: 2, disruptedMs: 130 });
  assert.deepEqual(apart.of("new"), { windows: 1, disruptedMs: 5 });
  assert.equal(apart.count, 3);
});

test("kinds of connections are told apart, kinds of clients only where the connection does not matter", () => {
  const of = (kind: string, client: string): Disruption => failed(0, 100, { kind, client });
  assert.deepEqual(
    merged(of("new", "steady"), of("reused", "steady"), of("new", "fresh"))
      .all()
      .map(({ kind, clients }) => [kind, clients]),
    [
      ["new", ["fresh", "steady"]],
      ["reused", ["steady"]],
    ],
  );
  const any = merged(of("any", "steady"), of("any", "fresh"), of("any", "steady"));
  assert.deepEqual(
    any.all().map(({ kind, clients, count }) => [kind, clients, count]),
    [
      ["any", ["steady"], 2],
      ["any", ["fresh"], 1],
    ],
  );
  assert.deepEqual(any.of("any"), { windows: 2, disruptedMs: 200 });
});

test("disruptions that arrive in another order than they began are merged by their beginning", () => {
  const windows = merged(failed(3000, 3100), failed(0, 100), failed(9000, 9100), failed(900, 1200));
  assert.deepEqual(spans(windows), [
    [0, 1200],
    [3000, 3100],
    [9000, 9100],
  ]);
});

test("a disruption waits until none can begin before it any more", () => {
  const windows = new DisruptionWindows();
  windows.add(failed(1000, 1100));
  windows.settle(500);
  assert.equal(windows.count, 0);
  windows.settle(1000);
  assert.equal(windows.count, 0);
  windows.add(failed(400, 410));
  windows.settle(1000);
  assert.deepEqual(spans(windows), [[400, 410]]);
  windows.settle(1001);
  assert.deepEqual(spans(windows), [[400, 1100]]);
  // Each counts once, however often the time is told.
  windows.settle(1001);
  windows.settle(9000);
  assert.equal(windows.all()[0]?.count, 2);
});

test("windows are told in the order of their beginnings, also those that came late", () => {
  const windows = new DisruptionWindows();
  for (const [fromMs, kind] of [
    [5000, "reused"],
    [1000, "new"],
    [9000, "unknown"],
    [3000, "app-abcde"],
  ] as const) {
    windows.add(failed(fromMs, fromMs + 10, { kind }));
    windows.settle(10_000);
  }
  assert.deepEqual(
    windows.all().map(({ kind }) => kind),
    ["new", "app-abcde", "reused", "unknown"],
  );
});

test("ten thousand windows are kept, and all are counted (defect: an outage of hours in pieces that no memory holds)", () => {
  const each = Array.from({ length: 10_001 }, (_, index) => failed(index * 2000, index * 2000 + 10));
  const windows = merged(...each);
  assert.deepEqual([windows.count, windows.all().length], [10_001, 10_000]);
  assert.deepEqual(windows.of("reused"), { windows: 10_001, disruptedMs: 100_010 });
});

test("time that several windows share counts once", () => {
  const over = (...stretches: readonly (readonly [fromMs: number, toMs: number])[]): number =>
    unionMs(
      stretches.map(([fromMs, toMs]): DisruptionWindow => ({
        kind: "new",
        fromMs,
        toMs,
        count: 1,
        reasons: ["failed"],
        statuses: [],
        clients: [],
      })),
    );
  assert.equal(over(), 0);
  assert.equal(over([10, 30]), 20);
  assert.equal(over([10, 30], [50, 60]), 30);
  assert.equal(over([10, 30], [20, 60]), 50);
  // One that lies within another, and a third that goes on from the first.
  assert.equal(over([10, 100], [20, 30], [50, 120]), 110);
});

/** What each call of settle would merge, in the order in which it is told. */
function told(...rounds: readonly (readonly Disruption[])[]): DisruptionWindows {
  const windows = new DisruptionWindows();
  for (const round of rounds) {
    for (const one of round) windows.add(one);
    windows.settle(Infinity);
  }
  return windows;
}

test("what is told late begins when it began (defect: a failure within a stretch without an answer shortens it)", () => {
  const windows = told([failed(5000, 5001)], [failed(4000, 6000, { reason: "no-answer", count: 40, status: "" })]);
  assert.deepEqual(windows.all(), [
    {
      ...{ kind: "reused", fromMs: 4000, toMs: 6000, count: 41 },
      ...{ reasons: ["failed", "no-answer"], statuses: ["503"], clients: [] },
    },
  ]);
  assert.deepEqual([windows.count, windows.of("reused")], [1, { windows: 1, disruptedMs: 2000 }]);
});

test("what is told late makes one window of all that it reaches, and of nothing beyond", () => {
  const there = [failed(0, 100), failed(2000, 2100), failed(4000, 4100), failed(8000, 8100)];
  const windows = told(there, [failed(3100, 3200)]);
  assert.deepEqual(spans(windows), [
    [0, 100],
    [2000, 4100],
    [8000, 8100],
  ]);
  assert.deepEqual([windows.count, windows.of("reused")], [3, { windows: 3, disruptedMs: 2300 }]);
  assert.deepEqual(spans(told(there, [failed(1101, 2999)])).slice(0, 2), [
    [0, 100],
    [1101, 2999],
  ]);
  assert.deepEqual(spans(told(there, [failed(5101, 6999)])).slice(2), [
    [4000, 4100],
    [5101, 6999],
    [8000, 8100],
  ]);
});

test("what begins just a second after a disruption that is told late is one window with it", () => {
  assert.deepEqual(spans(told([failed(2000, 2100)], [failed(900, 1000)])), [[900, 2100]]);
  assert.deepEqual(spans(told([failed(2001, 2100)], [failed(900, 1000)])), [
    [900, 1000],
    [2001, 2100],
  ]);
});

/** As many windows as are kept, 10 ms each, one every two seconds. */
const most = (firstMs = 0): Disruption[] =>
  Array.from({ length: 10_000 }, (_, index) => failed(firstMs + index * 2000, firstMs + index * 2000 + 10));
const BEYOND = failed(20_000_000, 20_000_010);

test("beyond the windows that are kept what belongs together is one window too (defect: an endless outage is counted in each of its pieces)", () => {
  const windows = told(most(), [BEYOND], [failed(20_000_500, 20_000_600)]);
  assert.deepEqual([windows.count, windows.all().length], [10_001, 10_000]);
  assert.deepEqual(windows.of("reused"), { windows: 10_001, disruptedMs: 100_600 });
});

test("a window that is kept goes on to be joined by what comes late when there are more", () => {
  const windows = told(most(), [BEYOND], [failed(19_998_500, 19_998_600)]);
  assert.deepEqual([windows.count, spans(windows).at(-1)], [10_001, [19_998_000, 19_998_600]]);
  assert.deepEqual(windows.of("reused"), { windows: 10_001, disruptedMs: 100_600 });
});

test("a window beyond those that are kept is kept once it joins one of them", () => {
  const windows = told(most(10_000), [failed(0, 10)], [failed(500, 9500)]);
  assert.deepEqual([windows.count, windows.all().length], [10_000, 10_000]);
  assert.deepEqual(spans(windows).slice(0, 2), [
    [0, 10_010],
    [12_000, 12_010],
  ]);
});
