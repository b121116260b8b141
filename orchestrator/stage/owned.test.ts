import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../kube/kube.ts";
import { isOwnedBy, ownedBy } from "./owned.ts";

const OWNER = { apiVersion: "ray.io/v1", kind: "RayService", name: "app", controller: true };
const route = (name: string, ...ownerReferences: object[]): KubeObject => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name, ...(ownerReferences.length > 0 && { ownerReferences }) },
});

test("an object is a RayService's by its controller, whatever it is called (defect: another's route taken for its own by its name)", () => {
  const own = route("any-name", { ...OWNER, kind: "Other" }, OWNER);
  assert.equal(ownedBy([route("app-httproute"), own], "app"), own);
  assert.equal(ownedBy([route("app-httproute")], "app"), undefined);
});

const OTHERS: readonly (readonly [why: string, change: object])[] = [
  ["another RayService's", { name: "app2" }],
  ["a RayCluster's of that name", { kind: "RayCluster" }],
  ["another group's", { apiVersion: "example.com/v1" }],
  ["one that it does not control", { controller: false }],
];
for (const [why, change] of OTHERS) {
  test(`it is not ${why}`, () => {
    assert.equal(isOwnedBy(route("app-httproute", { ...OWNER, ...change }), "app"), false);
  });
}
