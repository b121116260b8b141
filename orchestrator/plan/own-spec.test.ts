import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Json } from "./json-patch.ts";
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

test("a spec of another kind than an object is none (defect: a text taken for a spec, or a patch of nothing)", () => {
  for (const none of [["v2"], 2, true]) {
    assert.throws(() => upgradedSpec(SPEC, { merge: { spec: none } }), {
      message: "Nothing is left of the RayService's spec.",
    });
  }
  // Of a patch that takes the whole document's place.
  assert.deepEqual(upgradedSpec(null, { merge: { spec: { a: 1 } } }), { a: 1 });
  assert.deepEqual(upgradedSpec(["x"], { merge: { spec: { a: 1 } } }), { a: 1 });
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

describe("what a run leaves as it was", () => {
  const settings = { strategy: STRATEGY, image: "mine:1", rayVersion: "2.60.0" };
  const imagesAfter = (rayClusterConfig: Json): unknown => asRun({ rayClusterConfig }, settings)["rayClusterConfig"];

  test("is every image that is not of repository rayproject/ray (defect: an image that only looks like Ray's replaced)", () => {
    const others = [
      ...["rayproject/ray", "rayproject/ray-ml:2.50.0", "rayproject/raylet:1", "myrayproject/ray:1"],
      ...["registry.example/rayproject/ray:1", "docker.io/other/ray:1", "dockerxio/rayproject/ray:1"],
    ];
    for (const image of others) {
      assert.deepEqual(imagesAfter({ a: { image } }), { a: { image }, rayVersion: "2.60.0" }, image);
    }
    for (const image of ["rayproject/ray:1", "docker.io/rayproject/ray:1"]) {
      assert.deepEqual(imagesAfter({ a: { image } }), { a: { image: "mine:1" }, rayVersion: "2.60.0" }, image);
    }
  });

  test("is a name that is no image's, and an image that is no text (defect: an environment variable replaced)", () => {
    const cluster = {
      env: [{ value: "rayproject/ray:1" }, "rayproject/ray:1", null, 1],
      image: { a: 1 },
      b: { image: ["rayproject/ray:1"] },
    };
    assert.deepEqual(imagesAfter(cluster), { ...cluster, rayVersion: "2.60.0" });
  });

  test("is the version of Ray where no other is told, the RayCluster where there is no image, and what is no RayCluster", () => {
    const cluster = { rayVersion: "2.50.0", image: "rayproject/ray:2.50.0" };
    const of = (rayClusterConfig: Json, more: object): unknown =>
      asRun({ rayClusterConfig }, { strategy: STRATEGY, ...more })["rayClusterConfig"];
    assert.deepEqual(of(cluster, { image: "mine:1" }), { rayVersion: "2.50.0", image: "mine:1" });
    assert.deepEqual(of(cluster, { rayVersion: "2.60.0" }), cluster);
    for (const none of [null, "text", ["a"]]) assert.deepEqual(of(none, settings), none);
    assert.ok(!("rayClusterConfig" in asRun({}, settings)));
  });

  test("is what else upgradeStrategy says, where it says anything", () => {
    const options = (upgradeStrategy: Json): unknown => asRun({ upgradeStrategy }, { strategy: STRATEGY });
    const set = { type: "NewClusterWithIncrementalUpgrade", clusterUpgradeOptions: STRATEGY };
    assert.deepEqual(options({ other: 1, clusterUpgradeOptions: null }), { upgradeStrategy: { other: 1, ...set } });
    for (const nothing of [null, "text", ["a"], { clusterUpgradeOptions: "text" }, { clusterUpgradeOptions: ["a"] }]) {
      assert.deepEqual(options(nothing), { upgradeStrategy: set });
    }
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

  test("is taken up to the bounds of the operator's, and refused beyond (defect: a plan that no operator carries out)", () => {
    const least = { stepSizePercent: 1, intervalSeconds: 1, maxSurgePercent: 1 };
    const most = { stepSizePercent: 100, intervalSeconds: 1_000_000, maxSurgePercent: 100 };
    for (const options of [least, most])
      assert.deepEqual(facts(options).strategy, { ...options, name: nameOf(options) });
    const beyond = [
      ...[{ stepSizePercent: 0 }, { stepSizePercent: 101 }, { stepSizePercent: 1.5 }, { intervalSeconds: 0 }],
      ...[{ intervalSeconds: 1.5 }, { maxSurgePercent: 0 }, { maxSurgePercent: 101 }, { maxSurgePercent: 1.5 }],
    ];
    for (const options of beyond) {
      assert.throws(() => facts({ ...least, ...options }), { name: "ZodError" }, JSON.stringify(options));
    }
  });

  test("is known by a strategy's name only with all three of its numbers (defect: a run called aggressive that is not)", () => {
    for (const other of [{ stepSizePercent: 24 }, { intervalSeconds: 3 }, { maxSurgePercent: 51 }]) {
      const options = { ...STRATEGY, ...other };
      assert.equal(facts(options).strategy?.name, nameOf(options));
    }
  });

  test("may say nothing with a null, as Kubernetes does, and of the delay with what is no delay", () => {
    assert.deepEqual(specFactsOf({ upgradeStrategy: null, rayClusterDeletionDelaySeconds: null }), specFactsOf({}));
    assert.deepEqual(specFactsOf({ upgradeStrategy: { type: null, clusterUpgradeOptions: null } }), specFactsOf({}));
    const nothing = { stepSizePercent: null, intervalSeconds: null, maxSurgePercent: null, gatewayClassName: null };
    assert.deepEqual(facts(nothing), facts({}));
    assert.equal(facts({ intervalSeconds: 3 }).strategy, undefined);
    assert.equal(facts({ ...STRATEGY, maxSurgePercent: null }).strategy?.maxSurgePercent, 100);
    for (const delay of [-1, 1.5, "60"]) {
      assert.equal(specFactsOf({ rayClusterDeletionDelaySeconds: delay }).deletionDelaySeconds, null);
    }
    assert.equal(specFactsOf({ rayClusterDeletionDelaySeconds: 60 }).deletionDelaySeconds, 60);
  });
});

function nameOf(options: typeof STRATEGY): string {
  return `${options.stepSizePercent}/${options.intervalSeconds}/${options.maxSurgePercent}`;
}
