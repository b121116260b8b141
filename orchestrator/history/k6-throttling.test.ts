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
