import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { buildAll } from "../../../scripts/artefacts/artefact.ts";
import type { BuildProgress } from "../../../scripts/artefacts/artefact.ts";
import { BUILD_MARKER } from "../../../scripts/artefacts/command.ts";
import { artefactsFor } from "../../../scripts/artefacts/list.ts";
import { takeLock } from "../../../scripts/artefacts/lock.ts";
import { removeTree } from "../../../scripts/artefacts/remove-tree.ts";
import { waitApiServerReady } from "./api-server.ts";
import { connect } from "../../kube/connect.ts";
import type { Kube } from "../../kube/kube.ts";
import { typed } from "../../cli/started.ts";
import { SetUpError } from "../../plan/errors.ts";
import { DEFAULT_GATEWAY_CLASS, type EmbeddedGatewayClass } from "../../plan/gateways.ts";
import { createCgroups, enterDaemons, existingCgroups, removeCgroups } from "./cgroups.ts";
import { daemons, startDaemon, writeConfiguration } from "./daemons.ts";
import type { DaemonContext } from "./daemons.ts";
import { prepareImageStore } from "./image-store.ts";
import { MARKER } from "./layout.ts";
import type { Layout } from "./layout.ts";
import { createNamespaces, removeCable } from "./namespaces.ts";
import { deadDaemons, readState, writeState } from "./node-state.ts";
import type { State } from "./node-state.ts";
import { installPackages, missingPackages } from "./packages.ts";
import { createPki } from "./pki.ts";
import { applyPlatform, waitPlatformReady } from "./platform.ts";
import { loadModules, prerequisites } from "./prerequisites.ts";
import { endMarked, host, markedProcesses, otherNodes, until } from "./processes.ts";
import { restoreSysctls, saveSysctls } from "./sysctls.ts";

/** What `up` and `down` tell while they work. */
export interface ClusterProgress extends BuildProgress {
  /** A step of making the node has begun. */
  step(text: string): void;
}

/** Long enough for a lock that is just being given back; whoever uses the node is not waited for. */
const USE_TIMEOUT_MS = 1_000;
/** Longest time that another `up` or `down` is waited for: a first build. */
const LOCK_TIMEOUT_MS = 45 * 60_000;

async function answers(layout: Layout): Promise<boolean> {
  // The file is the node's own: one that cannot be used is a part of it that is broken.
  const kube = await connect({ kubeconfigPath: layout.kubeconfig }).catch(() => undefined);
  if (kube === undefined) return false;
  // A busy machine is no dead API server: one call that fails proves nothing.
  return until("an answer of the API server", 10_000, () => kube.serverVersion(), { everyMs: 500 }).then(
    () => true,
    () => false,
  );
}

export interface EmbeddedStatus {
  readonly running: boolean;
  readonly startedAt?: string;
  /** Daemon to whether it lives. */
  readonly daemons: Readonly<Record<string, boolean>>;
  readonly apiServerAnswers: boolean;
  readonly kubeconfig: string;
  /** What is there although nothing should be, or nothing is known of: processes, cgroups. */
  readonly leftovers: readonly string[];
}

/** What runs, since when; looks only. */
export async function status(layout: Layout): Promise<EmbeddedStatus> {
  const state = await readState(layout);
  const marked = await markedProcesses(layout.state);
  if (state === undefined) {
    const leftovers = [...marked.map((pid) => `process ${String(pid)}`), ...(await existingCgroups())];
    return { running: false, daemons: {}, apiServerAnswers: false, kubeconfig: layout.kubeconfig, leftovers };
  }
  const dead = await deadDaemons(state);
  const alive = Object.keys(state.daemons).map((name) => [name, !dead.includes(name)] as const);
  return {
    running: dead.length === 0 && state.ready,
    startedAt: state.startedAt,
    daemons: Object.fromEntries(alive),
    apiServerAnswers: dead.length === 0 && (await answers(layout)),
    kubeconfig: layout.kubeconfig,
    leftovers: [],
  };
}

/** Ends and removes everything of the node but its images. Nothing there, nothing done. The caller holds the lock. */
async function tearDown(layout: Layout): Promise<void> {
  await refuseOtherNodes(layout);
  await endMarked("the node's processes", MARKER, layout.state);
  await removeCable();
  await removeCgroups();
  await restoreSysctls(join(layout.state, "sysctls.json"));
  await removeTree(layout.state);
}

/** `cluster down`: leaves no process, mount, network namespace, interface or cgroup of the node. */
export async function down(layout: Layout, progress: ClusterProgress, signal: AbortSignal): Promise<void> {
  await using _use = await useCluster(layout, "cluster down");
  await using _lock = await lock(layout, progress, "cluster down", signal);
  progress.step("ending the node");
  await tearDown(layout);
}

/** `cluster reset`: `down`, and forgets the imported images; what was built is kept. */
export async function reset(layout: Layout, progress: ClusterProgress, signal: AbortSignal): Promise<void> {
  await using _use = await useCluster(layout, "cluster reset");
  await using _lock = await lock(layout, progress, "cluster reset", signal);
  progress.step("ending the node and forgetting its images");
  await tearDown(layout);
  await removeTree(layout.imageStore);
}

/**
 * Takes the node for a run, or for its end: nobody else may make it anew or remove it meanwhile. Rejects with a SetUpError that
 * names who has it. A killed run has it no longer.
 */
export function useCluster(layout: Layout, holder: string): Promise<AsyncDisposable> {
  return takeLock(layout.useLock, { holder, timeoutMs: USE_TIMEOUT_MS });
}

function lock(
  layout: Layout,
  progress: ClusterProgress,
  holder: string,
  signal: AbortSignal | undefined,
): Promise<AsyncDisposable> {
  return takeLock(layout.lock, {
    holder,
    timeoutMs: LOCK_TIMEOUT_MS,
    signal,
    onWait: (other) => {
      progress.step(`waiting for ${other}, which is at work on this cluster`);
    },
  });
}

/** Another cache means another node, and one host has room for one: both would use the same addresses and cgroup. */
async function refuseOtherNodes(layout: Layout): Promise<void> {
  const [other] = await otherNodes(layout.state);
  if (other === undefined) return;
  throw new SetUpError(
    `Another embedded cluster runs on this host, with its state in ${other}; end it first: ZERODROP_CACHE=${dirname(other)} ${typed("cluster down")}`,
  );
}

/**
 * `cluster up`: builds what is missing, and makes a node with the platform Ready on it. A node that is whole and made from
 * the same parts is left as it is; anything else (a killed daemon, other versions, another gateway) is removed and made anew.
 * `readyDeadlineMs` bounds the waits for the API server and for the platform, not the builds, which have bounds of their own.
 */
export async function up(
  layout: Layout,
  progress: ClusterProgress,
  signal: AbortSignal | undefined,
  options: {
    readyDeadlineMs: number;
    /** The caller has the node already (useCluster). */
    inUse: boolean;
    /** Whose gateway it is to have; the default when left out. */
    gatewayClass?: EmbeddedGatewayClass;
  },
): Promise<Kube> {
  await using _lock = await lock(layout, progress, "cluster up", signal);
  await refuseOtherNodes(layout);
  await endMarked("what a killed build left", BUILD_MARKER, layout.cache);
  await ensurePrerequisites(layout, progress, signal);
  const { gatewayClass = DEFAULT_GATEWAY_CLASS } = options;
  const built = await buildAll(artefactsFor(gatewayClass), { cache: layout.cache, progress, signal });
  // Sorted: the order in which parts are found is not always the same.
  const madeFrom = [...built]
    .map(([name, { digest }]) => `${name}:${digest}`)
    .sort()
    .join(" ");

  const before = await readState(layout);
  if (before !== undefined && before.ready && before.madeFrom === madeFrom) {
    if ((await deadDaemons(before)).length === 0 && (await answers(layout))) {
      return await connect({ kubeconfigPath: layout.kubeconfig });
    }
  }
  await using _use = options.inUse ? undefined : await useCluster(layout, "cluster up");
  await tearDown(layout);
  await mkdir(join(layout.state, "logs"), { recursive: true });
  await saveSysctls(join(layout.state, "sysctls.json"));

  progress.step("images");
  await prepareImageStore(layout.imageStore, built, {
    logFile: join(layout.state, "logs", "images.log"),
    state: layout.state,
    signal,
    importing: (name) => {
      progress.step(`importing image ${name}`);
    },
  });
  const kubernetes = join(built.get("kubernetes")?.dir ?? "", "kubernetes");
  const manifests = ["platform-manifests", "contour-manifests"].flatMap((name) => built.get(name)?.dir ?? []);
  return await startNode(
    layout,
    { kubernetes, manifests, gatewayClass, madeFrom, readyDeadlineMs: options.readyDeadlineMs },
    progress,
    signal,
  );
}

async function startNode(
  layout: Layout,
  parts: {
    kubernetes: string;
    manifests: readonly string[];
    gatewayClass: EmbeddedGatewayClass;
    madeFrom: string;
    readyDeadlineMs: number;
  },
  progress: ClusterProgress,
  signal: AbortSignal | undefined,
): Promise<Kube> {
  progress.step("namespaces and certificates");
  await createCgroups();
  // Whatever is started from here on is born there.
  await enterDaemons();
  const [initPid] = await Promise.all([
    createNamespaces(layout.state),
    createPki(join(layout.state, "pki"), layout.kubeconfig),
  ]);
  const context: DaemonContext = {
    state: layout.state,
    imageStore: join(layout.imageStore, "root"),
    kubernetes: parts.kubernetes,
    initPid,
  };
  await writeConfiguration(context);
  const state: State = {
    startedAt: new Date().toISOString(),
    initPid,
    daemons: {},
    ready: false,
    madeFrom: parts.madeFrom,
  };
  const groups = daemons(context);
  progress.step("control plane");
  for (const daemon of groups.first) state.daemons[daemon.name] = await startDaemon(context, daemon);
  await writeState(layout, state);
  const kube = await connect({ kubeconfigPath: layout.kubeconfig });
  await waitApiServerReady(join(layout.state, "pki", "ca.crt"), {
    deadlineMs: parts.readyDeadlineMs,
    signal,
    stillAlive: async () => {
      const dead = await deadDaemons(state);
      if (dead.length > 0) throw new SetUpError(`${dead.join(", ")} ended; see ${join(layout.state, "logs")}.`);
    },
  });
  progress.step("node and platform");
  for (const daemon of groups.afterApi) state.daemons[daemon.name] = await startDaemon(context, daemon);
  await writeState(layout, state);
  await applyPlatform(kube, parts.manifests, signal);
  await waitPlatformReady(kube, parts.gatewayClass, parts.readyDeadlineMs, signal);
  await writeState(layout, { ...state, ready: true });
  return kube;
}

async function ensurePrerequisites(layout: Layout, progress: ClusterProgress, signal?: AbortSignal): Promise<void> {
  await loadModules();
  const unmet = (await prerequisites(layout.cache)).filter(({ ok, installable }) => !ok && !installable);
  if (unmet.length > 0) {
    const list = unmet.map(({ name, found }) => `${name} (${found})`).join("; ");
    throw new SetUpError(`The embedded cluster cannot run here: ${list}. See: ${typed("cluster check")}`);
  }
  const missing = await missingPackages();
  if (missing.length > 0) {
    progress.step(`installing Debian packages: ${missing.join(", ")}`);
    await installPackages(missing, join(layout.cache, "logs", "packages.log"), signal);
  }
}

/** Memory in bytes that the node's processes and pods hold: proportional set sizes, so that shared pages count once. */
export async function memoryOfNode(layout: Layout): Promise<number> {
  const state = await readState(layout);
  if (state === undefined) return 0;
  const namespace = await host("readlink", `/proc/${String(state.initPid)}/ns/pid`);
  const text = await host(
    "sh",
    "-c",
    `for p in /proc/[0-9]*; do case "$(readlink $p/ns/pid 2>/dev/null)" in "$1") ;; *) grep -q "" $p/cgroup 2>/dev/null && grep -q "/zerodrop/" $p/cgroup 2>/dev/null || continue ;; esac; awk '/^Pss:/ {s += $2} END {print s + 0}' $p/smaps_rollup 2>/dev/null; done`,
    "sh",
    namespace.trim(),
  );
  return text.split("\n").reduce((sum, line) => sum + Number(line || 0), 0) * 1024;
}
