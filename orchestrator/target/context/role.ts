import { readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { Access, Kube } from "../../kube/kube.ts";

const ROLE_FILE = new URL("../../../manifests/rbac/runner.yaml", import.meta.url);
/** The ClusterRole that every run needs, and the one of whoever installs the platform; the file has another one for some scenarios. */
export type RoleName = "zerodrop-runner" | "zerodrop-platform";

const roleSchema = z.looseObject({
  kind: z.literal("ClusterRole"),
  metadata: z.looseObject({ name: z.string() }),
  rules: z.array(
    z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
  ),
});

/** Everything that a run does on a cluster, or the installer of the platform, one by one, by the documented role. */
export async function roleAccess(role: RoleName): Promise<Access[]> {
  const documents = parseAllDocuments(await readFile(ROLE_FILE, "utf8")).map((one) => roleSchema.parse(one.toJS()));
  const rules = documents.find(({ metadata }) => metadata.name === role)?.rules ?? [];
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource })))),
  );
}

/** What of it whoever asks may not do, in the order of the role. */
export async function lackingAccess(
  kube: Pick<Kube, "allowed">,
  signal?: AbortSignal,
  role: RoleName = "zerodrop-runner",
): Promise<Access[]> {
  const wanted = await roleAccess(role);
  const allowed = await Promise.all(wanted.map((access) => kube.allowed(access, signal)));
  return wanted.filter((_, index) => allowed[index] === false);
}

/** Rights by resource, as a sentence lists them: `create, patch namespaces`. */
export function accessText(accesses: readonly Access[]): string[] {
  const byResource = new Map<string, string[]>();
  for (const { group, resource, verb } of accesses) {
    const name = group === "" ? resource : `${resource}.${group}`;
    byResource.set(name, [...(byResource.get(name) ?? []), verb]);
  }
  return [...byResource].map(([name, verbs]) => `${verbs.join(", ")} ${name}`);
}
