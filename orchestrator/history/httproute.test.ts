import assert from "node:assert/strict";
import { test } from "node:test";
import { isRouteOf, readHttpRoute, routeName, sameWeights } from "./httproute.ts";

test("a route without rules or backends gives weight to nobody, which is news (defect: a throw at a route that was emptied)", () => {
  for (const spec of [{}, { rules: null }, { rules: [] }, { rules: [{}] }, { rules: [{ backendRefs: [] }] }]) {
    assert.deepEqual(readHttpRoute({ spec }), { ok: true, view: new Map() });
  }
});

test("only the first rule counts", () => {
  const rules = [{ backendRefs: [{ name: "a", weight: 100 }] }, { backendRefs: [{ name: "b", weight: 100 }] }];
  assert.deepEqual(readHttpRoute({ spec: { rules } }), { ok: true, view: new Map([["a", 100]]) });
});

test("a route of another form is a problem with its place, never thrown", () => {
  const reading = readHttpRoute({ spec: { rules: [{ backendRefs: [{ weight: 100 }] }] } });
  assert.match(reading.ok ? "" : reading.problem, /^spec\.rules\.0\.backendRefs\.0\.name: /);
});

test("a RayService's route is named after it", () => {
  assert.equal(routeName("app"), "app-httproute");
});

test("a route is the RayService's that owns it, whatever its name; by its name where nobody is said to own it (defect: the weights of another RayService's route)", () => {
  const of = (name: string, object: Record<string, unknown>, kind: "HTTPRoute" | "RayService" = "HTTPRoute"): boolean =>
    isRouteOf("app", { kind, name, object });
  const owned = (...ownerReferences: unknown[]) => ({ metadata: { ownerReferences } });
  const [app, other] = [
    { kind: "RayService", name: "app" },
    { kind: "RayService", name: "other" },
  ];
  const cluster = { kind: "RayCluster", name: "app" };
  assert.equal(of("shortened", owned(app)), true);
  assert.equal(of("shortened", owned(cluster, app)), true);
  for (const object of [owned(other), owned(cluster), owned()]) assert.equal(of("app-httproute", object), false);
  for (const object of [{ metadata: {} }, {}, owned({ kind: "RayService" }), owned({ name: "app" })]) {
    assert.deepEqual([of("app-httproute", object), of("other-httproute", object)], [true, false]);
  }
  assert.equal(of("app-httproute", owned(app), "RayService"), false);
});

test("weights are the same when the same services have the same ones, in any order", () => {
  const same = (a: Record<string, number>, b: Record<string, number>) =>
    sameWeights(new Map(Object.entries(a)), new Map(Object.entries(b)));
  assert.equal(same({}, {}), true);
  assert.equal(same({ a: 75, b: 25 }, { b: 25, a: 75 }), true);
  assert.equal(same({ a: 75, b: 25 }, { a: 75, b: 20 }), false);
  assert.equal(same({ a: 100 }, { b: 100 }), false);
  // A service more, even without weight, is another route.
  assert.equal(same({ a: 100 }, { a: 100, b: 0 }), false);
  assert.equal(same({ a: 100, b: 0 }, { a: 100 }), false);
});
