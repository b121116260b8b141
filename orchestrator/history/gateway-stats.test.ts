import assert from "node:assert/strict";
import { test } from "node:test";
import { readGatewayStats } from "./gateway-stats.ts";

const answer = {
  tookMs: 12.5,
  uptimeSeconds: 90,
  downstream: { cx_total: 1, rq_total: 2, rq_active: 3, rq_2xx: 4, rq_4xx: 5, rq_5xx: 6, rq_rx_reset: 7 },
  upstream: {
    cx_connect_fail: 1,
    cx_destroy_remote_with_active_rq: 2,
    rq_total: 3,
    rq_retry: 4,
    rq_retry_success: 5,
    rq_timeout: 6,
    rq_per_try_timeout: 7,
    rq_pending_overflow: 8,
    rq_rx_reset: 9,
    rq_tx_reset: 10,
    rq_2xx: 11,
    rq_4xx: 12,
    rq_5xx: 13,
  },
  hosts: [
    {
      address: "10.0.0.1",
      health: "HEALTHY",
      counts: { cx_active: 1, cx_connect_fail: 2, rq_total: 3, rq_success: 4, rq_error: 5, rq_timeout: 6 },
    },
  ],
};

function problemOf(data: unknown): string {
  const reading = readGatewayStats(data);
  return reading.ok ? "" : reading.problem;
}

test("what a gateway has counted is read whole: its listeners, the route, and each endpoint", () => {
  assert.deepEqual(readGatewayStats({ ...answer, fetchedBy: "x" }), { ok: true, view: answer });
});

test("where each backend is a cluster of its own, its counts are read apart", () => {
  const clusters = [{ name: "default/app/80", counts: answer.upstream }];
  assert.deepEqual(readGatewayStats({ ...answer, clusters }), { ok: true, view: { ...answer, clusters } });
  assert.match(problemOf({ ...answer, clusters: [{ name: "default/app/80" }] }), /clusters\.0\.counts/);
});

test("a count that is missing, or can be none, is a problem with its place (defect: a retry that was not told reads as none)", () => {
  for (const rq_retry of [undefined, null, "4", -1, 0.5]) {
    assert.match(problemOf({ ...answer, upstream: { ...answer.upstream, rq_retry } }), /^upstream\.rq_retry: /);
  }
  assert.match(problemOf({ ...answer, hosts: [{ address: "10.0.0.1", health: "HEALTHY" }] }), /^hosts\.0\.counts: /);
  assert.match(problemOf({ ...answer, tookMs: -1 }), /^tookMs: /);
});
