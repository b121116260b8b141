import { readFile } from "node:fs/promises";
import path from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { parse } from "yaml";
import { z } from "zod";
import { UsageError } from "../plan/errors.ts";

const named = z.looseObject({ name: z.string().min(1) });
const userSchema = named.extend({ user: z.looseObject({ tokenFile: z.string().nullish() }).nullish() });

/** As much of a kubeconfig as must be right before the library reads it. Whatever else it holds is the library's business. */
const kubeconfigSchema = z.looseObject({
  "current-context": z.string().optional(),
  clusters: z.array(named.extend({ cluster: z.looseObject({ server: z.url() }) })).min(1),
  contexts: z
    .array(named.extend({ context: z.looseObject({ cluster: z.string().min(1), user: z.string().min(1) }) }))
    .min(1),
  users: z.array(userSchema).nullish(),
});

/** Where a kubeconfig's context leads. */
export interface LoadedKubeconfig {
  readonly config: KubeConfig;
  readonly server: string;
  readonly context: string;
  readonly skipTlsVerify: boolean;
  readonly proxied: boolean;
}

/**
 * Loads a kubeconfig for exactly one context. Without `context` the file must hold only one: its `current-context` is never
 * believed, because it is whatever somebody worked on last.
 *
 * @throws UsageError when the file is missing or is none, when the context is unknown (naming those there are), or when
 *   it leads to a cluster or a user that the file does not hold. No message carries the file's contents.
 */
export async function loadKubeconfig(kubeconfigPath: string, context?: string): Promise<LoadedKubeconfig> {
  const text = await readFile(kubeconfigPath, "utf8").catch((error: unknown) => {
    throw new UsageError(`The kubeconfig ${kubeconfigPath} cannot be read: ${codeOf(error)}.`);
  });
  const read = kubeconfigSchema.safeParse(parseYaml(text, kubeconfigPath));
  if (!read.success) {
    const issue = read.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? "its top level" : issue.path.join(".");
    throw new UsageError(`${kubeconfigPath} is not a usable kubeconfig: ${where}: ${issue?.message ?? "unreadable"}.`);
  }
  const { contexts, clusters, users } = read.data;
  const names = contexts.map((entry) => entry.name);
  const wanted = context ?? (names.length === 1 ? names[0] : undefined);
  if (wanted === undefined) {
    throw new UsageError(
      `${kubeconfigPath} holds ${String(names.length)} contexts and its current one is never assumed; name one of: ${names.join(", ")}.`,
    );
  }
  const chosen = contexts.find((entry) => entry.name === wanted)?.context;
  if (chosen === undefined) {
    throw new UsageError(`${kubeconfigPath} has no context "${wanted}"; there are: ${names.join(", ")}.`);
  }
  const cluster = clusters.find((entry) => entry.name === chosen.cluster)?.cluster;
  if (cluster === undefined) {
    throw new UsageError(
      `Context "${wanted}" of ${kubeconfigPath} names cluster "${chosen.cluster}", which it does not hold.`,
    );
  }
  if (!(users ?? []).some((entry) => entry.name === chosen.user)) {
    throw new UsageError(
      `Context "${wanted}" of ${kubeconfigPath} names user "${chosen.user}", which it does not hold.`,
    );
  }
  const config = new KubeConfig();
  try {
    config.loadFromString(JSON.stringify({ ...read.data, users: (users ?? []).map(withTokenFile(kubeconfigPath)) }));
  } catch {
    // The library's message may quote the entry it stumbled over, and an entry may be a credential.
    throw new UsageError(
      `${kubeconfigPath} is not a usable kubeconfig: one of its clusters, users or contexts is incomplete.`,
    );
  }
  config.makePathsAbsolute(path.dirname(path.resolve(kubeconfigPath)));
  config.setCurrentContext(wanted);
  const known = config.getCurrentCluster();
  return {
    config,
    server: cluster.server.replace(/\/+$/, ""),
    context: wanted,
    skipTlsVerify: known?.skipTLSVerify === true,
    proxied: known?.proxyUrl !== undefined,
  };
}

/**
 * A user as the library understands it. It does not know `tokenFile`, which kubectl reads (client-go's AuthInfo, where it goes before `token`) and would ask as
 * nobody; its own provider of that name reads the file again every minute, as a service account's token is changed under way.
 */
function withTokenFile(kubeconfigPath: string): (entry: z.infer<typeof userSchema>) => unknown {
  return (entry) => {
    if (entry.user?.tokenFile == null || entry.user.tokenFile === "") return entry;
    const { tokenFile, token: _instead, ...user } = entry.user;
    const config = { tokenFile: path.resolve(path.dirname(kubeconfigPath), tokenFile) };
    return { ...entry, user: { ...user, "auth-provider": { name: "tokenFile", config } } };
  };
}

function parseYaml(text: string, kubeconfigPath: string): unknown {
  try {
    return parse(text, { logLevel: "error" });
  } catch {
    throw new UsageError(`${kubeconfigPath} is not a usable kubeconfig: it is not YAML.`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown error";
}
