import assert from "node:assert/strict";
import { test } from "node:test";
import { realClock } from "../kube/clock.ts";
import { FaultyApiServer, json } from "../kube/testing/api-server.ts";
import type { Handler } from "../kube/testing/api-server.ts";
import { recordApiServerClock, recordK6PodClock } from "./clocks.ts";
import type { Unstamped } from "./sink.ts";

function lineOf(seen: readonly Unstamped[], of: "api-server" | "k6-pod"): { offsetMs: number; uncertaintyMs: number } {
  const [line, ...more] = seen;
  assert.ok(line?.type === "clock" && line.of === of && more.length === 0, JSON.stringify(seen));
  return line;
}

/** A server whose clock is ahead of the machine's. */
function ahead(ms: number): Handler {
  return ({ url }, response) => {
    // Node's own header may be some ms old: it is made by a timer.
    response.sendDate = false;
    response.setHeader("date", new Date(Date.now() + ms).toUTCString());
    return url.pathname === "/version" && json(response, 200, { gitVersion: "v1" });
  };
}

void test("the API server's clock is found from dates of whole seconds, far closer than a second and in little more than one", async () => {
  for (const aheadMs of [0, -1_234]) {
    const seen: Unstamped[] = [];
    await using server = await FaultyApiServer.start(ahead(aheadMs));
    const kube = await server.connect();
    const beganMs = performance.now();
    const parts = {
      sink: (line: Unstamped) => void seen.push(line),
      clock: realClock,
      signal: AbortSignal.timeout(20_000),
    };
    await recordApiServerClock(kube, parts);
    const { offsetMs, uncertaintyMs } = lineOf(seen, "api-server");
    // The offset that a date carries was fixed a little before it is sent.
    assert.ok(Math.abs(offsetMs - aheadMs) <= uncertaintyMs + 1, `${String(offsetMs)} for ${String(aheadMs)}`);
    assert.ok(uncertaintyMs < 100, `known to ${String(uncertaintyMs)} ms`);
    assert.ok(performance.now() - beganMs < 4_000);
    assert.equal(server.received.length, 20);
  }
});

void test("the pod's clock is found to half the time of an answer", async () => {
  const seen: Unstamped[] = [];
  const parts = {
    sink: (line: Unstamped) => void seen.push(line),
    clock: realClock,
    signal: AbortSignal.timeout(20_000),
  };
  await recordK6PodClock("load-0", () => Promise.resolve(performance.timeOrigin + performance.now() + 250), parts);
  const { offsetMs, uncertaintyMs } = lineOf(seen, "k6-pod");
  assert.ok(Math.abs(offsetMs - 250) < 20 && uncertaintyMs < 10, `${String(offsetMs)} +- ${String(uncertaintyMs)}`);
});

void test("a clock that cannot be measured is no line and no failure, nor is one whose recording has ended", async () => {
  const seen: Unstamped[] = [];
  const ended = new AbortController();
  const parts = { sink: (line: Unstamped) => void seen.push(line), clock: realClock, signal: ended.signal };
  await recordK6PodClock("load-0", () => Promise.reject(new Error("no route to host")), parts);
  await recordK6PodClock(
    "load-0",
    () => {
      ended.abort();
      return Promise.resolve(1);
    },
    parts,
  );
  assert.deepEqual(seen, []);
});
