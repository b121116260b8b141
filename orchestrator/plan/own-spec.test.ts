import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { asRun, merged, specFactsOf, upgradedSpec } from "./own-spec.ts";

// The examples of RFC 7396, appendix A.
const RFC_7396: readonly (readonly [document: string, patch: string, result: string])[] = [
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', "{}"],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', "null", "null"],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ["[1,2]", '{"a":"b","c":null}', '{"a":"b"}'],
  ["{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
];

describe("a merge patch does what RFC 7396 says of it", () => {
  for (const [document, patch, result] of RFC_7396) {
    test(`${document} and ${patch}`, () => {
      const before = JSON.parse(document) as never;
      assert.deepEqual(merged(before, JSON.parse(patch) as never), JSON.parse(result));
      assert.deepEqual(before, JSON.parse(document), "the document is not changed");
    });
  }
});

const SPEC = {
  serveConfigV2: "v1",
  upgradeStrategy: { type: "x", clusterUpgradeOptions: { stepSizePercent: 1, gatewayClassName: "eg", other: 1 } },
  rayClusterConfig: {
    rayVersion: "2.50.0",
    headGroupSpec: {
      template: { spec: { containers: [{ image: "rayproject/ray:2.50.0-py312" }, { image: "sidecar:1" }] } },
    },
    workerGroupSpecs: [{ template: { spec: { initContainers: [{ image: "docker.io/rayproject/ray:2.50.0" }] } } }],
  },
};

describe("an upgrade of the user's", () => {
  test("is a patch, a merge patch or another spec (defect: one that changes what it does not name)", () => {
    const changed = { ...SPEC, serveConfigV2: "v2" };
    assert.deepEqual(
      upgradedSpec(SPEC, { patch: [{ op: "replace", path: "/spec/serveConfigV2", value: "v2" }] }),
      changed,
    );
    assert.deepEqual(upgradedSpec(SPEC, { merge: { spec: { serveConfigV2: "v2" } } }), changed);
    assert.deepEqual(upgradedSpec(SPEC, { spec: { serveConfigV2: "v2" } }), { serveConfigV2: "v2" });
  });

  test("that leaves no spec, or has no place there, is refused (defect: a RayService without one is asked for)", () => {
    assert.throws(() => upgradedSpec(SPEC, { merge: { spec: null } }), /Nothing is left/);
    assert.throws(() => upgradedSpec(SPEC, { merge: { spec: "v2" } }), /Nothing is left/);
    assert.throws(() => upgradedSpec(SPEC, { patch: [{ op: "remove", path: "/spec/none" }] }), /\/spec\/none/);
  });
});

const STRATEGY = { stepSizePercent: 25, intervalSeconds: 2, maxSurgePercent: 50 };

describe("what a run sets in a spec", () => {
  test("is the strategy, and the GatewayClass where it is told (defect: an option of the user's lost, or the Gateway moved)", () => {
    const { upgradeStrategy, ...rest } = asRun(SPEC, { strategy: STRATEGY });
    assert.deepEqual(upgradeStrategy, {
      type: "NewClusterWithIncrementalUpgrade",
      clusterUpgradeOptions: { ...STRATEGY, gatewayClassName: "eg", other: 1 },
    });
    const { upgradeStrategy: _before, ...was } = SPEC;
    assert.deepEqual(rest, was);
    const moved = asRun({}, { strategy: STRATEGY, gatewayClassName: "mine" });
    assert.deepEqual(moved, {
      upgradeStrategy: {
        type: "NewClusterWithIncrementalUpgrade",
        clusterUpgradeOptions: { ...STRATEGY, gatewayClassName: "mine" },
      },
    });
  });

  test("is Ray's image wherever it stands, with its version, and no other image (defect: a sidecar replaced)", () => {
    const settings = { strategy: STRATEGY, image: "mine:1", rayVersion: "2.60.0" };
    const once = asRun(SPEC, settings);
    assert.deepEqual(once["rayClusterConfig"], {
      rayVersion: "2.60.0",
      headGroupSpec: { template: { spec: { containers: [{ image: "mine:1" }, { image: "sidecar:1" }] } } },
      workerGroupSpecs: [{ template: { spec: { initContainers: [{ image: "mine:1" }] } } }],
    });
    assert.deepEqual(asRun(once, settings), once, "doing so again changes nothing");
    const other = { rayClusterConfig: { image: "registry.example/rayproject/ray:1" } };
    assert.deepEqual(asRun(other, settings)["rayClusterConfig"], {
      image: "registry.example/rayproject/ray:1",
      rayVersion: "2.60.0",
    });
  });
});

describe("what a spec says of its upgrades", () => {
  const facts = (options: object, more: object = {}) =>
    specFactsOf({
      upgradeStrategy: { type: "NewClusterWithIncrementalUpgrade", clusterUpgradeOptions: options },
      ...more,
    });

  test("is read whole, by the name that it is known by (defect: the user's strategy replaced by the default)", () => {
    assert.deepEqual(facts({ ...STRATEGY, gatewayClassName: "eg" }, { rayClusterDeletionDelaySeconds: 0 }), {
      strategy: { name: "aggressive", ...STRATEGY },
      isIncremental: true,
      gatewayClassName: "eg",
      deletionDelaySeconds: 0,
    });
    assert.equal(facts({ stepSizePercent: 10, intervalSeconds: 3, maxSurgePercent: 20 }).strategy?.name, "10/3/20");
    assert.deepEqual(facts({ stepSizePercent: 100, intervalSeconds: 1 }).strategy?.maxSurgePercent, 100);
  });

  test("is nothing where it says nothing (defect: a strategy made up)", () => {
    assert.deepEqual(specFactsOf({}), {
      strategy: undefined,
      isIncremental: false,
      gatewayClassName: undefined,
      deletionDelaySeconds: null,
    });
    assert.equal(facts({ stepSizePercent: 10 }).strategy, undefined);
    assert.equal(specFactsOf({ upgradeStrategy: { type: "NewCluster" } }).isIncremental, false);
  });
});
