import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { Kube } from "../../orchestrator/kube/kube.ts";
import { layoutOf } from "../../orchestrator/target/embedded/layout.ts";

const adminSchema = z.looseObject({
  clusters: z.tuple([z.looseObject({ cluster: z.looseObject({ server: z.string() }) })]),
});
const secretSchema = z.looseObject({ data: z.looseObject({ token: z.string() }) });

/** A kubeconfig with one context, "theirs", whose user is the service account; it is written to `folder`. */
export async function kubeconfigFor(
  kube: Kube,
  { namespace, name, folder }: { readonly namespace: string; readonly name: string; readonly folder: string },
): Promise<string> {
  const ref = { apiVersion: "v1", kind: "Secret" };
  const metadata = {
    name: `${name}-token`,
    namespace,
    annotations: { "kubernetes.io/service-account.name": name },
  };
  await kube.apply({ ...ref, metadata, type: "kubernetes.io/service-account-token" });
  const token = await kube.waitFor(
    ref,
    { namespace, fieldSelector: `metadata.name=${metadata.name}` },
    {
      what: "the service account's token",
      deadlineMs: 30_000,
      predicate: ([secret]) => secretSchema.safeParse(secret).data?.data.token,
      describe: ([secret]) => (secret === undefined ? "no Secret" : "a Secret without a token"),
    },
  );
  const admin = adminSchema.parse(parse(await readFile(layoutOf().kubeconfig, "utf8")));
  const [{ cluster }] = admin.clusters;
  const path = join(folder, "kubeconfig");
  const text = stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: { token: Buffer.from(token, "base64").toString("utf8") } }],
    contexts: [{ name: "theirs", context: { cluster: "c", user: "u" } }],
  });
  await writeFile(path, text, { mode: 0o600 });
  return path;
}
