import { join } from "node:path";
import { cacheRoot } from "../../../scripts/artefacts/cache.ts";

/** Where the embedded node keeps its state, everything outside the checkout. */
export interface Layout {
  readonly cache: string;
  /** Removed by `down`. */
  readonly state: string;
  /** containerd's images, kept from one `up` to the next. */
  readonly imageStore: string;
  readonly kubeconfig: string;
  readonly stateFile: string;
  /** Held while the node is built, made or removed. On the host's own place: two caches still share one host. */
  readonly lock: string;
  /** Held by a run for as long as it uses the node. */
  readonly useLock: string;
}

const LOCKS = "/run/lock/zerodrop";

export function layoutOf(cache: string = cacheRoot()): Layout {
  const state = join(cache, "node");
  return {
    cache,
    state,
    imageStore: join(cache, "images"),
    kubeconfig: join(state, "kubeconfig"),
    stateFile: join(state, "state.json"),
    lock: join(LOCKS, "embedded"),
    useLock: join(LOCKS, "use"),
  };
}

/**
 * Addresses of the embedded cluster: ranges set aside for benchmarks (RFC 2544), so that they cannot collide with a
 * private network the host is part of.
 */
export const ADDRESSES = {
  pods: "198.18.0.0/20",
  services: "198.19.0.0/20",
  apiService: "198.19.0.1",
  dns: "198.19.0.10",
  host: "198.19.255.1",
  node: "198.19.255.2",
} as const;

export const NODE_NAME = "zerodrop";
/** The host's end of the cable to the node. */
export const HOST_INTERFACE = "zerodrop0";
/** Parent of every cgroup of the node's pods. */
export const CGROUP = "zerodrop";
/** Cgroup of what the pods must not keep waiting: the node's daemons, and whoever measures. */
export const DAEMONS_CGROUP = "zerodrop-daemons";
/** Where a daemon begins that comes back beside pods under load. */
export const BEGINNING_CGROUP = "zerodrop-beginning";
/** Sockets of the node's daemons, on a tmpfs that only the node's mount namespace sees. */
export const RUN = "/run/zerodrop";
/** Environment variable by which every process of the node can be told from all others; its value is the state folder. */
export const MARKER = "ZERODROP_NODE";
