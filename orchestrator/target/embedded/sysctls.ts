import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { hasCode } from "./processes.ts";

/** Settings of the whole host that a kubelet changes when it starts. */
const CHANGED_BY_KUBELET = [
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
];

const savedSchema = z.record(z.string(), z.string());

/** Writes the host's present settings to `file`, unless an earlier `up` has done so and not been undone. */
export async function saveSysctls(file: string): Promise<void> {
  const saved: Record<string, string> = {};
  for (const name of CHANGED_BY_KUBELET) {
    const value = await readFile(join("/proc/sys", name), "utf8").catch(() => undefined);
    if (value !== undefined) saved[name] = value.trim();
  }
  await writeFile(file, JSON.stringify(saved), { flag: "wx" }).catch((error: unknown) => {
    if (!hasCode(error, "EEXIST")) throw error;
  });
}

/** Puts the host's settings back as they were saved. Nothing saved, nothing done. */
export async function restoreSysctls(file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return;
  for (const [name, value] of Object.entries(savedSchema.parse(JSON.parse(text)))) {
    await writeFile(join("/proc/sys", name), value);
  }
}
