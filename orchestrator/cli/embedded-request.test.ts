import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { versions } from "../../scripts/artefacts/versions.ts";
import { UsageError } from "../plan/errors.ts";
import { CONTOUR } from "../plan/gateways.ts";
import { jsonSchema, patched } from "../plan/json-patch.ts";
import type { Plan } from "../plan/plan.ts";
import { requireApplication } from "../stage/preflight.ts";
import { rayServiceOf } from "../stage/manifests.ts";
import { parseCommand } from "./args.ts";
import { applicationOf, gatewayClassOf, refuseOtherVersions, whatIsCreated } from "./embedded-request.ts";
import { planLoad } from "./request.ts";
import { scenarioNames } from "./scenario-files.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The plan of a scenario of this checkout, as it is by default. */
async function planOf(scenario: string): Promise<Plan> {
  const command = parseCommand(["load", "--scenario", scenario], { kubeContexts: () => ({ source: "", names: [] }) });
  assert.ok(command.command === "load");
  const { plan } = await planLoad(command, { root: ROOT, cwd: ROOT, home: ROOT, now: new Date(0), seed: 1 });
  return plan;
}

test("a dry run tells what a variant has beside the application, and no password (defect: something is created that nobody was told of)", async () => {
  const created = whatIsCreated(await planOf("gcs-upgrade")).join("\n");
  assert.match(created, /with ConfigMap, RayService zerodrop, .*, Secret redis, Service redis, Deployment redis$/);
  assert.ok(
    !whatIsCreated(await planOf("upgrade"))
      .join()
      .includes("redis"),
  );
});

test("an operator that the cluster has no image of is refused (defect: its pod never starts, and the run ends by a time-out)", async () => {
  const plan = await planOf("operator-upgrade");
  refuseOtherVersions(plan);
  const steps = plan.steps?.map((step) => (step.do === "operator" ? { ...step, version: "1.4.0" } : step)) ?? [];
  assert.throws(
    () => refuseOtherVersions({ ...plan, steps }),
    (error) => error instanceof UsageError && error.message.endsWith('received "1.4.0".'),
  );
});

test("a plan for the other gateway is made of its parts alone, and asks for its class (defect: refused for a part that it has not, or run through the default)", async () => {
  const plan = await planOf("upgrade");
  assert.equal(gatewayClassOf(plan), "zerodrop");
  const { envoyGateway: _, ...others } = plan.versions;
  const gateway = { className: "zerodrop-contour", controller: CONTOUR, splitModel: "random" } as const;
  const contour: Plan = { ...plan, gateway, versions: { ...others, contour: versions.contour } };
  refuseOtherVersions(contour);
  assert.equal(gatewayClassOf(contour), "zerodrop-contour");
  const { gatewayClassName, gatewayController } = applicationOf(contour);
  assert.deepEqual([gatewayClassName, gatewayController], ["zerodrop-contour", CONTOUR]);
  assert.throws(
    () => refuseOtherVersions({ ...contour, versions: others }),
    (error) => error instanceof UsageError && error.message.startsWith("versions.contour must be "),
  );
});

for (const scenario of await scenarioNames(ROOT)) {
  test(`the application of scenario ${scenario} can be made, and its steps' patches fit it (defect: found out on the cluster, minutes later)`, async () => {
    const plan = await planOf(scenario);
    const request = applicationOf(plan);
    await requireApplication(request, plan.steps);
    const rayService = jsonSchema.parse(JSON.parse(JSON.stringify(await rayServiceOf(request))));
    for (const step of plan.steps ?? []) {
      if ("patch" in step && step.patch !== undefined) {
        assert.notDeepEqual(patched(rayService, step.patch), rayService, "a patch that changes nothing");
      }
    }
  });
}
