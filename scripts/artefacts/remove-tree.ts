import { execFile } from "node:child_process";
import { readFile, realpath, rm } from "node:fs/promises";
import { promisify } from "node:util";

/** Removes a folder with everything in it, unmounting first what a killed build or node left mounted below it. */
export async function removeTree(path: string): Promise<void> {
  const place = await realpath(path).catch(() => undefined);
  if (place === undefined) return;
  const mounts = (await readFile("/proc/self/mountinfo", "utf8"))
    .split("\n")
    .map((line) => line.split(" ")[4])
    .filter((point) => point !== undefined)
    // The kernel writes a space as \\040, and so on.
    .map((point) => point.replaceAll(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))))
    .filter((point) => point.startsWith(`${place}/`));
  for (const point of mounts.reverse()) await promisify(execFile)("umount", ["--lazy", point]);
  await rm(place, { recursive: true, force: true });
}
