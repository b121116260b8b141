import { readFile } from "node:fs/promises";
import { NODE_NAME } from "./layout.ts";

/** The kernel of the embedded node, which is its host's. */
export const nodeKernel = {
  name: NODE_NAME,
  stat: (): Promise<string> => readFile("/proc/stat", "utf8"),
} as const;
