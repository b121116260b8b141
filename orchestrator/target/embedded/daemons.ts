import { spawn } from "node:child_process";
import { mkdir, open, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { ADDRESSES, CGROUP, MARKER, NODE_NAME, RUN } from "./layout.ts";
import { containerdConfig } from "./containerd.ts";

export interface DaemonContext {
  readonly state: string;
  readonly imageStore: string;
  /** The multi-call Kubernetes binary. */
  readonly kubernetes: string;
  readonly initPid: number;
}

export interface Daemon {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Beside what every daemon has. */
  readonly env?: Readonly<Record<string, string>>;
}

const ETCD = "http://127.0.0.1:2379";

function etcd(state: string): Daemon {
  return {
    name: "etcd",
    command: "etcd",
    args: [
      "--name=zerodrop",
      `--data-dir=${join(state, "etcd")}`,
      `--listen-client-urls=${ETCD}`,
      `--advertise-client-urls=${ETCD}`,
      "--listen-peer-urls=http://127.0.0.1:2380",
      "--initial-advertise-peer-urls=http://127.0.0.1:2380",
      "--initial-cluster=zerodrop=http://127.0.0.1:2380",
      // The cluster is made anew by every `up`; it has nothing to lose in a crash of the host.
      "--unsafe-no-fsync",
      "--logger=zap",
      "--log-level=warn",
    ],
  };
}

function apiserver(pki: string): Daemon {
  return {
    name: "kube-apiserver",
    command: "kube-apiserver",
    args: [
      `--etcd-servers=${ETCD}`,
      `--advertise-address=${ADDRESSES.node}`,
      `--service-cluster-ip-range=${ADDRESSES.services}`,
      "--authorization-mode=Node,RBAC",
      "--enable-admission-plugins=NodeRestriction",
      `--client-ca-file=${join(pki, "ca.crt")}`,
      `--tls-cert-file=${join(pki, "apiserver.crt")}`,
      `--tls-private-key-file=${join(pki, "apiserver.key")}`,
      `--kubelet-certificate-authority=${join(pki, "ca.crt")}`,
      `--kubelet-client-certificate=${join(pki, "apiserver-kubelet-client.crt")}`,
      `--kubelet-client-key=${join(pki, "apiserver-kubelet-client.key")}`,
      "--kubelet-preferred-address-types=InternalIP",
      "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
      `--service-account-key-file=${join(pki, "service-account.pub")}`,
      `--service-account-signing-key-file=${join(pki, "service-account.key")}`,
      // Its cache begins anew with it, and watches from before would have to list again and may have missed something. etcd remembers.
      "--watch-cache=false",
      "--profiling=false",
    ],
    // Every few minutes it wants 1.1 to 1.8 s of CPU time at once. On both of two CPUs it took them ahead of every pod: k6, and what it asks, stood still for half a second and more.
    env: { GOMAXPROCS: "1" },
  };
}

function controllerManager(pki: string): Daemon {
  const kubeconfig = join(pki, "controller-manager.kubeconfig");
  return {
    name: "kube-controller-manager",
    command: "kube-controller-manager",
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      `--root-ca-file=${join(pki, "ca.crt")}`,
      `--service-account-private-key-file=${join(pki, "service-account.key")}`,
      "--use-service-account-credentials",
      "--leader-elect=false",
      "--bind-address=127.0.0.1",
      "--profiling=false",
    ],
  };
}

function scheduler(pki: string): Daemon {
  const kubeconfig = join(pki, "scheduler.kubeconfig");
  return {
    name: "kube-scheduler",
    command: "kube-scheduler",
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      "--leader-elect=false",
      "--bind-address=127.0.0.1",
      "--profiling=false",
    ],
  };
}

function kubelet(state: string, pki: string): Daemon {
  return {
    name: "kubelet",
    command: "kubelet",
    args: [
      `--config=${join(state, "kubelet.yaml")}`,
      `--kubeconfig=${join(pki, "kubelet.kubeconfig")}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${ADDRESSES.node}`,
      `--root-dir=${join(state, "kubelet")}`,
    ],
  };
}

function kubeletConfig(state: string, pki: string): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(pki, "ca.crt") },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: join(pki, "kubelet-server.crt"),
    tlsPrivateKeyFile: join(pki, "kubelet-server.key"),
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${CGROUP}`,
    // Hosts with cgroup v1 are still about.
    failCgroupV1: false,
    failSwapOn: false,
    containerRuntimeEndpoint: `unix://${RUN}/containerd.sock`,
    clusterDNS: [ADDRESSES.dns],
    clusterDomain: "cluster.local",
    resolvConf: join(state, "resolv.conf"),
    podLogsDir: join(state, "pod-logs"),
    staticPodPath: "",
    // Images are imported, never pulled: nothing may be collected that cannot be had again.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    makeIPTablesUtilChains: false,
    nodeStatusUpdateFrequency: "5s",
    // A pod is Ready as soon as its probe says so, not when the next sync comes by.
    syncFrequency: "10s",
    registryPullQPS: 0,
    maxPods: 110,
  };
}

function kubeProxy(pki: string): Daemon {
  return {
    name: "kube-proxy",
    command: "kube-proxy",
    args: [
      `--kubeconfig=${join(pki, "kube-proxy.kubeconfig")}`,
      `--hostname-override=${NODE_NAME}`,
      "--proxy-mode=nftables",
      `--cluster-cidr=${ADDRESSES.pods}`,
      // The limit of tracked connections belongs to the host.
      "--conntrack-max-per-core=0",
      "--conntrack-tcp-timeout-established=0s",
      "--conntrack-tcp-timeout-close-wait=0s",
      "--metrics-bind-address=127.0.0.1:10249",
      "--healthz-bind-address=127.0.0.1:10256",
    ],
  };
}

function cniConfig(): object {
  return {
    cniVersion: "1.0.0",
    name: "zerodrop",
    plugins: [
      {
        type: "bridge",
        bridge: "cni0",
        isDefaultGateway: true,
        hairpinMode: true,
        ipMasq: false,
        ipam: { type: "host-local", dataDir: "/run/zerodrop/cni", ranges: [[{ subnet: ADDRESSES.pods }]] },
      },
    ],
  };
}

/** Writes the configuration files that the daemons read. */
export async function writeConfiguration(context: DaemonContext): Promise<void> {
  const { state } = context;
  const bin = join(state, "bin");
  await mkdir(bin, { recursive: true });
  for (const name of ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet"]) {
    await symlink(context.kubernetes, join(bin, name));
  }
  await mkdir(join(state, "cni"), { recursive: true });
  await writeFile(join(state, "cni", "10-zerodrop.conflist"), JSON.stringify(cniConfig(), null, 2));
  await writeFile(join(state, "kubelet.yaml"), stringify(kubeletConfig(state, join(state, "pki"))));
  await writeFile(join(state, "resolv.conf"), `nameserver ${ADDRESSES.dns}\n`);
  const containerd = containerdConfig({ root: context.imageStore, run: RUN, cniConfig: join(state, "cni") });
  await writeFile(join(state, "containerd.toml"), containerd);
}

/** The daemons in the order in which they are started; the second group needs an answering API server. */
export function daemons(context: Pick<DaemonContext, "state">): { first: Daemon[]; afterApi: Daemon[] } {
  const { state } = context;
  const pki = join(state, "pki");
  const containerd = {
    name: "containerd",
    command: "containerd",
    args: ["--config", join(state, "containerd.toml"), "--log-level", "warn"],
  };
  return {
    first: [etcd(state), containerd, apiserver(pki)],
    afterApi: [controllerManager(pki), scheduler(pki), kubelet(state, pki), kubeProxy(pki)],
  };
}

/**
 * Starts a daemon inside the node's namespaces, its output going to the node's logs, and lets go of it: it outlives this
 * process and ends with the node. Returns the id of its guardian in the host's pid namespace, which ends when the daemon does.
 */
export async function startDaemon(context: Pick<DaemonContext, "state" | "initPid">, daemon: Daemon): Promise<number> {
  const log = await open(join(context.state, "logs", `${daemon.name}.log`), "a");
  const child = spawn("nsenter", ["--all", "--target", String(context.initPid), "--", daemon.command, ...daemon.args], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
    env: {
      PATH: `${join(context.state, "bin")}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      HOME: "/root",
      [MARKER]: context.state,
      ...daemon.env,
    },
  });
  child.unref();
  await log.close();
  if (child.pid === undefined) throw new Error(`${daemon.name} could not be started`);
  return child.pid;
}
