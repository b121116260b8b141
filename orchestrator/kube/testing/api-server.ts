import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { connect } from "../connect.ts";
import type { Kube, KubeObject } from "../kube.ts";

export interface Received {
  readonly method: string;
  readonly url: URL;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Answers a request; true when it did. Handlers are asked in the order given. */
export type Handler = (received: Received, response: http.ServerResponse) => boolean;

/**
 * A small HTTP server that plays an API server's FAULTS (closed watches, 410, 500, silence), which a real one does not show on
 * demand. Discovery is answered; everything else is up to the test's handlers, and 404 when none answers.
 */
export class FaultyApiServer implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #server: http.Server;
  readonly #directory: string;

  private constructor(server: http.Server, directory: string) {
    this.#server = server;
    this.#directory = directory;
  }

  static async start(...handlers: Handler[]): Promise<FaultyApiServer> {
    const directory = await mkdtemp(path.join(os.tmpdir(), "zerodrop-api-"));
    const server = http.createServer();
    const self = new FaultyApiServer(server, directory);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const received: Received = {
          method: request.method ?? "",
          url: new URL(request.url ?? "/", "http://api"),
          headers: request.headers,
          body: Buffer.concat(chunks).toString("utf8"),
        };
        self.received.push(received);
        if (![discovery, ...handlers].some((handler) => handler(received, response))) {
          json(response, 404, { kind: "Status", reason: "NotFound", message: "not found" });
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return self;
  }

  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not listening");
    return `http://127.0.0.1:${String(address.port)}`;
  }

  /** A client of this server, by way of a kubeconfig file as in real use. */
  async connect(parts: Parameters<typeof connect>[1] = {}): Promise<Kube> {
    const kubeconfigPath = path.join(this.#directory, "kubeconfig");
    await writeFile(kubeconfigPath, kubeconfig(this.address));
    return connect({ kubeconfigPath }, parts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#directory, { recursive: true, force: true });
  }
}

export const TOKEN = "a-token-nobody-may-see";

export function kubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "one", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "me", user: { token: TOKEN } }],
    contexts: [{ name: "here", context: { cluster: "one", user: "me" } }],
  });
}

export function json(response: http.ServerResponse, status: number, body: unknown): true {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
  return true;
}

/** Answers each list of `plural` with the next of these; the last one again and again. */
export function lists(plural: string, ...pages: { version: string; items: KubeObject[] }[]): Handler {
  let next = 0;
  return ({ method, url }, response) => {
    if (method !== "GET" || !url.pathname.endsWith(`/${plural}`) || url.searchParams.has("watch")) return false;
    const page = pages[Math.min(next++, pages.length - 1)];
    return json(response, 200, { metadata: { resourceVersion: page?.version }, items: page?.items ?? [] });
  };
}

/** Each watch of `plural` is given to the next of these; the last one stays open in silence when they are used up. */
export function watches(plural: string, ...scripts: ((response: http.ServerResponse, url: URL) => void)[]): Handler {
  let next = 0;
  return ({ method, url }, response) => {
    if (method !== "GET" || !url.pathname.endsWith(`/${plural}`) || !url.searchParams.has("watch")) return false;
    const script = scripts[next++];
    if (script === undefined) {
      response.writeHead(200);
      response.flushHeaders();
    } else {
      script(response, url);
    }
    return true;
  };
}

export function pod(name: string, resourceVersion: string, extra: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "ns", uid: `uid-${name}`, resourceVersion },
    ...extra,
  };
}

function discovery({ url }: Received, response: http.ServerResponse): boolean {
  const kinds: Record<string, [string, string, boolean][]> = {
    "/api/v1": [
      ["pods", "Pod", true],
      ["pods/log", "Pod", true],
      ["events", "Event", true],
      ["namespaces", "Namespace", false],
      ["nodes", "Node", false],
      ["secrets", "Secret", true],
      ["services", "Service", true],
      ["configmaps", "ConfigMap", true],
    ],
    "/apis/ray.io/v1": [
      ["rayservices", "RayService", true],
      ["rayclusters", "RayCluster", true],
    ],
    "/apis/gateway.networking.k8s.io/v1": [
      ["gateways", "Gateway", true],
      ["httproutes", "HTTPRoute", true],
      ["gatewayclasses", "GatewayClass", false],
    ],
    "/apis/apiextensions.k8s.io/v1": [["customresourcedefinitions", "CustomResourceDefinition", false]],
    "/apis/apps/v1": [
      ["deployments", "Deployment", true],
      ["replicasets", "ReplicaSet", true],
    ],
    "/apis/discovery.k8s.io/v1": [["endpointslices", "EndpointSlice", true]],
    "/apis/batch/v1": [["jobs", "Job", true]],
    "/apis/coordination.k8s.io/v1": [["leases", "Lease", true]],
  };
  const found = kinds[url.pathname];
  if (found === undefined) return false;
  return json(response, 200, {
    resources: found.map(([name, kind, namespaced]) => ({ name, kind, namespaced })),
  });
}
