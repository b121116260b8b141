import assert from "node:assert/strict";
import { test } from "node:test";
import { K6Throttling } from "./k6-throttling.ts";

test("each pod's counts are taken from its own first to its own last poll, and added up", () => {
  // Would catch: the difference between two pods taken for what one of them used.
  const throttling = new K6Throttling();
  const poll = (subject: string, cpuSeconds: number, throttledPeriods: number | null, ok = true): void => {
    const data = { cpuSeconds, throttledPeriods };
    throttling.observe({ type: "poll", wallMs: 0, monoMs: 0, poll: "k6-cgroup", subject, ok, data });
  };
  assert.deepEqual([throttling.cpuSeconds, throttling.throttledPeriods], [null, null]);
  poll("load-0", 10, 1);
  poll("load-1", 1, null);
  assert.deepEqual([throttling.cpuSeconds, throttling.throttledPeriods], [null, null]);
  poll("load-0", 99, 99, false);
  poll("load-0", 12.25, 4);
  poll("load-1", 5.1, null);
  poll("load-2", 7, 7);
  assert.deepEqual([throttling.cpuSeconds, throttling.throttledPeriods], [6.35, 3]);
});

test("a limit that a pod had for a while counts from nothing, and from what was seen of it last", () => {
  // Would catch: a generator starved under way called free, because it had no limit when it began and none when it ended.
  const throttling = new K6Throttling();
  const poll = (throttledPeriods: number | null, throttledSeconds: number | null): void => {
    const data = { cpuSeconds: 1, throttledPeriods, throttledSeconds };
    throttling.observe({ type: "poll", wallMs: 0, monoMs: 0, poll: "k6-cgroup", subject: "load", ok: true, data });
  };
  poll(null, null);
  assert.deepEqual([throttling.throttledPeriods, throttling.throttledMs], [null, null]);
  poll(40, 3.2);
  poll(90, 7.25);
  poll(null, null);
  assert.deepEqual([throttling.throttledPeriods, throttling.throttledMs], [90, 7250]);
});

test("what others' polls tell is not the generator's (defect: a node's or a gateway's figures taken for k6's)", () => {
  const throttling = new K6Throttling();
  const poll = (of: "node-cpu" | "k6-cgroup", cpuSeconds: number, throttledPeriods: number | null): void => {
    const data = { cpuSeconds, throttledPeriods };
    throttling.observe({ type: "poll", wallMs: 0, monoMs: 0, poll: of, subject: "load", ok: true, data });
  };
  poll("node-cpu", 100, null);
  poll("node-cpu", 900, null);
  assert.deepEqual([throttling.cpuSeconds, throttling.throttledPeriods], [null, null]);
  poll("k6-cgroup", 10, 40);
  poll("k6-cgroup", 12, 43);
  poll("node-cpu", 999, 999);
  assert.deepEqual([throttling.cpuSeconds, throttling.throttledPeriods], [2, 3]);
});

test("a last poll that failed tells nothing, whatever came with it", () => {
  const throttling = new K6Throttling();
  const poll = (cpuSeconds: number, ok: boolean): void => {
    const data = { cpuSeconds };
    throttling.observe({ type: "poll", wallMs: 0, monoMs: 0, poll: "k6-cgroup", subject: "load", ok, data });
  };
  poll(1, true);
  poll(3, true);
  poll(99, false);
  assert.equal(throttling.cpuSeconds, 2);
});

test("an answer that is no such counts is passed over (defect: a recording that ends the judge)", () => {
  const throttling = new K6Throttling();
  for (const data of [{ cpuSeconds: 1 }, null, "none", [], { cpuSeconds: "9" }, { cpuSeconds: 4 }]) {
    throttling.observe({ type: "poll", wallMs: 0, monoMs: 0, poll: "k6-cgroup", subject: "load", ok: true, data });
  }
  assert.equal(throttling.cpuSeconds, 3);
});
