import assert from "node:assert/strict";
import { test } from "node:test";
import { readEvent, type EventView } from "./event.ts";

const NOTHING: EventView = { type: "", reason: "", message: "", count: 1, kind: "", name: "", container: "" };

function view(event: unknown): EventView {
  const reading = readEvent(event);
  assert.ok(reading.ok);
  return reading.view;
}

test("an event says what happened to which object, how often, and in which container", () => {
  const event = {
    metadata: { name: "app-worker.17c" },
    type: "Warning",
    reason: "Unhealthy",
    message: "Readiness probe failed",
    count: 3,
    involvedObject: { kind: "Pod", name: "app-worker", fieldPath: "spec.containers{ray-worker}" },
  };
  assert.deepEqual(readEvent(event), {
    ok: true,
    view: {
      type: "Warning",
      reason: "Unhealthy",
      message: "Readiness probe failed",
      count: 3,
      kind: "Pod",
      name: "app-worker",
      container: "ray-worker",
    },
  });
});

test("an event that tells nothing reads as empty, seen once", () => {
  assert.deepEqual(view({}), NOTHING);
  assert.deepEqual(view({ type: null, count: null, series: {}, involvedObject: {} }), NOTHING);
});

test("a repeated event is counted by its own count, else by its series' (defect: a probe that failed 40 times is told as one failure)", () => {
  assert.equal(view({ series: { count: 40 } }).count, 40);
  assert.equal(view({ count: 2, series: { count: 40 } }).count, 2);
});

test("only a path that ends at a container names one", () => {
  const containerOf = (fieldPath: string) => view({ involvedObject: { kind: "Pod", fieldPath } }).container;
  assert.equal(containerOf("spec.initContainers{wait-gcs-ready}"), "wait-gcs-ready");
  assert.equal(containerOf("spec.containers[0]"), "");
  assert.equal(containerOf("spec.containers{ray-worker}.ports"), "");
});

test("an event of another form is a problem with its place, never thrown", () => {
  const reading = readEvent({ count: "3" });
  assert.match(reading.ok ? "" : reading.problem, /^count: /);
});
