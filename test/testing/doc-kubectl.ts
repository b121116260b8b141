/** For tests only: what kubectl commands of the documentation are about, held against the manifests that they name. */
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { APPLICATION_NAMESPACE } from "../../orchestrator/plan/make-plan.ts";
import { CHECKOUT } from "../../scripts/artefacts/cache.ts";

const objectSchema = z.looseObject({
  apiVersion: z.string().min(1),
  kind: z.string().min(1),
  metadata: z.looseObject({ name: z.string().min(1) }),
});

/** Objects of a manifest. Throws where it is no YAML, or an object has no version, kind or name. */
async function objectsIn(path: string): Promise<z.infer<typeof objectSchema>[]> {
  return parseAllDocuments(await readFile(join(CHECKOUT, path), "utf8")).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${path}: ${error.message}`);
    const value: unknown = document.toJS();
    return value === null ? [] : [objectSchema.parse(value)];
  });
}

/** `kind/name` of every object that a page may name: those of the manifests, and what a run makes. */
export async function knownObjects(): Promise<Set<string>> {
  const known = new Set([`namespace/${APPLICATION_NAMESPACE}`]);
  for await (const path of glob("{manifests/{app,rbac,runner},examples}/**/*.yaml", { cwd: CHECKOUT })) {
    const text = await readFile(join(CHECKOUT, path), "utf8");
    // Configurations and parts of a spec lie beside manifests.
    if (!/^kind: /m.test(text)) continue;
    for (const { kind, metadata } of await objectsIn(path)) known.add(`${kind.toLowerCase()}/${metadata.name}`);
  }
  return known;
}

const KINDS = ["pod", "job", "rayservice", "deployment", "service", "configmap", "secret", "namespace", "clusterrole"];

/** What is wrong with a kubectl command: sentences. `known` is of `knownObjects`. */
export async function kubectlFaults(words: readonly string[], known: ReadonlySet<string>): Promise<string[]> {
  const faults: string[] = [];
  const valueOf = (...flags: string[]): string | undefined => {
    const at = words.findIndex((word) => flags.includes(word));
    return at === -1
      ? words.find((word) => flags.some((flag) => word.startsWith(`${flag}=`)))?.replace(/^[^=]*=/, "")
      : words[at + 1];
  };
  const file = valueOf("-f", "--filename");
  if (file !== undefined && !/^https?:/.test(file)) {
    const objects = await objectsIn(file).catch((error: unknown) => String(error));
    if (typeof objects === "string") faults.push(`${file} cannot be applied: ${objects}`);
    else if (objects.length === 0) faults.push(`${file} has no objects.`);
  }
  const needed = [
    ["namespace", valueOf("-n", "--namespace")],
    ["clusterrole", valueOf("--clusterrole")],
    ...words.flatMap((word, at) => {
      const [kind = "", name] = word.split("/");
      if (name !== undefined) return KINDS.includes(kind) ? [[kind, name] as const] : [];
      const next = words[at + 1] ?? "-";
      return KINDS.includes(word) && /^[a-z0-9][a-z0-9.-]*$/.test(next) ? [[word, next] as const] : [];
    }),
  ] as const;
  for (const [kind, name] of needed) {
    if (name !== undefined && !known.has(`${kind}/${name}`)) faults.push(`no manifest has the ${kind} ${name}.`);
  }
  return faults;
}
