import assert from "node:assert/strict";
import { test } from "node:test";
import { readEndpointSlice } from "./endpointslice.ts";

test("an endpoint of which little is told is one all the same, and ready (defect: a throw at a slice that is still being filled)", () => {
  const endpoints = [{}, { addresses: null, conditions: null }, { addresses: [], targetRef: {} }];
  const told = { addresses: ["10.0.0.4", "10.0.0.5"], targetRef: { name: null } };
  assert.deepEqual(readEndpointSlice({ metadata: {}, endpoints: [...endpoints, told] }), {
    ok: true,
    view: { service: "", ready: ["", "", "", "10.0.0.4"], addresses: ["10.0.0.4", "10.0.0.5"] },
  });
});

test("a slice that is none is a problem with its place, never thrown", () => {
  const reading = readEndpointSlice({ metadata: {}, endpoints: [{ addresses: "10.0.0.1" }] });
  assert.match(reading.ok ? "" : reading.problem, /^endpoints\.0\.addresses: /);
});
