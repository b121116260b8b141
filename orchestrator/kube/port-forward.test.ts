import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { connect } from "./connect.ts";
import type { Kube } from "./kube.ts";
import { KubeError } from "./kube.ts";
import { kubeconfig } from "./testing/api-server.ts";
import { portForwardServer, portOf } from "./testing/port-forward-server.ts";

async function kubeOf(server: string): Promise<Kube> {
  const directory = await mkdtemp(path.join(os.tmpdir(), "zerodrop-forward-"));
  const kubeconfigPath = path.join(directory, "kubeconfig");
  await writeFile(kubeconfigPath, kubeconfig(server));
  const kube = await connect({ kubeconfigPath });
  await rm(directory, { recursive: true });
  return kube;
}

/** Something in a pod that listens on its loopback. */
async function listening(server: net.Server): Promise<{ port: number } & AsyncDisposable> {
  const open = new Set<net.Socket>();
  server.on("connection", (socket) => open.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: portOf(server),
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const request = (port: number, ...paths: string[]) => ({ namespace: "ns", pod: "p", port, paths, timeoutMs: 10_000 });

// Would catch: a connection for each path, answers out of order, a large answer cut at a frame's end, bytes of the port number read as data.
void test("all paths are asked over one forwarded connection, each answered whole", async () => {
  const large = "x".repeat(300_000);
  let connections = 0;
  const admin = http.createServer(({ url }, response) => {
    response.statusCode = url === "/nothing" ? 404 : 200;
    response.end(url === "/large" ? large : url);
  });
  admin.on("connection", () => (connections += 1));
  await using pod = await listening(admin);
  await using api = await portForwardServer();
  const kube = await kubeOf(api.url);
  const answers = await kube.podForward(request(pod.port, "/a?b=c", "/large", "/nothing", "/d"));
  assert.deepEqual(answers, [
    { status: 200, body: "/a?b=c" },
    { status: 200, body: large },
    { status: 404, body: "/nothing" },
    { status: 200, body: "/d" },
  ]);
  assert.equal(connections, 1);
  assert.deepEqual(
    api.forwards.map(({ pathname, search }) => pathname + search),
    [`/api/v1/namespaces/ns/pods/p/portforward?ports=${String(pod.port)}`],
  );
});

// Would catch: a closed port waited for until the deadline, or told without the node's words.
void test("a port nobody listens on is told in the node's words, at once", async () => {
  const nobody = await listening(net.createServer());
  await nobody[Symbol.asyncDispose]();
  await using api = await portForwardServer();
  const kube = await kubeOf(api.url);
  await assert.rejects(
    kube.podForward(request(nobody.port, "/")),
    (error: unknown) =>
      error instanceof KubeError && error.reason === "PortForward" && error.message.includes("ECONNREFUSED"),
  );
});

// Would catch: a refusal without its status, and the token of the kubeconfig in its words.
void test("a refusal of the API server keeps its status", async () => {
  await using api = await portForwardServer(() => 403);
  const kube = await kubeOf(api.url);
  await assert.rejects(
    kube.podForward(request(1, "/")),
    (error: unknown) =>
      error instanceof KubeError &&
      error.status === 403 &&
      error.message === "port 1 of pod ns/p: the API server refused with status 403",
  );
});

// Would catch: a wait without an end in the API server (no switch of protocols) or in the pod (no answer), or a cut connection read as an answer.
void test("silence ends with the deadline or the signal, and a connection that is cut with an error", async () => {
  await using silent = await portForwardServer(() => 0);
  const timedOut = (error: unknown): boolean => error instanceof KubeError && error.reason === "Timeout";
  await assert.rejects((await kubeOf(silent.url)).podForward({ ...request(1, "/"), timeoutMs: 200 }), timedOut);

  await using mute = await listening(net.createServer((socket) => socket.resume()));
  await using api = await portForwardServer();
  const kube = await kubeOf(api.url);
  await assert.rejects(kube.podForward({ ...request(mute.port, "/"), timeoutMs: 200 }), timedOut);
  const stop = new AbortController();
  const asking = kube.podForward({ ...request(mute.port, "/"), signal: stop.signal });
  stop.abort(new Error("enough"));
  await assert.rejects(asking, /^Error: enough$/);

  await using cutting = await listening(
    net.createServer((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"));
    }),
  );
  await assert.rejects(
    kube.podForward(request(cutting.port, "/")),
    (error: unknown) => error instanceof KubeError && error.reason === "Unreachable",
  );
});

// Would catch: an answer thrown away because its connection was closed right after it, and a wait on a connection that is gone.
void test("a whole answer counts although the connection is closed after it; the next question fails at once", async () => {
  const body = "x".repeat(200_000);
  await using pod = await listening(
    http.createServer((_request, response) => {
      response.writeHead(200, { connection: "close" }).end(body);
    }),
  );
  await using api = await portForwardServer();
  const kube = await kubeOf(api.url);
  assert.deepEqual(await kube.podForward(request(pod.port, "/")), [{ status: 200, body }]);
  const beganMs = performance.now();
  await assert.rejects(
    kube.podForward(request(pod.port, "/", "/")),
    (error: unknown) => error instanceof KubeError && error.reason === "Unreachable",
  );
  assert.ok(performance.now() - beganMs < 5_000);
});
