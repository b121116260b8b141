import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createProgress, isLive, type Progress } from "./progress.ts";
import { Screen } from "./testing/screen.ts";

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

test("plain news is told at once, and holds up what is not news (defect: a change of phase 5 s late in a CI log)", () => {
  const { progress, text, pass } = start(false);
  const phase = progress.phase("load");
  pass(1000);
  phase.news("steady");
  pass(4500);
  phase.update("200 answers/s");
  pass(500);
  phase.update("201 answers/s");
  assert.deepEqual(text().match(/load: .*/g), ["load: started", "load: steady", "load: 201 answers/s"]);
});

/** A live progress on a screen, with both of its times in the test's hand. */
function onScreen(context: TestContext, rows = 24): { progress: Progress; screen: Screen; pass: (ms: number) => void } {
  context.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const screen = new Screen(60, rows);
  let time = 0;
  const stream = { columns: 60, rows, write: (text: string) => screen.write(text) };
  const progress = createProgress({ stream, now: () => time, live: true });
  const pass = (ms: number): void => {
    for (let step = 0; step < ms; step += 50) {
      time += 50;
      context.mock.timers.tick(50);
    }
  };
  return { progress, screen, pass };
}

test("notes and the ends of phases scroll by above a block, which takes the place of the phases' line", (context) => {
  const { progress, screen, pass } = onScreen(context);
  const phase = progress.phase("warm-up");
  pass(1000);
  const block = progress.block(() => ["one", "two"]);
  assert.deepEqual(screen.text, ["one", "two", ""]);
  phase.update("7 of 15");
  progress.note("noted");
  phase.done("steady");
  const upgrade = progress.phase("upgrade");
  assert.deepEqual(screen.text, ["[   1.0 s] noted", "[   1.0 s] warm-up: steady (1.0 s)", "one", "two", ""]);
  block[Symbol.dispose]();
  assert.deepEqual(screen.text.slice(2, 4), ["[   1.0 s] upgrade: started (0.0 s)", ""]);
  upgrade.done();
  progress[Symbol.dispose]();
  assert.deepEqual(screen.text.join("\n").trimEnd().split("\n").at(-1), "[   1.0 s] upgrade: done (0.0 s)");
});

test("a block is drawn at most five times a second, the last news always, and each second without any", (context) => {
  const { progress, screen, pass } = onScreen(context);
  const draws: number[] = [];
  let news = 0;
  const block = progress.block(() => {
    draws.push(news);
    return [`news ${news}`];
  });
  assert.deepEqual(draws, [0]);
  for (news = 1; news < 40; news += 1) {
    block.changed();
    pass(50);
  }
  assert.ok(draws.length >= 9 && draws.length <= 13, `${draws.length} draws in 2 s`);
  news = 40;
  block.changed();
  pass(200);
  assert.deepEqual(screen.text, ["news 40", ""]);
  draws.length = 0;
  pass(5000);
  assert.equal(draws.length, 5);
  progress[Symbol.dispose]();
  pass(5000);
  assert.equal(draws.length, 5);
  assert.equal(screen.text.join(""), "");
});

test("a block of plain progress is never drawn (defect: escape sequences in a CI log)", () => {
  const { progress, text } = start(false);
  const block = progress.block(() => assert.fail("drawn"));
  block.changed();
  progress.note("a");
  block[Symbol.dispose]();
  progress[Symbol.dispose]();
  assert.equal(text(), "[   0.0 s] a\n");
});

test("a block that is given up while it is drawn leaves the phases' line (defect: lines of a view that failed stay)", (context) => {
  const { progress, screen } = onScreen(context);
  progress.phase("load");
  let drawn = false;
  const block = progress.block(() => {
    if (drawn) {
      block[Symbol.dispose]();
      progress.note("given up");
      return ["never seen"];
    }
    drawn = true;
    return ["one", "two"];
  });
  progress.note("first");
  assert.deepEqual(screen.text.slice(0, 4), [
    "[   0.0 s] first",
    "[   0.0 s] given up",
    "[   0.0 s] load: started (0.0 s)",
  ]);
  progress[Symbol.dispose]();
});
