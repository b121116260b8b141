import { access, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { cacheRoot } from "../../../scripts/artefacts/cache.ts";
import { SetUpError } from "../../plan/errors.ts";
import { ask, letKind, MissingProgramError } from "./programs.ts";

/** Name of the cluster, as `kind get clusters` lists it. */
export const KIND_CLUSTER = "zerodrop";
/** Of the kubeconfig that kind writes for it: kind puts this before a cluster's name. */
export const KIND_CONTEXT = `kind-${KIND_CLUSTER}`;

/** Longest time for the node's image to be downloaded and the node to start. */
const CREATE_MS = 10 * 60_000;
/** How long kind itself waits for the node once it runs; the platform's own deadline follows. */
const NODE_READY = "120s";
const LOAD_MS = 5 * 60_000;
const DELETE_MS = 2 * 60_000;

/** Where what belongs to the cluster lies, all of it below the cache. */
export interface KindLayout {
  readonly folder: string;
  /** Never the user's own. */
  readonly kubeconfig: string;
  readonly config: string;
  readonly logFile: string;
}

export function kindLayout(cache: string = cacheRoot()): KindLayout {
  const folder = join(cache, "kind");
  return {
    folder,
    kubeconfig: join(folder, "kubeconfig"),
    config: join(folder, "cluster.yaml"),
    logFile: join(cache, "logs", "kind.log"),
  };
}

/** The environment in which the context KIND_CONTEXT is found, and nothing of the user's own kubeconfig. */
export function kindEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  { kubeconfig }: KindLayout = kindLayout(),
): Readonly<Record<string, string | undefined>> {
  return { ...env, KUBECONFIG: kubeconfig };
}

/** kind's configuration: one node that is control plane and worker, of which nothing is reached but the API server, on the loopback. */
export function kindConfig(): string {
  return stringify({
    kind: "Cluster",
    apiVersion: "kind.x-k8s.io/v1alpha4",
    name: KIND_CLUSTER,
    networking: { apiServerAddress: "127.0.0.1" },
    nodes: [{ role: "control-plane" }],
  });
}

/** @throws SetUpError, one sentence with the remedy, where kind or Docker is missing or Docker does not answer. Makes nothing. */
export async function requireKind(signal: AbortSignal): Promise<void> {
  await ask("kind", ["version"], signal).catch((error: unknown) => {
    if (!(error instanceof MissingProgramError)) throw error;
    throw new SetUpError(
      "--target kind needs the program kind on the PATH, and there is none; install it (https://kind.sigs.k8s.io/docs/user/quick-start), or use the embedded cluster.",
    );
  });
  await ask("docker", ["info", "--format", "{{.ServerVersion}}"], signal).catch((error: unknown) => {
    signal.throwIfAborted();
    const why = error instanceof MissingProgramError ? "there is no program docker" : lastLine(error);
    throw new SetUpError(
      `--target kind needs Docker, which does not answer (${why}); start it, or use the embedded cluster, which needs none.`,
    );
  });
}

function lastLine(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).trimEnd().split("\n");
  return (lines.at(-1) ?? "").replace(/[.]$/, "");
}

/** Whether kind has the cluster. Rejects with a SetUpError when kind cannot tell. */
export async function isKindThere(signal: AbortSignal): Promise<boolean> {
  const clusters = await ask("kind", ["get", "clusters"], signal);
  return clusters.split("\n").some((line) => line.trim() === KIND_CLUSTER);
}

/** A cluster that was made here has its configuration here. @throws SetUpError for one that somebody else has made under the same name. */
async function requireOurs({ config }: KindLayout): Promise<void> {
  try {
    await access(config);
  } catch {
    throw new SetUpError(
      `There is a kind cluster ${KIND_CLUSTER} that was not made by zerodrop here, as ${config} is not there, and it is left alone; if it may go: kind delete cluster --name ${KIND_CLUSTER}`,
    );
  }
}

/**
 * Makes the cluster where there is none, and writes its kubeconfig in either case. What an interrupted or failed creation has left is removed. Rejects with a
 * SetUpError that has the last lines of kind's output, or for a cluster of that name that is somebody else's.
 */
export async function makeKind(layout: KindLayout, signal: AbortSignal): Promise<"made" | "there"> {
  const { folder, kubeconfig, config, logFile } = layout;
  if (await isKindThere(signal)) {
    await requireOurs(layout);
    await letKind(["export", "kubeconfig", "--name", KIND_CLUSTER, "--kubeconfig", kubeconfig], {
      ...{ logFile, signal },
      timeoutMs: DELETE_MS,
    });
    return "there";
  }
  await mkdir(folder, { recursive: true });
  await writeFile(config, kindConfig());
  const create = ["create", "cluster", "--name", KIND_CLUSTER, "--kubeconfig", kubeconfig];
  try {
    await letKind([...create, "--config", config, "--wait", NODE_READY], { logFile, signal, timeoutMs: CREATE_MS });
  } catch (error) {
    // kind, killed, leaves its containers behind; the first error is the one to tell.
    await removeKind(layout).catch(() => undefined);
    throw error;
  }
  return "made";
}

/** Puts an image into every node, by its archive. Rejects with a SetUpError that has the last lines of kind's output. */
export function loadIntoKind({ logFile }: KindLayout, archive: string, signal: AbortSignal): Promise<void> {
  return letKind(["load", "image-archive", archive, "--name", KIND_CLUSTER], { logFile, signal, timeoutMs: LOAD_MS });
}

/** Removes the cluster with everything on it, and its kubeconfig; nothing there is no error. Rejects with a SetUpError, also for a cluster of that name that is somebody else's. */
export async function removeKind(layout: KindLayout, signal?: AbortSignal): Promise<void> {
  const { folder, kubeconfig, logFile } = layout;
  if (await isKindThere(signal ?? new AbortController().signal)) await requireOurs(layout);
  await letKind(["delete", "cluster", "--name", KIND_CLUSTER, "--kubeconfig", kubeconfig], {
    logFile,
    timeoutMs: DELETE_MS,
    ...(signal !== undefined && { signal }),
  });
  await rm(folder, { recursive: true, force: true });
}
