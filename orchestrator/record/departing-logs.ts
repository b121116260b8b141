import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Kube } from "../kube/kube.ts";
import { withoutSecrets } from "../plan/out-k6.ts";

/**
 * Saves the log of each Ray head as it begins to terminate: when a run collects its logs, the leaving RayCluster's pods are gone.
 * Best effort until disposed of; a log that cannot be had is nobody's failure. Every text of `secrets` is written as `***`.
 */
export function saveDepartingLogs(
  kube: Kube,
  directory: string,
  options: { readonly namespace: string; readonly secrets: readonly string[] },
): AsyncDisposable {
  const { namespace, secrets } = options;
  const stop = new AbortController();
  const saving = new Map<string, Promise<void>>();
  const save = async (name: string): Promise<void> => {
    const log = await kube.logs({ namespace, name, container: "ray-head" });
    if (log === undefined) return;
    await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, `${name}.ray-head.departing.log`), withoutSecrets(log, secrets));
  };
  const watching = kube.watch(
    { apiVersion: "v1", kind: "Pod" },
    { namespace, labelSelector: "ray.io/node-type=head" },
    (event) => {
      if (event.type !== "modified") return;
      const { name, deletionTimestamp } = event.object.metadata;
      if (deletionTimestamp === undefined || saving.has(name)) return;
      saving.set(
        name,
        save(name).catch(() => undefined),
      );
    },
    { signal: stop.signal },
  );
  const ended = watching.catch(() => undefined);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
      await Promise.all(saving.values());
    },
  };
}
