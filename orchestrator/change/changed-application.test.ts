import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { KubeObject } from "../kube/kube.ts";
import { SetUpError } from "../plan/errors.ts";
import { ownApplication } from "./changed-application.ts";
import { digestOf } from "./spec-change.ts";

const STRATEGY = { stepSizePercent: 25, intervalSeconds: 2, maxSurgePercent: 50 };
const VERSIONS = { before: "1.0", after: "1.1" };
const object = (spec: object, generation = 3): KubeObject => ({
  apiVersion: "ray.io/v1",
  kind: "RayService",
  metadata: { name: "app", namespace: "ns", generation },
  spec,
});
const own = ownApplication({ merge: { spec: { serveConfigV2: "new" } } }, VERSIONS, { strategy: STRATEGY });

describe("an application of the user's", () => {
  test("has the version that the plan gives to a goal, and tells its whole spec by a digest (defect: a rollback that restores half)", () => {
    const { facts, whole } = own.read(object({ b: 1, a: 2 }), "it", "before");
    assert.deepEqual(whole, { b: 1, a: 2 });
    assert.deepEqual([facts.generation, facts.versions], [3, ["1.0"]]);
    assert.equal(facts.digest, own.read(object({ a: 2, b: 1 }), "it", "after").facts.digest);
    assert.notEqual(facts.digest, own.read(object({ a: 2, b: 2 }), "it", "before").facts.digest);
    assert.deepEqual(own.read(object({}), "it", "after").facts.versions, ["1.1"]);
  });

  test("is upgraded by one operation, with the strategy of the run in it (defect: the second manifest's own strategy)", () => {
    const from = own.read(object({ serveConfigV2: "old", upgradeStrategy: { type: "None" } }), "it", "before");
    assert.deepEqual(own.operations({ do: "upgrade" }, "after", from, "it"), {
      operations: [
        {
          op: "replace",
          path: "/spec",
          value: {
            serveConfigV2: "new",
            upgradeStrategy: { type: "NewClusterWithIncrementalUpgrade", clusterUpgradeOptions: STRATEGY },
          },
        },
      ],
    });
  });

  test("that is what it would become already is no change (defect: an upgrade that never begins is waited for)", () => {
    const upgradeStrategy = { type: "NewClusterWithIncrementalUpgrade", clusterUpgradeOptions: STRATEGY };
    const from = own.read(object({ serveConfigV2: "new", upgradeStrategy }), "it", "before");
    assert.throws(() => own.operations({ do: "upgrade" }, "after", from, "it"), SetUpError);
  });

  test("without spec or generation is told (defect: a crash in the middle of a run)", () => {
    assert.throws(() => own.read({ ...object({}), spec: 1 }, "RayService ns/app", "before"), /ns\/app has no spec/);
    const { generation: _none, ...metadata } = object({}).metadata;
    assert.throws(
      () => own.read({ ...object({}), metadata }, "RayService ns/app", "before"),
      /ns\/app has no generation/,
    );
  });
});

test("a digest is of what a spec says, in whatever order (defect: the same spec told as another)", () => {
  assert.equal(digestOf({ a: [{ b: 1, c: null }] }), digestOf({ a: [{ c: null, b: 1 }] }));
  assert.notEqual(digestOf({ a: [1, 2] }), digestOf({ a: [2, 1] }));
  assert.match(digestOf({}), /^[0-9a-f]{64}$/);
});
