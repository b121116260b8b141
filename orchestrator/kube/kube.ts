/**
 * What zerodrop needs of a Kubernetes API server. One implementation talks to a real one
 * (`connect.ts`); everything outside this folder sees only this interface.
 */

/** Any Kubernetes object. Its contents are outside data: pass them through a schema before use. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [key: string]: unknown;
  };
  [key: string]: unknown;
}

/** A kind, as `apiVersion` and `kind` (`ray.io/v1`, `RayService`). */
export interface KindRef {
  apiVersion: string;
  kind: string;
}

export interface ObjectRef extends KindRef {
  name: string;
  /** Left out for cluster-scoped objects. */
  namespace?: string;
}

export interface Selector {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

/** One operation of RFC 6902. */
export type JsonPatchOperation =
  { op: "add" | "replace" | "test"; path: string; value: unknown } | { op: "remove"; path: string };

/** What a watch tells, in order. Objects are as received. */
export type WatchEvent =
  | { type: "listed" | "added" | "modified" | "deleted"; object: KubeObject }
  /** The initial list (or a relist) is complete at this resourceVersion. */
  | { type: "synced"; resourceVersion: string }
  /** The watch was interrupted and goes on: `resumed` lost nothing, `relisted` (HTTP 410) may have. */
  | {
      type: "gap";
      how: "resumed" | "relisted";
      reason: string;
      /** Time between the last sign of life of the interrupted watch and this event, ms. */
      forMs?: number;
    };

export interface ProxyRequest {
  namespace: string;
  pod: string;
  port: number;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path with query, beginning with a slash. */
  path: string;
  body?: string;
  contentType?: string;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** GETs of a port of a pod, which may listen on the pod's loopback only. */
export interface ForwardRequest {
  namespace: string;
  pod: string;
  port: number;
  /** Paths with query, each beginning with a slash; asked one after another over one connection. */
  paths: readonly string[];
  /** Time until all answers must be there. */
  timeoutMs: number;
  signal?: AbortSignal;
}

/** A GET of a node's kubelet. */
export interface NodeRequest {
  node: string;
  /** Path with query, beginning with a slash. */
  path: string;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** What somebody may want to do, in RBAC's words. */
export interface Access {
  readonly verb: string;
  /** Empty for Kubernetes' core. */
  readonly group: string;
  /** In the plural, with its subresource: `pods/log`. */
  readonly resource: string;
  /** Left out for cluster-scoped resources, and for all namespaces. */
  readonly namespace?: string;
}

export interface Kube {
  /** URL of the API server, for messages. */
  readonly server: string;
  /** Server version, e.g. `v1.35.4`. */
  serverVersion(): Promise<string>;
  /** What the API server's clock says, as an answer's Date header tells it: Unix ms, cut to the whole second. */
  serverDate(signal?: AbortSignal): Promise<number>;
  /** Whether whoever asks may do that: a SelfSubjectAccessReview, which everybody may make. */
  allowed(access: Access, signal?: AbortSignal): Promise<boolean>;
  /** The object, or undefined when there is none (404). */
  get(ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject | undefined>;
  list(kind: KindRef, selector?: Selector, signal?: AbortSignal): Promise<KubeObject[]>;
  /** Server-side apply under field manager `zerodrop`, forcing conflicts. `object` must not carry managedFields or status. */
  apply(object: KubeObject): Promise<KubeObject>;
  create(object: KubeObject): Promise<KubeObject>;
  /** JSON Patch. Fails like any request when a `test` does not hold. */
  patch(ref: ObjectRef, operations: JsonPatchOperation[]): Promise<KubeObject>;
  /** Replaces the object; fails with status 409 when resourceVersion is stale. */
  replace(object: KubeObject): Promise<KubeObject>;
  /** Deletes in the background; false when it was already gone. */
  delete(
    ref: ObjectRef,
    options?: { gracePeriodSeconds?: number; propagationPolicy?: "Background" | "Foreground" | "Orphan" },
  ): Promise<boolean>;
  /**
   * Lists, then watches until `signal` aborts, resuming closed watches from the last resourceVersion and
   * relisting when it is too old. Resolves on abort; rejects only when the API server stays away for longer than `outageMs`.
   */
  watch(
    kind: KindRef,
    selector: Selector,
    onEvent: (event: WatchEvent) => void,
    options: { signal: AbortSignal; outageMs?: number },
  ): Promise<void>;
  /**
   * Watches until `predicate` returns a value other than undefined, and returns it. The predicate sees every state of the
   * selected objects as a whole. Rejects with a DeadlineError naming `what` and the last `describe()`d state.
   */
  waitFor<T>(
    kind: KindRef,
    selector: Selector,
    wait: {
      what: string;
      deadlineMs: number;
      predicate: (objects: KubeObject[]) => T | undefined;
      describe: (objects: KubeObject[]) => string;
      signal?: AbortSignal;
    },
  ): Promise<T>;
  /** A request to a port of a pod through the API server's pod proxy. */
  podProxy(request: ProxyRequest): Promise<{ status: number; body: string }>;
  /**
   * GETs of a port of a pod through the API server's port-forward, which needs leave of its own (`pods/portforward`: get, create) and costs
   * some 20 ms of CPU; for ports that listen on the pod's loopback only. One answer for each path.
   */
  podForward(request: ForwardRequest): Promise<{ status: number; body: string }[]>;
  /** A question to a node's kubelet through the API server's node proxy, which needs leave of its own (`nodes/proxy`). */
  nodeProxy(request: NodeRequest): Promise<{ status: number; body: string }>;
  /** A container's log as text; undefined when there is none to be had. */
  logs(pod: {
    namespace: string;
    name: string;
    container?: string;
    previous?: boolean;
    tailLines?: number;
  }): Promise<string | undefined>;
}

/** An answer of the API server that is not a success. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}
