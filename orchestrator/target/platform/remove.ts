import { z } from "zod";
import type { KindRef, Kube, KubeObject } from "../../kube/kube.ts";
import { SetUpError } from "../../plan/errors.ts";
import { CRD, GATEWAY, GATEWAY_CLASS, REMOVAL } from "./kinds.ts";
import { partOf, PLATFORM_SELECTOR } from "./labels.ts";
import { listed } from "./owners.ts";
import { nameOf } from "./parts.ts";

/** A CustomResourceDefinition that has to stay, and what is left of its kind: nothing where it only belongs with another one that stays. */
export interface Kept {
  readonly crd: string;
  readonly left: readonly string[];
}

/** What is removed, in that order, and what is not. */
export interface Removal {
  readonly groups: readonly (readonly KubeObject[])[];
  readonly kept: readonly Kept[];
}

const gatewaySchema = z.looseObject({ spec: z.looseObject({ gatewayClassName: z.string() }) });
const crdSchema = z.looseObject({
  spec: z.looseObject({
    group: z.string(),
    names: z.looseObject({ kind: z.string() }),
    versions: z.array(z.looseObject({ name: z.string(), served: z.boolean() })),
  }),
});

/**
 * What of the platform the installer has created on a cluster, by its labels. Definitions of a part stay while there are objects of any of their
 * kinds that are not the installer's own, for they would go with theirs, and some of a part's definitions without the others would be of no use. Looks only.
 *
 * @throws SetUpError while a Gateway is of a class that would go: its traffic would end, and the class would not go before it.
 */
export async function plannedRemoval(kube: Pick<Kube, "list">, signal?: AbortSignal): Promise<Removal> {
  const groups: KubeObject[][] = [];
  for (const kinds of REMOVAL) {
    groups.push(
      (await Promise.all(kinds.map((kind) => listed(kube, kind, { labelSelector: PLATFORM_SELECTOR }, signal)))).flat(),
    );
  }
  await refuseUsedClass(kube, groups.flat(), signal);
  const own = new Set(groups.flat().map(identity));
  const left = new Map<KubeObject, KubeObject[]>();
  for (const crd of groups.flat().filter(({ kind }) => kind === CRD.kind)) {
    left.set(
      crd,
      (await objectsOf(kube, crd, signal)).filter((one) => !own.has(identity(one))),
    );
  }
  const keptParts = new Set(
    [...left].flatMap(([crd, others]) => (others.length === 0 ? [] : [partOf(crd.metadata.labels)])),
  );
  const stays = (object: KubeObject): boolean => left.has(object) && keptParts.has(partOf(object.metadata.labels));
  return {
    groups: groups.map((group) => group.filter((object) => !stays(object))),
    kept: [...left].flatMap(([crd, others]) =>
      stays(crd) ? [{ crd: crd.metadata.name, left: others.map(nameOf) }] : [],
    ),
  };
}

/** Removes it and waits until it is gone. Rejects with a DeadlineError that names what is still there. */
export async function removePlatform(
  kube: Kube,
  { groups }: Removal,
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<void> {
  for (const group of groups) {
    signal.throwIfAborted();
    await Promise.all(group.map((object) => kube.delete(refOf(object))));
    const kinds = new Map(group.map(({ apiVersion, kind }) => [`${apiVersion}/${kind}`, { apiVersion, kind }]));
    for (const kind of kinds.values()) await waitGone(kube, kind, group, { deadlineMs, signal });
  }
}

async function waitGone(
  kube: Kube,
  kind: KindRef,
  group: readonly KubeObject[],
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const gone = new Set(group.map(({ metadata }) => metadata.uid));
  const still = (objects: readonly KubeObject[]): KubeObject[] =>
    objects.filter(({ metadata }) => gone.has(metadata.uid));
  await kube.waitFor(
    kind,
    { labelSelector: PLATFORM_SELECTOR },
    {
      what: `the end of the platform's ${kind.kind}s`,
      deadlineMs,
      predicate: (objects) => (still(objects).length === 0 ? true : undefined),
      describe: (objects) => `still there: ${still(objects).map(nameOf).join(", ")}`,
      signal,
    },
  );
}

async function refuseUsedClass(
  kube: Pick<Kube, "list">,
  own: readonly KubeObject[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const classes = own.flatMap(({ kind, metadata }) => (kind === GATEWAY_CLASS.kind ? [metadata.name] : []));
  if (classes.length === 0) return;
  const used = (await listed(kube, GATEWAY, {}, signal)).find((gateway) => {
    const name = gatewaySchema.safeParse(gateway).data?.spec.gatewayClassName;
    return name !== undefined && classes.includes(name);
  });
  if (used === undefined) return;
  throw new SetUpError(
    `The platform is still in use: ${nameOf(used)} is of GatewayClass ${classes.join(", ")}, which would be removed; remove that first, or wait for the run that it belongs to.`,
  );
}

/** Objects of the kind that a definition defines; none where it cannot be read. */
async function objectsOf(
  kube: Pick<Kube, "list">,
  crd: KubeObject,
  signal: AbortSignal | undefined,
): Promise<KubeObject[]> {
  const { group, names, versions } = crdSchema.parse(crd).spec;
  const version = versions.find(({ served }) => served)?.name;
  if (version === undefined) return [];
  return listed(kube, { apiVersion: `${group}/${version}`, kind: names.kind }, {}, signal);
}

function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject) {
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) };
}

/** Versions of a group are the same object. */
function identity({ apiVersion, kind, metadata }: KubeObject): string {
  return [apiVersion.split("/")[0], kind, metadata.namespace ?? "", metadata.name].join("/");
}
