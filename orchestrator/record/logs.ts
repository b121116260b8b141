import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import type { Kube, KubeObject } from "../kube/kube.ts";
import { platformPods, type RunGateway } from "../kube/platform.ts";
import { withoutSecrets } from "../plan/out-k6.ts";
import { eventLines } from "./events.ts";
import { redact } from "./redact.ts";

const podSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string() })) }),
});

/**
 * Writes the logs of the operator, the gateway's control and data plane, every Ray head and the load's containers to
 * `DIRECTORY/POD.CONTAINER.log`; with `onFailure` also those of Ray workers, `events.txt` and `pods.yaml` (environment values redacted).
 * Whatever cannot be had is left out and named in the answer: a missing log never fails a run. Every text of `secrets` (secretsOf) is
 * written as `***`.
 *
 * @returns what was written, and what could not be with its reason.
 */
export async function collectLogs(
  kube: Kube,
  directory: string,
  options: RunGateway & {
    /** Where the load's pods are, when not with the application. */
    loadNamespace?: string;
    onFailure: boolean;
    tailLines?: number;
    secrets?: readonly string[];
  },
): Promise<{ written: string[]; missing: string[] }> {
  const { namespace, loadNamespace = namespace, onFailure, tailLines, secrets = [] } = options;
  const written: string[] = [];
  const missing: string[] = [];
  const attempt = async (what: string, collect: () => Promise<void>): Promise<void> => {
    try {
      await collect();
    } catch (error) {
      missing.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const write = async (file: string, content: string): Promise<void> => {
    await writeFile(path.join(directory, file), withoutSecrets(content, secrets));
    written.push(file);
  };
  await mkdir(directory, { recursive: true });

  const ours: KubeObject[] = [];
  for (const one of new Set([namespace, loadNamespace])) {
    await attempt(`pods of ${one}`, async () => {
      ours.push(...(await kube.list({ apiVersion: "v1", kind: "Pod" }, { namespace: one })));
    });
  }
  let platform: KubeObject[] = [];
  await attempt("pods of the platform", async () => {
    platform = Object.values(await platformPods(kube, options)).flat();
  });
  const wanted = [...platform, ...ours.filter((pod) => onFailure || wantedAlways(pod))];
  for (const pod of wanted) {
    const read = podSchema.safeParse(pod);
    if (!read.success) continue;
    const { metadata, spec } = read.data;
    for (const { name: container } of spec.containers) {
      await attempt(`log of ${metadata.name}.${container}`, async () => {
        const from = { namespace: metadata.namespace, name: metadata.name, container };
        const log = await kube.logs(tailLines === undefined ? from : { ...from, tailLines });
        if (log !== undefined) await write(`${metadata.name}.${container}.log`, log);
      });
    }
  }
  if (onFailure) {
    await attempt("events", async () => {
      await write("events.txt", eventLines(await kube.list({ apiVersion: "v1", kind: "Event" }, { namespace })));
    });
    await attempt("pod descriptions", async () => {
      await write("pods.yaml", stringify([...ours, ...platform].map((pod) => redact(withoutManagedFields(pod)))));
    });
  }
  return { written, missing };
}

/** Ray heads, and pods of a Job (the load). */
function wantedAlways(pod: KubeObject): boolean {
  const labels = pod.metadata.labels ?? {};
  return labels["ray.io/node-type"] === "head" || labels["batch.kubernetes.io/job-name"] !== undefined;
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _managed, ...metadata } = object.metadata;
  return { ...object, metadata };
}
