import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

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
  if ((await readSaved(file)) !== undefined) return;
  await writeFile(`${file}.new`, JSON.stringify(saved));
  await rename(`${file}.new`, file);
}

/** Undefined when there is no such file, or none that is whole. */
async function readSaved(file: string): Promise<z.infer<typeof savedSchema> | undefined> {
  try {
    return savedSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Puts the host's settings back as they were saved. Nothing saved, nothing done. */
export async function restoreSysctls(file: string): Promise<void> {
  for (const [name, value] of Object.entries((await readSaved(file)) ?? {})) {
    await writeFile(join("/proc/sys", name), value);
  }
}
