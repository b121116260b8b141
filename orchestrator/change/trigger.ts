import { z } from "zod";
import type { JsonPatchOperation, Kube, KubeObject } from "../kube/kube.ts";
import { versionsIn, withVersion } from "../kube/serve-config.ts";
import { SetUpError } from "../plan/errors.ts";
import { RAY_SERVICE, stateOf } from "./rayservice.ts";
import type { RayServiceName } from "./rayservice.ts";

const SERVE_CONFIG = "/spec/serveConfigV2";
const WORKER_CPU = "/spec/rayClusterConfig/workerGroupSpecs/0/template/spec/containers/0/resources/requests/cpu";

const specSchema = z.looseObject({
  metadata: z.looseObject({ generation: z.number() }),
  spec: z.looseObject({
    serveConfigV2: z.string(),
    rayClusterConfig: z.looseObject({
      workerGroupSpecs: z.tuple(
        [
          z.looseObject({
            template: z.looseObject({
              spec: z.looseObject({
                containers: z.tuple(
                  [
                    z.looseObject({
                      resources: z.looseObject({ requests: z.looseObject({ cpu: z.union([z.string(), z.number()]) }) }),
                    }),
                  ],
                  z.unknown(),
                ),
              }),
            }),
          }),
        ],
        z.unknown(),
      ),
    }),
  }),
});

/** What was changed, as it stood. */
export interface SpecFacts {
  readonly generation: number;
  readonly versions: string[];
  readonly workerCpu: string;
}

export interface Trigger {
  readonly before: SpecFacts;
  readonly after: SpecFacts;
  /** The RayCluster that served when the change was made. */
  readonly activeCluster: string;
}

/**
 * Triggers an upgrade: the serve config's version and the worker's cpu request change in one JSON Patch, which makes the RayCluster's hash a new one
 * (the version alone would be changed in place). The patch tests both old values, so that it applies to what was read or not at all, whatever else the
 * operator has written meanwhile.
 *
 * @throws SetUpError when an upgrade is under way already, when nothing would change, or when the server's answer does not show the change;
 *   KubeError when the patch is refused.
 */
export async function triggerUpgrade(
  kube: Kube,
  service: RayServiceName,
  to: { versionAfter: string; workerCpuAfter: string },
): Promise<Trigger> {
  const named = `RayService ${service.namespace}/${service.name}`;
  const object = await kube.get({ ...RAY_SERVICE, ...service });
  if (object === undefined) throw new SetUpError(`${named} does not exist.`);
  const before = factsOf(object, named);
  const state = stateOf(object);
  const activeCluster = state?.active.rayClusterName ?? "";
  if (state === undefined || activeCluster === "" || state.pending.rayClusterName !== "") {
    throw new SetUpError(
      `${named} is not ready to be upgraded: active RayCluster "${activeCluster}", pending "${state?.pending.rayClusterName ?? ""}".`,
    );
  }
  const serveConfig = withVersion(before.serveConfig, to.versionAfter);
  if (serveConfig === before.serveConfig || to.workerCpuAfter === before.workerCpu) {
    throw new SetUpError(
      `${named} is at version ${before.versions.join(", ")} with worker cpu ${before.workerCpu} already; an upgrade must change both.`,
    );
  }
  const operations: JsonPatchOperation[] = [
    { op: "test", path: SERVE_CONFIG, value: before.serveConfig },
    { op: "test", path: WORKER_CPU, value: before.cpuAsStored },
    { op: "replace", path: SERVE_CONFIG, value: serveConfig },
    { op: "replace", path: WORKER_CPU, value: to.workerCpuAfter },
  ];
  const after = factsOf(await kube.patch({ ...RAY_SERVICE, ...service }, operations), named);
  if (after.generation <= before.generation || after.versions.join() !== to.versionAfter) {
    throw new SetUpError(`The change of ${named} was accepted but is not there: ${JSON.stringify(plain(after))}.`);
  }
  return { before: plain(before), after: plain(after), activeCluster };
}

interface Facts extends SpecFacts {
  readonly serveConfig: string;
  /** A quantity may be stored as a number; `test` compares what is stored. */
  readonly cpuAsStored: string | number;
}

function factsOf(object: KubeObject, named: string): Facts {
  const read = specSchema.safeParse(object);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw new SetUpError(
      `${named} cannot be upgraded by zerodrop: ${issue?.path.join(".") ?? "?"}: ${issue?.message ?? "?"}.`,
    );
  }
  const { metadata, spec } = read.data;
  const cpu = spec.rayClusterConfig.workerGroupSpecs[0].template.spec.containers[0].resources.requests.cpu;
  return {
    generation: metadata.generation,
    versions: versionsIn(spec.serveConfigV2),
    workerCpu: String(cpu),
    serveConfig: spec.serveConfigV2,
    cpuAsStored: cpu,
  };
}

function plain({ generation, versions, workerCpu }: Facts): SpecFacts {
  return { generation, versions, workerCpu };
}
