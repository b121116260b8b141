import assert from "node:assert/strict";
import { test } from "node:test";
import { CONTOUR, ENVOY_GATEWAY, splitModelOf } from "./gateways.ts";

test("only a gateway that was measured to take backends in turn is held to it (defect: a false alarm about an unknown one)", () => {
  assert.deepEqual(
    [ENVOY_GATEWAY, CONTOUR, "istio.io/gateway-controller", ""].map((controller) => splitModelOf(controller)),
    ["deterministic", "random", "random", "random"],
  );
});
