import assert from "node:assert/strict";
import { test } from "node:test";
import { budgetSchema, deletionDelayOf, needsSchema, variantSchema } from "./scenario-parts.ts";

test("a budget left out allows nothing", () => {
  assert.deepEqual(budgetSchema.parse({}), { failedRequests: 0, disruptedSeconds: 0 });
  assert.deepEqual(budgetSchema.parse({ failedRequests: 3, disruptedSeconds: 0.5 }), {
    failedRequests: 3,
    disruptedSeconds: 0.5,
  });
  for (const bad of [{ failedRequests: -1 }, { failedRequests: 0.5 }, { disruptedSeconds: -1 }, { requests: 1 }]) {
    assert.equal(budgetSchema.safeParse(bad).success, false, JSON.stringify(bad));
  }
});

test("a variant says what is different, and a route is a path", () => {
  const whole = {
    deletionDelaySeconds: 0,
    patch: [{ op: "remove", path: "/spec/suspend" }],
    serveConfig: "serve.yaml",
    manifests: "beside.yaml",
    routes: ["/", "/one/two"],
  };
  assert.deepEqual(variantSchema.parse(whole), whole);
  assert.deepEqual(variantSchema.parse({}), {});
  for (const bad of [
    { deletionDelaySeconds: -1 },
    { deletionDelaySeconds: 0.5 },
    { routes: [] },
    { routes: ["one/"] },
    { route: "/" },
  ]) {
    assert.equal(variantSchema.safeParse(bad).success, false, JSON.stringify(bad));
  }
});

test("the deletion delay is the variant's, KubeRay's own for null, and none without a variant", () => {
  assert.deepEqual(
    [undefined, {}, { deletionDelaySeconds: null }, { deletionDelaySeconds: 0 }, { deletionDelaySeconds: 15 }].map(
      deletionDelayOf,
    ),
    [0, 0, 60, 0, 15],
  );
});

test("what a scenario needs are fields, and nothing else is known", () => {
  assert.deepEqual(needsSchema.parse({ fields: ["spec.suspend"] }), { fields: ["spec.suspend"] });
  assert.equal(needsSchema.safeParse({ gates: ["Incremental"] }).success, false);
  assert.equal(needsSchema.safeParse({ fields: [1] }).success, false);
});
