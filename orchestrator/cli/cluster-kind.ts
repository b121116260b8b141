import { access } from "node:fs/promises";
import { deadlinesFor } from "../plan/deadlines.ts";
import { parseStrategy } from "../plan/strategy.ts";
import { DEFAULT_STRATEGY } from "../plan/config-defaults.ts";
import {
  isKindThere,
  KIND_CLUSTER,
  KIND_CONTEXT,
  kindEnvironment,
  kindLayout,
  removeKind,
  requireKind,
} from "../target/kind/kind.ts";
import { readConfig } from "./config-file.ts";
import { contextKube } from "./context-kube.ts";
import { EXIT } from "./exit.ts";
import { kindCluster } from "./planned-cluster.ts";
import { prepareCluster } from "./prepare-cluster.ts";
import type { RemoveParts } from "./remove-platform.ts";
import { typed, type Places } from "./started.ts";
import type { ClusterCommand } from "./cluster-args.ts";

export interface KindParts extends RemoveParts, Pick<Places, "root" | "cwd"> {}

/** `npm run cluster -- up|down|status --target kind`. Results go to `print`; resolves to the exit code. */
export async function runKindCluster(
  { action, configFile }: Pick<ClusterCommand, "action" | "configFile">,
  parts: KindParts,
): Promise<number> {
  const { progress, print, signal } = parts;
  if (action === "up") {
    const { config } = await readConfig(configFile, parts);
    const { preparation } = kindCluster(config);
    const { warmUpSeconds, deadlineFactor, deadlineSeconds } = config;
    const strategy = config.strategy ?? parseStrategy(DEFAULT_STRATEGY, "strategy");
    const paced = { strategy, warmUpSeconds, deletionDelaySeconds: 0 };
    const { clusterUp } = deadlinesFor(paced, deadlineFactor, deadlineSeconds);
    if (preparation !== undefined) await prepareCluster(preparation, { ...parts, deadlineMs: clusterUp });
    return tellStatus(parts);
  }
  await requireKind(signal);
  if (action === "status") return tellStatus(parts);
  const phase = progress.phase("ending the kind cluster");
  try {
    await removeKind(kindLayout(), signal);
    phase.done();
  } catch (error) {
    phase.fail("see below");
    throw error;
  }
  print(`The kind cluster ${KIND_CLUSTER} is gone.\n`);
  return 0;
}

/** Prints what there is; resolves to the exit code. */
async function tellStatus({ print, signal, env }: KindParts): Promise<number> {
  const { kubeconfig } = kindLayout();
  if (!(await isKindThere(signal))) {
    print(`There is no kind cluster ${KIND_CLUSTER}; ${typed("cluster up --target kind")} makes it.\n`);
    return EXIT.setUpFailed;
  }
  const version = await versionOf(kubeconfig, env);
  print(
    [
      `The kind cluster ${KIND_CLUSTER} is there.`,
      version === undefined ? "  ✗ API server does not answer" : `  ✓ API server answers (Kubernetes ${version})`,
      `kubeconfig: ${kubeconfig}, context ${KIND_CONTEXT}`,
      "",
    ].join("\n"),
  );
  return version === undefined ? EXIT.setUpFailed : 0;
}

/** What the API server says that it is; undefined where it says nothing. */
async function versionOf(kubeconfig: string, env: KindParts["env"]): Promise<string | undefined> {
  try {
    await access(kubeconfig);
    return await (await contextKube(KIND_CONTEXT, kindEnvironment(env))).serverVersion();
  } catch {
    return undefined;
  }
}
