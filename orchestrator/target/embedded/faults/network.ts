import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { SetUpError } from "../../../plan/errors.ts";
import { processesIn } from "../cgroups.ts";
import { MARKER } from "../layout.ts";
import type { Layout } from "../layout.ts";
import { memoryCgroupOfPod } from "../pod-cgroups.ts";
import { host, inside } from "../processes.ts";
import { nodeState } from "./api-server.ts";

/** What `ip` and `bridge` tell of an interface with -json. */
const linksSchema = z.array(
  z.looseObject({
    ifindex: z.number().optional(),
    ifname: z.string().optional(),
    /** Of a cable: the interface at its other end, by the index it has there. */
    link_index: z.number().optional(),
    state: z.string().optional(),
  }),
);

/**
 * Switches the pod's port of the bridge off for as long as the standard input is open, so that it is on again however the runner ends. The pod's
 * own interface stays up: as in a network that fails somewhere, packets leave and nothing comes back.
 */
const HOLD = `
bridge link set dev "$1" state 0 || exit 1
echo cut
cat > /dev/null
bridge link set dev "$1" state 3
`;

/**
 * From when this resolves until it is disposed of, no packet reaches or leaves the pod. @throws SetUpError when the node has no such pod, or one without
 * a network of its own.
 */
export async function cutNetwork(layout: Layout, pod: { readonly uid: string }): Promise<AsyncDisposable> {
  const { initPid } = await nodeState(layout);
  const port = await portOf(initPid, pod.uid);
  const child = spawn("nsenter", ["--all", "--target", String(initPid), "--", "sh", "-c", HOLD, "cut", port], {
    // A session of its own: Ctrl-C is for the runner, which then ends this in its order.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", [MARKER]: layout.state },
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString("utf8")));
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      errors += error.message;
      resolve();
    });
    child.once("close", () => {
      resolve();
    });
  });
  const cut = new Promise<true>((resolve) => {
    child.stdout.once("data", () => {
      resolve(true);
    });
  });
  // Written to after its end, a pipe reports an error that the end has told already.
  child.stdin.on("error", () => undefined);
  if ((await Promise.race([cut, ended])) !== true) {
    throw new SetUpError(`The network of a pod could not be cut: ${errors.trim()}`);
  }
  return {
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
      await assertOn(initPid, port, errors);
    },
  };
}

/** The node's end of the pod's cable. */
async function portOf(initPid: number, uid: string): Promise<string> {
  const pid = await aProcessOf(uid);
  const [own] = await links(
    host("nsenter", "--net", "--target", String(pid), "--", "ip", "-json", "link", "show", "eth0"),
  );
  const ports = await links(inside(initPid, "ip", "-json", "link", "show", "type", "veth"));
  const name = ports.find(({ ifindex }) => ifindex === own?.link_index)?.ifname;
  if (name === undefined) throw new SetUpError(`Pod ${uid} has no network of its own on the embedded node.`);
  return name;
}

/** Any process of a pod: all of them share its network. */
async function aProcessOf(uid: string): Promise<number> {
  const cgroup = await memoryCgroupOfPod(uid);
  const entries = cgroup === undefined ? [] : await readdir(cgroup, { withFileTypes: true });
  for (const entry of entries.filter((one) => one.isDirectory())) {
    const [pid] = await processesIn(join(cgroup ?? "", entry.name));
    if (pid !== undefined) return pid;
  }
  throw new SetUpError(`Pod ${uid} has no process on the embedded node.`);
}

/** A pod that ended meanwhile has taken its port with it. */
async function assertOn(initPid: number, port: string, errors: string): Promise<void> {
  const ports = await links(inside(initPid, "bridge", "-json", "link", "show"));
  const state = ports.find(({ ifname }) => ifname === port)?.state ?? "gone";
  if (state === "forwarding" || state === "gone") return;
  throw new SetUpError(`The network of a pod is still cut: its port ${port} is ${state}. ${errors.trim()}`);
}

async function links(output: Promise<string>): Promise<z.infer<typeof linksSchema>> {
  return linksSchema.parse(JSON.parse((await output).trim() || "[]"));
}
