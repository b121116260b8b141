import assert from "node:assert/strict";
import { test } from "node:test";
import { NodeCpu } from "./node-cpu.ts";

const START_MS = 1_790_000_000_000;

/** What a poll at this second told; null: it was refused. */
type Polled = readonly [second: number, ticks: { busy: number; idle: number; stolen: number } | null];

function useOf(polls: readonly Polled[]) {
  const cpu = new NodeCpu();
  for (const [second, data] of polls) {
    const at = { wallMs: START_MS + second * 1000, monoMs: second * 1000 };
    cpu.observe({ type: "poll", ...at, poll: "node-cpu", subject: "n", ok: data !== null, data });
  }
  return cpu.use();
}

test("shares are of the time that was recorded, not of the node's life (defect: a quiet week hides a minute)", () => {
  const use = useOf([
    [0, { busy: 1000, idle: 9000, stolen: 500 }],
    [2, { busy: 1300, idle: 9080, stolen: 520 }],
    [4, { busy: 1500, idle: 9240, stolen: 560 }],
  ]);
  assert.deepEqual(use, {
    busyPercent: 62.5,
    stolenPercent: 7.5,
    worst: { stolenPercent: 10, seconds: 2, wallMs: START_MS + 4000 },
  });
});

test("a refused poll makes one time of two (defect: a stretch that counts twice, or not at all)", () => {
  const use = useOf([
    [0, { busy: 0, idle: 0, stolen: 0 }],
    [2, null],
    [4, { busy: 300, idle: 80, stolen: 20 }],
  ]);
  assert.deepEqual(use, {
    busyPercent: 75,
    stolenPercent: 5,
    worst: { stolenPercent: 5, seconds: 4, wallMs: START_MS + 4000 },
  });
});

test("counters that begin anew are no difference (defect: less than nothing was stolen)", () => {
  const use = useOf([
    [0, { busy: 500, idle: 500, stolen: 100 }],
    [2, { busy: 10, idle: 5, stolen: 0 }],
    [4, { busy: 210, idle: 205, stolen: 0 }],
  ]);
  assert.deepEqual(use, {
    busyPercent: 50,
    stolenPercent: 0,
    worst: { stolenPercent: 0, seconds: 2, wallMs: START_MS + 4000 },
  });
});

test("one poll, or none, tells no share", () => {
  assert.equal(useOf([]), null);
  assert.equal(useOf([[0, { busy: 1, idle: 1, stolen: 1 }]]), null);
});

test("the worst time stays the worst, and of equal ones it is the first (defect: a calm end hides a stolen minute)", () => {
  const use = useOf([
    [0, { busy: 0, idle: 0, stolen: 0 }],
    [2, { busy: 300, idle: 60, stolen: 40 }],
    [4, { busy: 600, idle: 120, stolen: 80 }],
    [6, { busy: 900, idle: 200, stolen: 100 }],
  ]);
  assert.deepEqual(use, {
    busyPercent: 75,
    stolenPercent: 8.3,
    worst: { stolenPercent: 10, seconds: 2, wallMs: START_MS + 2000 },
  });
});

test("a single counter that goes back is no difference (defect: less than nothing was stolen, and more than all was busy)", () => {
  const use = useOf([
    [0, { busy: 0, idle: 0, stolen: 50 }],
    [2, { busy: 300, idle: 100, stolen: 0 }],
    [4, { busy: 600, idle: 180, stolen: 20 }],
  ]);
  assert.deepEqual(use, {
    busyPercent: 75,
    stolenPercent: 5,
    worst: { stolenPercent: 5, seconds: 2, wallMs: START_MS + 4000 },
  });
});

test("counters that stand still are no time (defect: a worst time that is no number)", () => {
  const use = useOf([
    [0, { busy: 0, idle: 0, stolen: 0 }],
    [2, { busy: 300, idle: 80, stolen: 20 }],
    [4, { busy: 300, idle: 80, stolen: 20 }],
  ]);
  assert.deepEqual(use?.worst, { stolenPercent: 5, seconds: 2, wallMs: START_MS + 2000 });
});

test("only what a node told of its CPUs counts (defect: figures made of other answers, or a judge that ends)", () => {
  const cpu = new NodeCpu();
  const poll = (second: number, of: "node-cpu" | "k6-cgroup", ok: boolean, data: unknown): void => {
    const at = { wallMs: START_MS + second * 1000, monoMs: second * 1000 };
    cpu.observe({ type: "poll", ...at, poll: of, subject: "n", ok, data });
  };
  poll(0, "node-cpu", true, { busy: 0, idle: 0, stolen: 0 });
  poll(1, "k6-cgroup", true, { busy: 0, idle: 0, stolen: 900 });
  poll(1, "node-cpu", false, { busy: 0, idle: 0, stolen: 900 });
  for (const data of [null, "none", {}, { busy: 1, idle: 1 }, { busy: -1, idle: 1, stolen: 1 }]) {
    poll(1, "node-cpu", true, data);
  }
  assert.equal(cpu.use(), null);
  poll(2, "node-cpu", true, { busy: 300, idle: 80, stolen: 20 });
  assert.deepEqual(cpu.use(), {
    busyPercent: 75,
    stolenPercent: 5,
    worst: { stolenPercent: 5, seconds: 2, wallMs: START_MS + 2000 },
  });
});
