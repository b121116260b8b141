import { spawn } from "node:child_process";
import { copyFile, cp, mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Built } from "../../../scripts/artefacts/artefact.ts";
import { IMAGE_ARCHIVE } from "../../../scripts/artefacts/images.ts";
import { runCommand } from "../../../scripts/artefacts/command.ts";
import { removeTree } from "../../../scripts/artefacts/remove-tree.ts";
import { containerdConfig } from "./containerd.ts";
import { MARKER } from "./layout.ts";
import { isAlive, until } from "./processes.ts";

/**
 * containerd's folder with all images imported and unpacked, kept from one `up` to the next.
 *
 * A node that was killed leaves containers in containerd's books. So the books are copied when they hold images and nothing
 * else ("pristine"), and every `up` begins with that copy; snapshots the copy does not know are removed. The folder counts
 * as whole only while `whole.json` says so, which is removed before anything is changed and written last.
 */
const BOOKS = ["io.containerd.metadata.v1.bolt/meta.db", "io.containerd.snapshotter.v1.overlayfs/metadata.db"];
const SNAPSHOTS = "io.containerd.snapshotter.v1.overlayfs/snapshots";

const wholeSchema = z.object({
  /** Image artefact to its digest. */
  images: z.record(z.string(), z.string()),
  snapshots: z.array(z.string()),
});

async function readWhole(store: string): Promise<z.infer<typeof wholeSchema> | undefined> {
  try {
    return wholeSchema.parse(JSON.parse(await readFile(join(store, "whole.json"), "utf8")));
  } catch {
    // Absent, or not whole: then neither is the store.
    return undefined;
  }
}

async function restorePristine(store: string, snapshots: readonly string[]): Promise<void> {
  for (const book of BOOKS) await copyFile(join(store, "pristine", book), join(store, "root", book));
  const known = new Set(snapshots);
  for (const entry of await readdir(join(store, "root", SNAPSHOTS))) {
    if (!known.has(entry)) await removeTree(join(store, "root", SNAPSHOTS, entry));
  }
  for (const entry of await readdir(join(store, "root"))) {
    if (/^io\.containerd\.(grpc\.v1\.cri|runtime\.)/.test(entry)) await removeTree(join(store, "root", entry));
  }
}

/**
 * Brings the store to exactly these images and to its pristine state. Only images whose digest changed are imported.
 * Nothing else may be using the store. Returns the names of the images imported.
 */
export async function prepareImageStore(
  store: string,
  built: Built,
  options: { logFile: string; state: string; signal?: AbortSignal | undefined; importing: (name: string) => void },
): Promise<string[]> {
  const wanted = new Map<string, { dir: string; digest: string }>();
  for (const [name, artefact] of built) if (name.startsWith("image-")) wanted.set(name, artefact);
  const whole = await readWhole(store);
  if (whole === undefined) await removeTree(store);
  else await restorePristine(store, whole.snapshots);
  const changed = [...wanted].filter(([name, { digest }]) => whole?.images[name] !== digest);
  if (changed.length === 0) return [];

  await rm(join(store, "whole.json"), { force: true });
  await mkdir(join(store, "root"), { recursive: true });
  {
    await using containerd = await startContainerd(store, options);
    for (const [name, { dir }] of changed) {
      options.importing(name.replace("image-", ""));
      await runCommand(
        "ctr",
        ["--address", containerd.socket, "--namespace", "k8s.io", "images", "import", join(dir, IMAGE_ARCHIVE)],
        { logFile: options.logFile, timeoutMs: 300_000, signal: options.signal },
      );
    }
  }
  await removeTree(join(store, "pristine"));
  for (const book of BOOKS) await cp(join(store, "root", book), join(store, "pristine", book));
  const snapshots = await readdir(join(store, "root", SNAPSHOTS));
  const images = Object.fromEntries([...wanted].map(([name, { digest }]) => [name, digest]));
  await writeFile(join(store, "whole.json.new"), JSON.stringify({ images, snapshots }));
  await rename(join(store, "whole.json.new"), join(store, "whole.json"));
  return changed.map(([name]) => name);
}

/** containerd on the host, for as long as images are imported; it runs no container. */
async function startContainerd(
  store: string,
  options: { logFile: string; state: string },
): Promise<AsyncDisposable & { socket: string }> {
  const run = join(store, "run");
  await removeTree(run);
  await mkdir(run, { recursive: true });
  const config = join(run, "containerd.toml");
  await writeFile(config, containerdConfig({ root: join(store, "root"), run, cniConfig: join(run, "cni") }));
  const log = await open(options.logFile, "a");
  const child = spawn("containerd", ["--config", config], {
    stdio: ["ignore", log.fd, log.fd],
    // Marked as the node's, so that one left by a killed run is found and ended.
    env: { ...process.env, [MARKER]: options.state },
  });
  await log.close();
  const socket = join(run, "containerd.sock");
  await until("containerd's socket", 30_000, async () => ((await stat(socket)).isSocket() ? true : undefined));
  return {
    socket,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await until("the end of containerd", 30_000, async () =>
        child.pid === undefined || !(await isAlive(child.pid)) ? true : undefined,
      );
    },
  };
}
