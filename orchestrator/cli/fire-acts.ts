import { cp, mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { connect } from "../kube/connect.ts";
import { evictPod } from "../kube/evict.ts";
import { SetUpError } from "../plan/errors.ts";
import type { TroubleName } from "../prove/fire/troubles.ts";
import { codeOf } from "../recording/parse.ts";
import { useCluster } from "../target/embedded/embedded.ts";
import { embeddedFaults } from "../target/embedded/faults/index.ts";
import type { Layout } from "../target/embedded/layout.ts";
import { host } from "../target/embedded/processes.ts";
import { leftOnCluster } from "./fire-left.ts";

/** What is done to a run from outside, and what is looked up on its cluster. */
export interface FireActs {
  /** See leftOnCluster. */
  left(runIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Where a run with this trouble records: in the folder, or in a place of its own whose contents the folder gets when this is disposed of. */
  place(trouble: TroubleName | undefined, folder: string): Promise<{ readonly out: string } & AsyncDisposable>;
  /** Brings the trouble about. What the next run cannot mend by itself is mended when this is disposed of, after the run. */
  strike(trouble: TroubleName, on: { readonly out: string }): Promise<AsyncDisposable>;
}

/** More than a run's recording and the files of its logs take (measured: 4 MB), and little memory. */
const DISK_BYTES = 48 * 1024 * 1024;
const RUN = "run";
const DONE: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() };

/** The acts on the embedded cluster. `namespace` is the application's. */
export function embeddedActs(layout: Layout, namespace: string): FireActs {
  return {
    async left(runIds) {
      // Anew each time: the node may have been made anew.
      return leftOnCluster(await connect({ kubeconfigPath: layout.kubeconfig }), { runIds, namespace });
    },
    place: (trouble, folder) =>
      trouble === "disk-full" ? smallDisk(folder) : Promise.resolve({ out: folder, ...DONE }),
    async strike(trouble, { out }) {
      switch (trouble) {
        case "api-server-gone-in-set-up":
          await embeddedFaults(layout).stopApiServer();
          return DONE;
        case "api-server-gone-while-collecting":
          await embeddedFaults(layout).stopApiServer();
          return {
            async [Symbol.asyncDispose]() {
              await using _use = await useCluster(layout, "run under fire");
              await embeddedFaults(layout).startApiServer();
            },
          };
        case "disk-full":
          await fill(join(dirname(out), "filler"));
          return DONE;
        case "k6-pod-evicted":
          await evictLoad(layout, namespace);
          return DONE;
        case "kubeconfig-invalid":
          await writeFile(layout.kubeconfig, "This is no kubeconfig.\n");
          return DONE;
      }
    },
  };
}

/** A disk of its own, in memory, on the folder; unmounted when disposed of, with the recording in the folder in its place. */
async function smallDisk(folder: string): Promise<{ readonly out: string } & AsyncDisposable> {
  await mkdir(folder);
  await host("mount", "-t", "tmpfs", "-o", `size=${String(DISK_BYTES)}`, "tmpfs", folder);
  const out = join(folder, RUN);
  return {
    out,
    async [Symbol.asyncDispose]() {
      const kept = `${folder}.kept`;
      try {
        await cp(out, kept, { recursive: true }).catch((error: unknown) => {
          // The run may have ended before it had a folder.
          if (codeOf(error) !== "ENOENT") throw error;
        });
      } finally {
        await host("umount", folder);
      }
      await rm(folder, { recursive: true });
      await rename(kept, folder).catch((error: unknown) => {
        if (codeOf(error) !== "ENOENT") throw error;
      });
    },
  };
}

/** Writes a file until there is no room for one more byte. */
async function fill(path: string): Promise<void> {
  await using file = await open(path, "a");
  for (const bytes of [1024 * 1024, 4096, 1]) {
    const piece = Buffer.alloc(bytes);
    try {
      for (;;) await file.appendFile(piece);
    } catch (error) {
      if (codeOf(error) !== "ENOSPC") throw error;
    }
  }
}

async function evictLoad({ kubeconfig }: Layout, namespace: string): Promise<void> {
  const kube = await connect({ kubeconfigPath: kubeconfig });
  const pods = await kube.list(
    { apiVersion: "v1", kind: "Pod" },
    { namespace, labelSelector: "batch.kubernetes.io/job-name" },
  );
  const [pod] = pods;
  if (pod === undefined) throw new SetUpError(`Namespace ${namespace} has no pod of a load to evict.`);
  await evictPod(kubeconfig, { namespace, name: pod.metadata.name });
}
