import { z } from "zod";
import { errorOf, readObject, readWith, successBody } from "./answers.ts";
import type { Clock } from "./clock.ts";
import type { HttpAnswer, HttpClient, HttpRequest } from "./http.ts";
import { KubeError } from "./kube.ts";
import type {
  Access,
  ForwardRequest,
  JsonPatchOperation,
  KindRef,
  Kube,
  KubeObject,
  NodeRequest,
  ObjectRef,
  ProxyRequest,
  Selector,
  WatchEvent,
} from "./kube.ts";
import { listAll } from "./listing.ts";
import { collectionPath, objectPath, query, Resources } from "./resources.ts";
import { waitByWatch } from "./wait.ts";
import type { Wait } from "./wait.ts";
import { watchKind } from "./watch.ts";

const REQUEST_TIMEOUT_MS = 30_000;
const FIELD_MANAGER = "zerodrop";
/** Unknown fields are an error instead of being dropped in silence. */
const STRICT = "Strict";
const VERSION = "/version";
const REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const reviewSchema = z.looseObject({ status: z.looseObject({ allowed: z.boolean() }) });
const versionSchema = z.looseObject({ gitVersion: z.string() });

export interface KubeOptions {
  readonly clock: Clock;
  /** See `forwardedGets`. */
  readonly forward: (request: ForwardRequest) => Promise<{ status: number; body: string }[]>;
  /** See `WatchParts.silenceMs`. */
  readonly silenceMs: number;
}

/** `Kube` against a real API server. */
export class ApiKube implements Kube {
  readonly server: string;
  readonly #client: HttpClient;
  readonly #resources: Resources;
  readonly #options: KubeOptions;

  constructor(server: string, client: HttpClient, options: KubeOptions) {
    this.server = server;
    this.#client = client;
    this.#resources = new Resources(client);
    this.#options = options;
  }

  async serverVersion(): Promise<string> {
    const body = successBody(await this.#read(VERSION), `GET ${VERSION}`);
    return readWith(versionSchema, body, `GET ${VERSION}`).gitVersion;
  }

  async serverDate(signal?: AbortSignal): Promise<number> {
    const answer = await this.#read(VERSION, signal);
    // Only an answer that is the API server's own: what stands before it has a clock too.
    successBody(answer, `GET ${VERSION}`);
    const ms = Date.parse(answer.date ?? "");
    if (Number.isNaN(ms)) throw new KubeError(0, "NoDate", `GET ${VERSION}: the answer carries no date`);
    return ms;
  }

  async allowed({ verb, group, resource: path, namespace }: Access, signal?: AbortSignal): Promise<boolean> {
    const what = `review of ${verb} ${path}`;
    const [resource, subresource] = path.split("/");
    const body = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { verb, group, resource, subresource, namespace } },
    };
    const answer = await this.#client.request({
      method: "POST",
      path: REVIEWS,
      body: JSON.stringify(body),
      timeoutMs: REQUEST_TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    });
    return readWith(reviewSchema, successBody(answer, what), what).status.allowed;
  }

  async get(ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject | undefined> {
    const what = `get ${naming(ref)}`;
    const path = objectPath(await this.#resources.of(ref, signal), ref);
    const answer = await this.#read(path, signal);
    if (answer.status === 404) return undefined;
    return readObject(successBody(answer, what, quotable(ref)), what);
  }

  async list(kind: KindRef, selector: Selector = {}, signal?: AbortSignal): Promise<KubeObject[]> {
    return (await listAll(this.#client, this.#resources, kind, selector, signal)).items;
  }

  async apply(object: KubeObject): Promise<KubeObject> {
    // Applied as read back, an object changes nothing and says nothing.
    if (object.metadata["managedFields"] !== undefined || object["status"] !== undefined) {
      throw new TypeError(
        `apply ${naming(refOf(object))}: the object carries managedFields or status; apply only what is wanted.`,
      );
    }
    const parameters = query({ fieldManager: FIELD_MANAGER, force: true, fieldValidation: STRICT });
    return this.#write("apply", refOf(object), object, "PATCH", parameters, "application/apply-patch+yaml");
  }

  async create(object: KubeObject): Promise<KubeObject> {
    const ref = refOf(object);
    const path = collectionPath(await this.#resources.of(ref), ref.namespace);
    return this.#send("create", ref, {
      method: "POST",
      path: path + query({ fieldManager: FIELD_MANAGER, fieldValidation: STRICT }),
      body: JSON.stringify(object),
      timeoutMs: REQUEST_TIMEOUT_MS,
    });
  }

  async patch(ref: ObjectRef, operations: JsonPatchOperation[]): Promise<KubeObject> {
    const parameters = query({ fieldManager: FIELD_MANAGER, fieldValidation: STRICT });
    return this.#write("patch", ref, operations, "PATCH", parameters, "application/json-patch+json");
  }

  async replace(object: KubeObject): Promise<KubeObject> {
    const parameters = query({ fieldManager: FIELD_MANAGER, fieldValidation: STRICT });
    return this.#write("replace", refOf(object), object, "PUT", parameters, "application/json");
  }

  async delete(
    ref: ObjectRef,
    options: { gracePeriodSeconds?: number; propagationPolicy?: "Background" | "Foreground" | "Orphan" } = {},
  ): Promise<boolean> {
    const answer = await this.#client.request({
      method: "DELETE",
      path: objectPath(await this.#resources.of(ref), ref),
      body: JSON.stringify({ kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background", ...options }),
      timeoutMs: REQUEST_TIMEOUT_MS,
    });
    if (answer.status === 404) return false;
    successBody(answer, `delete ${naming(ref)}`, quotable(ref));
    return true;
  }

  async watch(
    kind: KindRef,
    selector: Selector,
    onEvent: (event: WatchEvent) => void,
    options: { signal: AbortSignal; outageMs?: number },
  ): Promise<void> {
    const parts = { client: this.#client, resources: this.#resources, ...this.#options };
    await watchKind(parts, kind, selector, onEvent, options);
  }

  async waitFor<T>(kind: KindRef, selector: Selector, wait: Wait<T>): Promise<T> {
    return waitByWatch(this.watch.bind(this), kind, selector, wait);
  }

  async podProxy({ namespace, pod, port, path, ...rest }: ProxyRequest): Promise<{ status: number; body: string }> {
    const target = `${encodeURIComponent(pod)}:${String(port)}`;
    return this.#client.request({
      ...rest,
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${target}/proxy${path}`,
      accept: "*/*",
    });
  }

  async podForward(request: ForwardRequest): Promise<{ status: number; body: string }[]> {
    return this.#options.forward(request);
  }

  async nodeProxy({ node, path, ...rest }: NodeRequest): Promise<{ status: number; body: string }> {
    const proxied = `/api/v1/nodes/${encodeURIComponent(node)}/proxy${path}`;
    return this.#client.request({ ...rest, method: "GET", path: proxied, accept: "*/*" });
  }

  async logs(pod: {
    namespace: string;
    name: string;
    container?: string;
    previous?: boolean;
    tailLines?: number;
  }): Promise<string | undefined> {
    const { namespace, name, container, previous, tailLines } = pod;
    const answer = await this.#client.request({
      method: "GET",
      path:
        `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log` +
        query({ container, previous, tailLines }),
      accept: "*/*",
      timeoutMs: 60_000,
    });
    // 404: no such pod; 400: the container has not started, or has no previous run.
    if (answer.status === 404 || answer.status === 400) return undefined;
    if (answer.status !== 200) throw errorOf(answer, `log of pod ${namespace}/${name}`);
    return answer.body;
  }

  #read(path: string, signal?: AbortSignal): Promise<HttpAnswer> {
    const bounded = { timeoutMs: REQUEST_TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) };
    return this.#client.request({ method: "GET", path, ...bounded });
  }

  async #write(
    verb: string,
    ref: ObjectRef,
    content: unknown,
    method: "PATCH" | "PUT",
    parameters: string,
    contentType: string,
  ): Promise<KubeObject> {
    const path = objectPath(await this.#resources.of(ref), ref) + parameters;
    return this.#send(verb, ref, {
      method,
      path,
      body: JSON.stringify(content),
      contentType,
      timeoutMs: REQUEST_TIMEOUT_MS,
    });
  }

  async #send(verb: string, ref: ObjectRef, request: HttpRequest): Promise<KubeObject> {
    const what = `${verb} ${naming(ref)}`;
    return readObject(successBody(await this.#client.request(request), what, quotable(ref)), what);
  }
}

function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  const { apiVersion, kind } = object;
  return namespace === undefined ? { apiVersion, kind, name } : { apiVersion, kind, name, namespace };
}

function naming(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace === undefined ? "" : `${ref.namespace}/`}${ref.name}`;
}

/** Of a Secret the server may quote contents in its messages. */
function quotable(ref: ObjectRef): boolean {
  return ref.kind !== "Secret";
}
