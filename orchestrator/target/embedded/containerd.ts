import { join } from "node:path";

/** Image that holds a pod's namespaces. */
export const PAUSE_IMAGE = "zerodrop.local/pause:1";

/** containerd's configuration (TOML, version 2) with its images under `root` and its sockets under `run`. */
export function containerdConfig(paths: { root: string; run: string; cniConfig: string }): string {
  const text = JSON.stringify;
  return `version = 2
root = ${text(paths.root)}
state = ${text(join(paths.run, "containerd"))}
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp",
  "io.containerd.internal.v1.tracing",
]

[grpc]
address = ${text(join(paths.run, "containerd.sock"))}

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = ${text(PAUSE_IMAGE)}
# Without CAP_SYS_RESOURCE a process cannot lower its OOM score, and runc dies trying.
restrict_oom_score_adj = true
disable_apparmor = true
stream_server_address = "127.0.0.1"

[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "overlayfs"
default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = ${text(paths.cniConfig)}
`;
}
