import assert from "node:assert/strict";
import { test } from "node:test";
import { createProgress, isLive, type Progress } from "./progress.ts";

function start(live: boolean, columns = 80): { progress: Progress; text: () => string; pass: (ms: number) => void } {
  let written = "";
  let time = 1_000_000;
  const progress = createProgress({
    stream: { write: (text) => (written += text), columns },
    now: () => time,
    live,
  });
  return { progress, text: () => written, pass: (ms) => (time += ms) };
}

test("plain lines carry the time since the start and a phase's own length", () => {
  const { progress, text, pass } = start(false);
  const phase = progress.phase("warm-up");
  pass(12_300);
  phase.update("398 requests/s, 7 of 15 steady seconds");
  pass(700);
  phase.done("steady");
  assert.equal(
    text(),
    "[   0.0 s] warm-up: started\n" +
      "[  12.3 s] warm-up: 398 requests/s, 7 of 15 steady seconds\n" +
      "[  13.0 s] warm-up: steady (13.0 s)\n",
  );
});

test("plain news is thinned out (defect: a line per second and per object in a CI log)", () => {
  const { progress, text, pass } = start(false);
  const phase = progress.phase("load");
  for (let second = 1; second <= 20; second++) {
    pass(1000);
    phase.update(`${second}`);
  }
  pass(10_000);
  phase.update("20");
  assert.deepEqual(text().match(/load: \d+/g), ["load: 5", "load: 10", "load: 15", "load: 20"]);
});

test("a closed phase says nothing more (defect: a late update after failure)", () => {
  const { progress, text, pass } = start(false);
  const phase = progress.phase("cluster");
  phase.fail("no memory");
  pass(60_000);
  phase.update("late");
  phase.done();
  assert.match(text(), /cluster: failed: no memory \(0\.0 s\)\n$/);
  assert.equal(text().split("\n").length, 3);
});

test("a live line is redrawn in place, never wider than the terminal, and ends as a line of its own", () => {
  const { progress, text } = start(true, 40);
  const phase = progress.phase("build");
  phase.update(`${"very ".repeat(30)}long\nand broken`);
  for (const drawn of text().split("\r\u001b[K")) assert.ok(drawn.length < 40, drawn);
  assert.doesNotMatch(text(), /\n/);
  phase.done();
  assert.match(text(), /build: done \(0\.0 s\)\n$/);
  progress[Symbol.dispose]();
});

test("of several open phases the one with the latest news is drawn, the others are named", () => {
  const { progress, text } = start(true, 200);
  const go = progress.phase("k6");
  progress.phase("ray");
  go.update("linking");
  assert.match(text(), /\[ {3}0\.0 s\] k6: linking \(0\.0 s\) \(and ray\)$/);
  progress[Symbol.dispose]();
});

test("control characters of others' messages are not passed on (defect: a pod's log clears the screen)", () => {
  const { progress, text } = start(false);
  progress.note("a\u001b[2Jb\r\nc");
  assert.equal(text(), "[   0.0 s] a [2Jb c\n");
});

test("live on a terminal only (defect: escape sequences in a CI log)", () => {
  const write = (): void => undefined;
  assert.equal(isLive({ write, isTTY: true }, { TERM: "xterm" }), true);
  assert.equal(isLive({ write, isTTY: true }, { CI: "true" }), false);
  assert.equal(isLive({ write, isTTY: true }, { TERM: "dumb" }), false);
  assert.equal(isLive({ write }, {}), false);
});
