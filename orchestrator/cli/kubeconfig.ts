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
  const files = kubeconfigFiles(env);
  return { source: files.join(delimiter), names: files.flatMap(contextsOf) };
}

/** The kubeconfig file that has a context: the first, as kubectl has it. Undefined where none has. */
export function kubeconfigWith(
  context: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  return kubeconfigFiles(env).find((file) => contextsOf(file).includes(context));
}

function kubeconfigFiles(env: Readonly<Record<string, string | undefined>>): string[] {
  const files = env["KUBECONFIG"]?.split(delimiter).filter((file) => file !== "") ?? [];
  return files.length > 0 ? files : [join(env["HOME"] ?? homedir(), ".kube", "config")];
}

function contextsOf(file: string): string[] {
  try {
    return kubeconfigSchema.parse(parse(readFileSync(file, "utf8"))).contexts?.map(({ name }) => name) ?? [];
  } catch {
    return [];
  }
}
