import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { isDeepStrictEqual } from "node:util";
import type { JsonPatchOperation, KubeObject } from "../../kube/kube.ts";
import { FaultyApiServer, json } from "../../kube/testing/api-server.ts";
import type { Received } from "../../kube/testing/api-server.ts";

type Plain = Record<string, unknown>;

interface DeploymentObject extends KubeObject {
  metadata: KubeObject["metadata"] & { generation: number };
  spec: { replicas: number; template: { metadata?: { annotations?: Record<string, string> } } };
  status: Plain;
}

/**
 * For tests only: Envoy Gateway's Deployment with its ReplicaSet and pods behind an API server that takes JSON Patches and tells watchers. `obey` is what
 * Kubernetes' controllers do once the spec has changed; a test may leave it to be done later, or never.
 */
export class FakeDeployment {
  readonly object: DeploymentObject = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "eg", namespace: "sys", generation: 1, annotations: { own: "1" } },
    spec: { replicas: 2, template: { metadata: { annotations: { own: "1" } } } },
    status: {},
  };
  pods: KubeObject[] = [];
  readonly patches: JsonPatchOperation[][] = [];
  /** Statuses with which the next patches are refused; none of them is applied. */
  readonly refuse: number[] = [];
  /** What a deletion of a pod does; false where there is none of that name. */
  onDelete = (): boolean => {
    this.obey();
    return true;
  };
  /** Whether the controllers do their work as soon as the spec has changed. */
  obedient = true;
  readonly #watching: { readonly plural: string; readonly response: ServerResponse }[] = [];
  #made = 0;

  constructor() {
    this.obey();
  }

  async start(): Promise<FaultyApiServer> {
    return FaultyApiServer.start((received, response) => this.#answer(received, response));
  }

  /** As many new pods as the spec wants take the place of those that are there. */
  obey(): void {
    const { replicas } = this.object.spec;
    for (const pod of this.pods) this.#tell("pods", "DELETED", pod);
    this.pods = Array.from({ length: replicas }, () => this.#pod());
    const counts = { replicas, updatedReplicas: replicas, availableReplicas: replicas };
    this.object.status = { observedGeneration: this.object.metadata.generation, ...counts };
    for (const pod of this.pods) this.#tell("pods", "ADDED", pod);
    this.#tell("deployments", "MODIFIED", this.object);
  }

  /** Tells watchers that this pod is gone. */
  gone(pod: KubeObject): void {
    this.#tell("pods", "DELETED", pod);
  }

  #pod(): KubeObject {
    const number = String(++this.#made);
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: `eg-${number}`,
        namespace: "sys",
        uid: `uid-${number}`,
        ownerReferences: [{ kind: "ReplicaSet", name: "eg-rs" }],
      },
      spec: { containers: [{ name: "eg" }] },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    };
  }

  #answer({ method, url, body }: Received, response: ServerResponse): boolean {
    const [, plural = "", name] = /\/(pods|deployments|replicasets)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    if (plural === "") return false;
    if (method === "PATCH") return this.#patch(JSON.parse(body) as JsonPatchOperation[], response);
    if (method === "DELETE") {
      return this.onDelete() ? json(response, 200, {}) : json(response, 404, { kind: "Status", reason: "NotFound" });
    }
    if (plural === "replicasets") {
      const metadata = { name: "eg-rs", namespace: "sys", ownerReferences: [{ kind: "Deployment", name: "eg" }] };
      return json(response, 200, { apiVersion: "apps/v1", kind: "ReplicaSet", metadata });
    }
    if (name !== undefined) return json(response, 200, this.object);
    if (url.searchParams.has("watch")) {
      response.writeHead(200);
      response.flushHeaders();
      this.#watching.push({ plural, response });
      return true;
    }
    const items = plural === "pods" ? this.pods : [this.object];
    return json(response, 200, { metadata: { resourceVersion: "1" }, items });
  }

  #patch(operations: JsonPatchOperation[], response: ServerResponse): boolean {
    const refused = this.refuse.shift();
    if (refused !== undefined) return json(response, refused, { kind: "Status", reason: "Refused" });
    this.patches.push(operations);
    const holds = operations.every((operation) => operation.op !== "test" || isSame(this.object, operation));
    if (!holds) return json(response, 422, { kind: "Status", reason: "Invalid" });
    const before = JSON.stringify(this.object.spec);
    for (const operation of operations) apply(this.object, operation);
    if (JSON.stringify(this.object.spec) !== before) {
      this.object.metadata.generation += 1;
      if (this.obedient) this.obey();
    }
    return json(response, 200, this.object);
  }

  #tell(plural: string, type: string, object: KubeObject): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    for (const one of this.#watching) if (one.plural === plural) one.response.write(line);
  }
}

/** The member that a path names, which need not be there, of an object that must be. */
function placeOf(document: object, path: string): { parent: Plain; member: string } {
  const tokens = path.slice(1).split("/");
  const member = (tokens.pop() ?? "").replaceAll("~1", "/");
  const parent = tokens.reduce((value, token) => value[token] as Plain, document as Plain);
  assert.ok(typeof parent === "object", `${path} must have a parent`);
  return { parent, member };
}

function isSame(document: object, { path, value }: { path: string; value: unknown }): boolean {
  const { parent, member } = placeOf(document, path);
  return isDeepStrictEqual(parent[member], value);
}

/** One operation of RFC 6902 on members of objects. */
function apply(document: object, operation: JsonPatchOperation): void {
  if (operation.op === "test") return;
  const { parent, member } = placeOf(document, operation.path);
  if (operation.op === "remove") Reflect.deleteProperty(parent, member);
  else parent[member] = operation.value;
}
