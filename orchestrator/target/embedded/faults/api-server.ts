import { join } from "node:path";
import { SetUpError } from "../../../plan/errors.ts";
import { waitApiServerReady } from "../api-server.ts";
import { beginningAmongPods } from "../cgroups.ts";
import { daemons, startDaemon } from "../daemons.ts";
import type { Layout } from "../layout.ts";
import { deadDaemons, readState, writeState } from "../node-state.ts";
import type { State } from "../node-state.ts";
import { childrenOf, isAlive, until } from "../processes.ts";

const NAME = "kube-apiserver";
/** A killed process is gone at once; the kernel may be busy. */
const ENDED_WITHIN_MS = 10_000;
/** Measured: 3 to 5 s on an idle machine; longer when the application and the load hold both cores. */
const READY_WITHIN_MS = 60_000;

/**
 * Ends the node's API server as a crash does, and resolves when its process is gone: connections are refused from then on. etcd, and everything
 * else, stays. A runner that is killed meanwhile leaves a node that is not whole, which the next `up` makes anew.
 */
export async function stopApiServer(layout: Layout): Promise<void> {
  const guardian = (await nodeState(layout)).daemons[NAME];
  if (guardian === undefined || !(await isAlive(guardian))) throw new SetUpError("The API server does not run.");
  // Asked to end, it would first wait for its watches, for up to a minute.
  const pids = await childrenOf(guardian);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  await until(
    "the end of the API server",
    ENDED_WITHIN_MS,
    async () => {
      for (const pid of [guardian, ...pids]) if (await isAlive(pid)) return undefined;
      return true;
    },
    { describe: () => `still there: ${[guardian, ...pids].join(", ")}` },
  );
}

/** Starts the API server as `up` does, unless it runs, and resolves when it calls itself ready. */
export async function startApiServer(layout: Layout): Promise<void> {
  const state = await nodeState(layout);
  if (!(await deadDaemons(state)).includes(NAME)) return ready(layout, state);
  const context = { state: layout.state, initPid: state.initPid };
  const daemon = daemons(context).first.find(({ name }) => name === NAME);
  if (daemon === undefined) throw new Error(`The node has no daemon ${NAME}.`);
  const guardian = await startDaemon(context, daemon);
  state.daemons[NAME] = guardian;
  await writeState(layout, state);
  await beginningAmongPods(guardian, () => ready(layout, state));
}

async function ready(layout: Layout, state: State): Promise<void> {
  await waitApiServerReady(join(layout.state, "pki", "ca.crt"), {
    deadlineMs: READY_WITHIN_MS,
    stillAlive: async () => {
      const dead = await deadDaemons(state);
      if (dead.length > 0) throw new SetUpError(`${dead.join(", ")} ended; see ${join(layout.state, "logs")}.`);
    },
  });
}

/** The node's state. @throws SetUpError when there is no node. */
export async function nodeState(layout: Layout): Promise<State> {
  const state = await readState(layout);
  if (state === undefined) throw new SetUpError("The embedded cluster does not run.");
  return state;
}
