import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const kubeconfigSchema = z.object({ contexts: z.array(z.object({ name: z.string() })).nullish() });

/**
 * Names of the contexts in the user's kubeconfig: the files of $KUBECONFIG, or ~/.kube/config.
 * A file that is missing or is no kubeconfig has none.
 */
export function kubeContexts(env: Readonly<Record<string, string | undefined>> = process.env): {
  source: string;
  names: string[];
} {
  const files = env["KUBECONFIG"]?.split(delimiter).filter((file) => file !== "") ?? [];
  if (files.length === 0) files.push(join(env["HOME"] ?? homedir(), ".kube", "config"));
  return { source: files.join(delimiter), names: files.flatMap(contextsOf) };
}

function contextsOf(file: string): string[] {
  try {
    return kubeconfigSchema.parse(parse(readFileSync(file, "utf8"))).contexts?.map(({ name }) => name) ?? [];
  } catch {
    return [];
  }
}
