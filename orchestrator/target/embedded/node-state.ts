import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { Layout } from "./layout.ts";
import { isAlive } from "./processes.ts";

const stateSchema = z.object({
  startedAt: z.iso.datetime(),
  initPid: z.number().int(),
  /** Guardian process of each daemon, by the daemon's name. */
  daemons: z.record(z.string(), z.number().int()),
  /** Set once the platform was Ready. */
  ready: z.boolean(),
  /** Digest of everything the node was made from. */
  madeFrom: z.string(),
});
export type State = z.infer<typeof stateSchema>;

/** What the node's state file says; undefined when there is no node that could be used. */
export async function readState(layout: Layout): Promise<State | undefined> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(layout.stateFile, "utf8")));
  } catch {
    // Absent, or not whole: then there is no node that could be used.
    return undefined;
  }
}

/** Writes the state file as a whole. */
export async function writeState(layout: Layout, state: State): Promise<void> {
  await writeFile(`${layout.stateFile}.new`, JSON.stringify(state, null, 2));
  await rename(`${layout.stateFile}.new`, layout.stateFile);
}

/** Names of the node's processes that have ended. */
export async function deadDaemons(state: State): Promise<string[]> {
  const dead: string[] = [];
  if (!(await isAlive(state.initPid))) dead.push("init");
  for (const [name, pid] of Object.entries(state.daemons)) if (!(await isAlive(pid))) dead.push(name);
  return dead;
}
