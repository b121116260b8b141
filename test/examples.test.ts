import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { parse } from "yaml";
import { CHECKOUT } from "../scripts/artefacts/cache.ts";
import {
  differences,
  EXAMPLES,
  readExample,
  serveConfigSchema,
  valueAt,
  type Example,
  type ExampleName,
  type Spec,
} from "./testing/example.ts";

const examples = new Map<ExampleName, Example>();
for (const name of EXAMPLES) examples.set(name, await readExample(name));
const exampleOf = (name: ExampleName): Example => examples.get(name) ?? assert.fail(name);
const withServeRead = (spec: Spec): object => ({
  ...spec,
  serveConfigV2: serveConfigSchema.parse(parse(spec.serveConfigV2)),
});

const WORKER = "rayClusterConfig.workerGroupSpecs.0.template.spec.containers.0";
const USER = (application: number): string => `serveConfigV2.applications.${application}.deployments.0.user_config`;
/** What each upgrade changes, as its README has it. */
const CHANGES: Readonly<Record<ExampleName, Record<string, readonly [unknown, unknown]>>> = {
  "http-model": {
    "rayClusterConfig.headGroupSpec.template.metadata": [
      undefined,
      { annotations: { "models.example.com/release": "1.4.0" } },
    ],
    [`${USER(0)}.version`]: ["1.3.0", "1.4.0"],
    [`${USER(0)}.weights.urgent`]: [undefined, 2],
    [`${USER(0)}.threshold`]: [2, 3],
  },
  chat: {
    [`${WORKER}.resources.requests.cpu`]: ["100m", "90m"],
    [`${USER(0)}.version`]: ["tiny-1", "tiny-2"],
    [`${USER(0)}.words`]: [
      ["the", "model", "is", "small", "and", "says", "what", "it", "can"],
      ["the", "model", "is", "still", "small", "and", "says", "more", "than", "it", "could"],
    ],
    [`${USER(0)}.every_ms`]: [50, 40],
  },
  "two-applications": {
    [`${WORKER}.resources.requests.cpu`]: ["100m", "90m"],
    [`${USER(0)}.version`]: ["2026.11", "2026.12"],
    [`${USER(0)}.complaints`]: [
      ["broken", "late"],
      ["broken", "late", "lost"],
    ],
    [`${USER(1)}.version`]: ["2026.11", "2026.12"],
    [`${USER(1)}.words`]: [6, 8],
  },
};

for (const name of EXAMPLES) {
  const { readme, service, before, after } = exampleOf(name);

  test(`${name}: the upgrade changes what README says, and makes a new RayCluster (defect: an upgrade in place, without weights)`, () => {
    const found = differences(withServeRead(before), withServeRead(after));
    assert.deepEqual(found, CHANGES[name]);
    const counted = Object.keys(found).filter((at) => at.startsWith("rayClusterConfig"));
    // KubeRay 1.6.2, GenerateHashWithoutReplicasAndWorkersToDelete.
    const muted = /\.(replicas|minReplicas|maxReplicas|workersToDelete|tolerations|schedulingGates)$/;
    assert.ok(counted.some((at) => !muted.test(at)));
  });

  test(`${name}: the versions are those of the serve configs (defect: a run that waits for a version that nobody gives)`, () => {
    const versionsIn = (spec: Spec): string[] => [
      ...new Set(
        serveConfigSchema
          .parse(parse(spec.serveConfigV2))
          .applications.map(({ deployments: [{ user_config }] }) => user_config.version),
      ),
    ];
    assert.deepEqual([versionsIn(before), versionsIn(after)], [[service.versions.before], [service.versions.after]]);
  });

  test(`${name}: it has the resources and bounds of zerodrop's own application (defect: one that starves the load on two cores)`, async () => {
    const own = async (file: string): Promise<unknown> =>
      parse(await readFile(join(CHECKOUT, "manifests/app", file), "utf8"), { merge: true }) as unknown;
    const [rayService, profiles, serveConfig] = [
      await own("rayservice.yaml"),
      await own("resources.yaml"),
      await own("serve-config.yaml"),
    ];
    const group = "rayClusterConfig.workerGroupSpecs.0";
    for (const path of [
      ...["upgradeStrategy", "rayClusterDeletionDelaySeconds"],
      ...["rayVersion", "headGroupSpec.rayStartParams"].map((key) => `rayClusterConfig.${key}`),
      ...["rayStartParams", "replicas", "minReplicas", "maxReplicas"].map((key) => `${group}.${key}`),
      ...["rayClusterConfig.headGroupSpec", group].flatMap((of) =>
        [
          "restartPolicy",
          "terminationGracePeriodSeconds",
          "securityContext",
          "containers.0.securityContext",
          "containers.0.ports",
        ].map((key) => `${of}.template.spec.${key}`),
      ),
    ])
      assert.deepEqual(valueAt(before, path), valueAt(rayService, `spec.${path}`), path);
    const { rayClusterConfig } = before;
    assert.deepEqual(
      {
        head: rayClusterConfig.headGroupSpec.template.spec.containers[0].resources,
        worker: rayClusterConfig.workerGroupSpecs[0].template.spec.containers[0].resources,
        autoscaler: valueAt(rayClusterConfig, "autoscalerOptions.resources"),
      },
      Object.fromEntries(["head", "worker", "autoscaler"].map((part) => [part, valueAt(profiles, `small.${part}`)])),
    );
    const { applications } = serveConfigSchema.parse(parse(before.serveConfigV2));
    for (const { deployments } of applications)
      for (const key of ["max_ongoing_requests", "autoscaling_config"])
        assert.deepEqual(deployments[0][key], valueAt(serveConfig, `applications.0.deployments.0.${key}`), key);
    const cpus = applications.map(({ deployments }) => Number(valueAt(deployments[0], "ray_actor_options.num_cpus")));
    assert.equal(
      cpus.reduce((sum, each) => sum + each, 0),
      2,
      "one replica of each fills a worker",
    );
  });

  test(`${name}: README's table of clients is zerodrop.yaml's (defect: a table that is left behind)`, () => {
    const rows = new MarkdownIt()
      .parse(readme.split("## The clients")[1] ?? "", {})
      .flatMap(({ type, content }, index, all) =>
        type === "inline" && all[index - 1]?.type === "td_open" ? content : [],
      );
    const told = rows.flatMap((cell, index) =>
      /^`\w+`$/.test(cell) ? [[cell.slice(1, -1), Number.parseFloat(rows[index + 1] ?? "")]] : [],
    );
    assert.deepEqual(
      told,
      service.requests.map(({ name: kind, rate }) => [kind, rate]),
    );
    const total = service.requests.reduce((sum, { rate }) => sum + rate, 0);
    assert.ok(total >= 60 && total <= 150, `${total} requests/s on two cores`);
  });

  test(`${name}: zerodrop takes its configuration and plans the run (defect: an example that is refused)`, () => {
    const main = join(CHECKOUT, "orchestrator/cli/main.ts");
    const args = ["--import", "tsx", main, "load", "--config", `examples/${name}/zerodrop.yaml`, "--dry-run"];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: CHECKOUT, encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });
}
