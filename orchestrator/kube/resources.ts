import { z } from "zod";
import { readWith, successBody } from "./answers.ts";
import type { HttpClient } from "./http.ts";
import { KubeError } from "./kube.ts";
import type { KindRef, ObjectRef } from "./kube.ts";

/** How a kind is addressed. */
export interface Resource {
  /** `/api/v1` or `/apis/GROUP/VERSION`. */
  readonly root: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const resourceListSchema = z.looseObject({
  resources: z.array(z.looseObject({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

/**
 * Plural and scope of each kind, asked of the server's discovery once per apiVersion. A kind that is not there is asked for
 * again each time, because its definition may have been installed since.
 */
export class Resources {
  readonly #client: HttpClient;
  readonly #known = new Map<string, Resource>();

  constructor(client: HttpClient) {
    this.#client = client;
  }

  /** @throws KubeError 404 `UnknownKind` when the server does not serve the kind. */
  async of(kind: KindRef, signal?: AbortSignal): Promise<Resource> {
    const key = `${kind.apiVersion}/${kind.kind}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const root = kind.apiVersion.includes("/") ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
    const what = `GET ${root}`;
    const answer = await this.#client.request({
      method: "GET",
      path: root,
      timeoutMs: 30_000,
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.status !== 404) {
      for (const found of readWith(resourceListSchema, successBody(answer, what), what).resources) {
        // Subresources (`pods/log`) are listed beside the resources.
        if (found.name.includes("/")) continue;
        this.#known.set(`${kind.apiVersion}/${found.kind}`, { root, plural: found.name, namespaced: found.namespaced });
      }
    }
    const resource = this.#known.get(key);
    if (resource === undefined) {
      throw new KubeError(404, "UnknownKind", `The API server does not serve ${kind.kind} of ${kind.apiVersion}.`);
    }
    return resource;
  }
}

/** Path of a collection; without a namespace all namespaces'. */
export function collectionPath(resource: Resource, namespace: string | undefined): string {
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${resource.root}${scope}/${resource.plural}`;
}

/** Path of one object. @throws TypeError when a namespaced object comes without its namespace. */
export function objectPath(resource: Resource, ref: ObjectRef): string {
  if (resource.namespaced && ref.namespace === undefined) {
    throw new TypeError(`${ref.kind} ${ref.name} needs a namespace.`);
  }
  return `${collectionPath(resource, ref.namespace)}/${encodeURIComponent(ref.name)}`;
}

/** A query string with its question mark; undefined values are left out. */
export function query(parameters: Record<string, string | number | boolean | undefined>): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}
