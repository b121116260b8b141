import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { liveLines } from "./live-lines.ts";
import type { LiveLoad, LiveSide, LiveState } from "./live-state.ts";
import { plainLine } from "./plain-line.ts";

const SEED = 20_260_314;

const side: LiveSide = {
  cluster: "app-abcde",
  role: "old",
  versions: ["v1"],
  targetCapacity: 100,
  trafficRoutedPercent: 75,
  weight: 75,
  readyEndpoints: 2,
  pods: 3,
  share: 0.752,
};
const load: LiveLoad = {
  newsMs: 50_000,
  rate: 199.6,
  plannedRate: 200,
  p99: 14.2,
  firstTokenP99: null,
  quickKinds: "all",
  answered: 8000,
  failed: 0,
  failedLately: 0,
  lastFailure: "",
  dropped: 0,
  inFlight: 3,
  oldestMs: 1200,
  oldestKind: "stream",
  lost: 0,
};
const state: LiveState = {
  phase: "shifting",
  strategy: "aggressive 25/2/50",
  loadStartMs: 10_000,
  triggerMs: 30_000,
  triggered: "the trigger",
  streak: 15,
  streakNeeded: 15,
  load,
  sides: [
    side,
    {
      ...side,
      cluster: "app-fghij",
      role: "new",
      versions: ["v2"],
      targetCapacity: 50,
      trafficRoutedPercent: 25,
      weight: 25,
      share: 0.248,
    },
  ],
  next: { what: "new traffic 50 %", due: { fromMs: 51_000, untilMs: 54_000 } },
  rollout: "100,75|50,25",
  fault: null,
  message: "",
};

/** Cells of a text by the rules of the Unicode Standard (UAX #11), for characters that a test uses; marks of a letter take none. */
function terminalCells(text: string): number {
  let cells = 0;
  for (const character of text.replaceAll(/\u001b\[[\d;]*m/g, "")) {
    if (/\p{M}|\u200d/u.test(character)) continue;
    const wide =
      /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
    cells += wide.test(character) ? 2 : 1;
  }
  return cells;
}

const name = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.string({ unit: "grapheme", maxLength: 80 }),
  fc.constantFrom(
    "zerodrop-8f96c",
    "漢字漢字漢字漢字漢字漢字漢字",
    "👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
    "a\u001b[2Jb\r\n\u0007c",
    "\u202eabc",
    "e\u0301".repeat(60),
  ),
);
const count = fc.oneof(fc.nat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));
const percent = fc.option(fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer()));
const sides = fc.array(
  fc.record<LiveSide>({
    cluster: name,
    role: fc.constantFrom("active", "old", "new", "other"),
    versions: fc.array(name, { maxLength: 3 }),
    targetCapacity: percent,
    trafficRoutedPercent: percent,
    weight: fc.option(fc.integer()),
    readyEndpoints: count,
    pods: count,
    share: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  }),
  { maxLength: 5 },
);

test("no line is wider than the terminal, none steers it, and there are at most nine (defect: a wrapped line that cannot be erased)", () => {
  fc.assert(
    fc.property(
      fc.record({
        ...{
          width: fc.integer({ min: 39, max: 200 }),
          colour: fc.boolean(),
          sides,
          message: name,
          kind: name,
          failure: name,
        },
        ...{ failed: count, rate: fc.double({ min: 0, max: 1e9, noNaN: true }), what: name, nowMs: fc.nat(1e12) },
      }),
      ({ width, colour, sides, message, kind, failure, failed, rate, what, nowMs }) => {
        const seen: LiveState = {
          ...state,
          sides,
          message,
          load: { ...load, failed, failedLately: failed, lastFailure: failure, oldestKind: kind, rate, lost: failed },
          next: { what: what.replaceAll(/[^ -~]/g, ""), due: state.next.due },
        };
        const lines = liveLines(seen, { nowMs, width, colour });
        assert.ok(lines.length <= 9, `${lines.length} lines`);
        for (const line of lines) {
          assert.ok(terminalCells(line) <= width, `${terminalCells(line)} cells of ${width}: ${line}`);
          assert.doesNotMatch(line.replaceAll(/\u001b\[[\d;]*m/g, ""), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
          if (!colour) assert.doesNotMatch(line, /\u001b/);
        }
        assert.doesNotMatch(plainLine(seen, nowMs), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      },
    ),
    { seed: SEED, numRuns: 500 },
  );
});

const plain = (changes: Partial<LiveState>, width = 100): string[] =>
  liveLines({ ...state, ...changes }, { nowMs: 50_500, width, colour: false });

test("every figure has its place on a wide terminal", () => {
  assert.deepEqual(plain({}), [
    "traffic moves · 20 s since the trigger · load for 40 s · aggressive 25/2/50",
    "  200 of 200 answers/s · p99 14 ms · 3 in flight, oldest 1.2 s (stream) · 8,000 answered",
    "  0 failed · 0 dropped",
    "  old app-abcde · v1 · share 75.2 % · weight 75 · 2 endpoints ready · 3 pods",
    "    capacity ████████████████████████ 100 %   traffic ██████████████████░░░░░░  75 %",
    "  new app-fghij · v2 · share 24.8 % · weight 25 · 2 endpoints ready · 3 pods",
    "    capacity ████████████░░░░░░░░░░░░  50 %   traffic ██████░░░░░░░░░░░░░░░░░░  25 %",
    "  next in 1 to 4 s: new traffic 50 %",
  ]);
});

test("on 40 columns phase, rate, failures, both bars and the next step are still there", () => {
  assert.deepEqual(plain({}, 39), [
    "traffic moves · 20 s since the trigger",
    "  200 of 200 answers/s · p99 14 ms",
    "  0 failed · 0 dropped",
    "  old app-abcde · v1 · share 75 %",
    "    cap ██████ 100 %  traf ████▌░  75 %",
    "  new app-fghij · v2 · share 25 %",
    "    cap ███░░░  50 %  traf █▌░░░░  25 %",
    "  next in 1 to 4 s: new traffic 50 %",
  ]);
});

test("a p99 that leaves out kinds of clients says so (defect: 14 ms, while some wait for seconds)", () => {
  const some: LiveLoad = { ...load, quickKinds: "some" };
  assert.match(plain({ load: some })[1] ?? "", / · p99 14 ms \(quick kinds\) · /);
  assert.match(plain({ load: some }, 39)[1] ?? "", / · p99 14 ms \(qu…$/);
  assert.match(plain({ load: { ...some, p99: null } })[1] ?? "", / · no answer in 5 s \(quick kinds\) · /);
  assert.match(plainLine({ ...state, load: some }, 50_500), /, p99 14 ms \(quick kinds\), /);
  // Of kinds that are all slow by design nothing is left that it could be of.
  const none: LiveLoad = { ...load, quickKinds: "none", p99: null };
  assert.doesNotMatch(plain({ load: none })[1] ?? "", /p99|no answer/);
});

test("the time to the first token has a word of its own where answers are streams of tokens", () => {
  const streams: LiveLoad = { ...load, firstTokenP99: 1234.5 };
  assert.match(plain({ load: streams })[1] ?? "", / · p99 14 ms · first token p99 1\.2 s · /);
  assert.match(plainLine({ ...state, load: streams }, 50_500), /, p99 14 ms, first token p99 1\.2 s, /);
  const all: LiveLoad = { ...streams, quickKinds: "none", p99: null };
  assert.match(plain({ load: all })[1] ?? "", /s · first token p99 1\.2 s · /);
  assert.doesNotMatch(plain({ load })[1] ?? "", /token/);
});

test("colour changes nothing but colour", () => {
  const coloured = liveLines(state, { nowMs: 50_500, width: 60, colour: true });
  assert.deepEqual(
    coloured.map((line) => line.replaceAll(/\u001b\[[\d;]*m/g, "")),
    plain({}, 60),
  );
  assert.match(coloured.join(""), /\u001b\[1;32m0 failed\u001b\[0m/);
});

test("failures are red with what the last one was, and an escape sequence in it is harmless", () => {
  const failing = {
    ...load,
    failed: 1409,
    failedLately: 12,
    lastFailure: "status 503, no \u001b[31mhealthy\u0007 upstream",
    dropped: 7,
  };
  assert.equal(
    plain({ load: failing })[2],
    "  1,409 failed · 12 in the last 10 s · 7 dropped · last: status 503, no \ufffd[31mhealthy\ufffd upstream",
  );
  const [, , line] = liveLines({ ...state, load: failing }, { nowMs: 50_500, width: 100, colour: true });
  assert.match(line ?? "", /\u001b\[1;31m1,409 failed\u001b\[0m/);
});

test("a load that has gone silent is said to be (defect: old figures that look like new ones)", () => {
  assert.match(
    liveLines(state, { nowMs: 56_500, width: 100, colour: false })[1] ?? "",
    /^ {2}no news for 6\.5 s · 200 of 200/,
  );
  assert.match(plainLine(state, 56_500), /; no news for 6\.5 s, 200 of 200 answers\/s/);
});

test("what is late is marked", () => {
  const late = liveLines(state, { nowMs: 58_000, width: 100, colour: true }).at(-1);
  assert.equal(late, "  \u001b[1;33mnext, overdue by 4.0 s: new traffic 50 %\u001b[0m");
});

test("before anything is known there is a view too (defect: a crash on the first draw)", () => {
  const nothing: Partial<LiveState> = {
    phase: "preparing",
    load: null,
    sides: [],
    loadStartMs: null,
    triggerMs: null,
    next: { what: "the warm-up", due: null },
  };
  assert.deepEqual(plain(nothing), [
    "waiting for the first requests · aggressive 25/2/50",
    "  nothing heard of the load yet",
    "  next: the warm-up",
  ]);
  assert.equal(plainLine({ ...state, ...nothing }, 0), "waiting for the first requests; next: the warm-up");
});

test("more than two RayClusters are counted, and what an application says has its line", () => {
  const other: LiveSide = { ...side, role: "other", cluster: "app-zzzzz" };
  assert.equal(
    plain({ sides: [...state.sides, other], message: "application app on app-fghij is DEPLOYING" }).at(-1),
    "  application app on app-fghij is DEPLOYING · and 1 more RayCluster",
  );
});

test("the plain line says the same in one line", () => {
  assert.equal(
    plainLine(state, 50_500),
    "traffic moves, 20 s since the trigger; 200 of 200 answers/s, 0 failed, 0 dropped, p99 14 ms, 3 in flight; old app-abcde v1 capacity 100 % traffic 75 % share 75.2 %; new app-fghij v2 capacity 50 % traffic 25 % share 24.8 %; next in 1 to 4 s: new traffic 50 %",
  );
});
