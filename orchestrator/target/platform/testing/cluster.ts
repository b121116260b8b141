import { KubeError } from "../../../kube/kube.ts";
import type { Kube, KubeObject, KindRef, Selector } from "../../../kube/kube.ts";

export function object(
  apiVersion: string,
  kind: string,
  name: string,
  metadata: Omit<KubeObject["metadata"], "name"> = {},
): KubeObject {
  return { apiVersion, kind, metadata: { name, uid: `${kind}/${name}`, ...metadata } };
}

function matches(found: KubeObject, selector: Selector): boolean {
  const terms = selector.labelSelector?.split(",") ?? [];
  return terms.every((term) => {
    const [key = "", value] = term.split("=");
    const is = found.metadata.labels?.[key];
    return value === undefined ? is !== undefined : is === value;
  });
}

/**
 * A cluster as far as an installer can tell: these objects, and what is written to it. Only its refusals and its order are of interest; a real one is
 * in test/cluster. What is waited for is there at once.
 */
export function clusterWith(
  objects: readonly KubeObject[],
  {
    forbidden = [],
    unknown = [],
  }: { readonly forbidden?: readonly string[]; readonly unknown?: readonly string[] } = {},
): { readonly kube: Kube; readonly written: string[] } {
  const written: string[] = [];
  let there = [...objects];
  const of = ({ apiVersion, kind }: KindRef): KubeObject[] => {
    if (unknown.includes(kind)) throw new KubeError(404, "UnknownKind", `The API server does not serve ${kind}.`);
    const group = apiVersion.split("/")[0];
    return there.filter((one) => one.kind === kind && one.apiVersion.split("/")[0] === group);
  };
  const nameOf = (kind: string, namespace: string | undefined, name: string): string =>
    `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
  const parts: Partial<Kube> = {
    allowed: ({ resource }) => Promise.resolve(!forbidden.includes(resource)),
    // eslint-disable-next-line @typescript-eslint/require-await -- an unknown kind is a rejection
    get: async (ref) =>
      of(ref).find(({ metadata }) => metadata.name === ref.name && metadata.namespace === ref.namespace),
    // eslint-disable-next-line @typescript-eslint/require-await -- likewise
    list: async (kind, selector = {}) => of(kind).filter((one) => matches(one, selector)),
    apply: (one) => {
      written.push(`apply ${nameOf(one.kind, one.metadata.namespace, one.metadata.name)}`);
      return Promise.resolve(one);
    },
    delete: (ref) => {
      written.push(`delete ${nameOf(ref.kind, ref.namespace, ref.name)}`);
      const gone = of(ref).filter(({ metadata }) => metadata.name === ref.name && metadata.namespace === ref.namespace);
      there = there.filter((one) => !gone.includes(one));
      return Promise.resolve(gone.length > 0);
    },
    waitFor: () => Promise.resolve(undefined as never),
  };
  return { kube: parts as Kube, written };
}
