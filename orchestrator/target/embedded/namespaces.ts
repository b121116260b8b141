import { spawn } from "node:child_process";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ADDRESSES, HOST_INTERFACE, MARKER, NODE_NAME, RUN } from "./layout.ts";
import { host, inside, until } from "./processes.ts";

/**
 * What the node's first process does before it becomes an init that only reaps: shared propagation for the kubelet's
 * mounts, a /run of its own for sockets and network namespaces, its own host name. `/sys` stays the host's: the kubelet
 * needs the cgroup hierarchies below it.
 */
const INIT = `
set -e
mount --make-rshared /
mount -t tmpfs -o mode=0755 tmpfs /run
mount --make-rshared /run
mkdir -p ${RUN} /run/netns
hostname ${NODE_NAME}
ip link set lo up
echo 1 > /proc/sys/net/ipv4/ip_forward
if [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]; then echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables; fi
echo ready > "$1"
exec tini -- sleep infinity
`;

/**
 * Makes the node's network, mount, pid, ipc and uts namespaces and the cable to the host; returns the id (as the host sees
 * it) of the first process, whose end is the end of everything inside.
 */
export async function createNamespaces(state: string): Promise<number> {
  const logs = join(state, "logs");
  await mkdir(logs, { recursive: true });
  const ready = join(state, "ready");
  const log = await open(join(logs, "init.log"), "a");
  const child = spawn(
    "unshare",
    [
      "--net",
      "--mount",
      "--pid",
      "--ipc",
      "--uts",
      "--fork",
      "--mount-proc",
      "--propagation",
      "private",
      "sh",
      "-c",
      INIT,
      "init",
      ready,
    ],
    { detached: true, stdio: ["ignore", log.fd, log.fd], env: { PATH: process.env["PATH"] ?? "", [MARKER]: state } },
  );
  child.unref();
  await log.close();
  const parent = child.pid;
  if (parent === undefined) throw new Error("unshare could not be started");
  const pid = await until(
    "the node's first process",
    10_000,
    async () => {
      if (!(await readFile(ready, "utf8")).startsWith("ready")) return undefined;
      const children = await readFile(`/proc/${String(parent)}/task/${String(parent)}/children`, "utf8");
      const first = Number(children.trim().split(" ")[0]);
      return Number.isInteger(first) && first > 0 ? first : undefined;
    },
    { describe: () => readFile(join(logs, "init.log"), "utf8") },
  );
  await connect(pid);
  return pid;
}

async function connect(pid: number): Promise<void> {
  await host("ip", "link", "add", HOST_INTERFACE, "type", "veth", "peer", "name", "eth0", "netns", String(pid));
  await host("ip", "address", "add", `${ADDRESSES.host}/30`, "dev", HOST_INTERFACE);
  await host("ip", "link", "set", HOST_INTERFACE, "up");
  await inside(pid, "ip", "address", "add", `${ADDRESSES.node}/30`, "dev", "eth0");
  await inside(pid, "ip", "link", "set", "eth0", "up");
  // There is no way out of the node, but the node itself needs a route before a service's address is translated.
  await inside(pid, "ip", "route", "add", ADDRESSES.services, "dev", "eth0");
}

/** Removes the host's end of the cable, if the kernel has not yet done so with the namespace. */
export async function removeCable(): Promise<void> {
  await until("the removal of the node's network interface", 10_000, async () => {
    const links = await host("ip", "-o", "link", "show");
    if (!links.includes(` ${HOST_INTERFACE}@`) && !links.includes(` ${HOST_INTERFACE}:`)) return true;
    // It may go away by itself between the look and the deletion.
    await host("ip", "link", "delete", HOST_INTERFACE).catch(() => undefined);
    return undefined;
  });
}
