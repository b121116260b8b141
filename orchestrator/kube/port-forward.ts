import http from "node:http";
import { Duplex, PassThrough } from "node:stream";
import type { KubeConfig } from "@kubernetes/client-node";
import { PortForward } from "@kubernetes/client-node";
import { z } from "zod";
import { abortReason } from "./clock.ts";
import { KubeError } from "./kube.ts";
import type { ForwardRequest } from "./kube.ts";

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** As much as is used of the WebSocket that client-node opens; it comes without types. */
interface Socket {
  readonly readyState: number;
  addEventListener(type: "close", listener: () => void): void;
  terminate(): void;
}

const CLOSING = 2;
/** What the WebSocket library says of an answer that is no switch of protocols. */
const REFUSED = /^Unexpected server response: (\d+)$/;
const failureSchema = z.object({ message: z.string() });

/**
 * GETs to a port of a pod through the API server's port-forward subresource, which also reaches what listens on the pod's loopback only;
 * the pod proxy does not. One forwarded connection for all of `paths`, asked one after another.
 *
 * client-node speaks WebSocket with the subprotocol v4.channel.k8s.io, which API server and kubelet of Kubernetes 1.35 and containerd serve.
 *
 * @throws KubeError when there is no answer to each: status of the API server's refusal, or 0 with reason `Timeout`, `Unreachable` (API
 *   server) or `PortForward` (the pod's port, in the node's own words).
 */
export async function forwardedGets(config: KubeConfig, request: ForwardRequest): Promise<Answer[]> {
  const { namespace, pod, port, timeoutMs } = request;
  const what = `port ${String(port)} of pod ${namespace}/${pod}`;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  const failed = (error: unknown): Error => {
    if (request.signal?.aborted === true) return abortReason(request.signal);
    if (timeout.aborted)
      return new KubeError(0, "Timeout", `${what}: no whole answer within ${String(timeoutMs / 1000)} s`);
    return error instanceof KubeError ? error : new KubeError(0, "Unreachable", `${what}: ${messageOf(error)}`);
  };
  try {
    await using forwarded = await open(config, request, signal, what);
    const answers: Answer[] = [];
    for (const path of request.paths) answers.push(await forwarded.get(path));
    return answers;
  } catch (error) {
    throw failed(error);
  }
}

async function open(config: KubeConfig, { namespace, pod, port }: ForwardRequest, signal: AbortSignal, what: string) {
  signal.throwIfAborted();
  const toPod = new PassThrough();
  const fromPod = new PassThrough();
  const refusals = new PassThrough();
  const socket = await connect(abortable(config, signal), { namespace, pod, port }, [fromPod, refusals, toPod], what);
  const connection = Duplex.from({ readable: fromPod, writable: toPod });
  const closed = new Error("the forwarded connection was closed");
  const close = (): void => void connection.destroy(closed);
  let refusal = "";
  refusals.on("data", (chunk: Buffer) => {
    refusal += chunk.toString("utf8");
    // Nothing more comes after it, but the connection may stay open.
    close();
  });
  // Whatever breaks is told by the request that it breaks.
  connection.on("error", () => undefined);
  // What came before the end is read first.
  socket.addEventListener("close", () => fromPod.end());
  if (socket.readyState >= CLOSING) fromPod.end();
  connection.on("end", close);
  const agent = new OneConnection(connection);
  return {
    async get(path: string): Promise<Answer> {
      try {
        // Whoever says `connection: close` takes no other question.
        if (connection.destroyed || connection.writableEnded) throw closed;
        return await getOver(agent, path, signal);
      } catch (error) {
        if (refusal === "") throw error;
        throw new KubeError(0, "PortForward", `${what}: ${refusal.trim().slice(0, 600)}`);
      }
    },
    [Symbol.asyncDispose](): Promise<void> {
      agent.destroy();
      close();
      socket.terminate();
      return Promise.resolve();
    },
  };
}

async function connect(
  config: KubeConfig,
  { namespace, pod, port }: { readonly namespace: string; readonly pod: string; readonly port: number },
  [fromPod, refusals, toPod]: [PassThrough, PassThrough, PassThrough],
  what: string,
): Promise<Socket> {
  try {
    const opened: unknown = await new PortForward(config).portForward(
      encodeURIComponent(namespace),
      encodeURIComponent(pod),
      [port],
      fromPod,
      refusals,
      toPod,
    );
    return opened as Socket;
  } catch (error) {
    const status = Number(REFUSED.exec(messageOf(error))?.[1] ?? 0);
    if (status === 0) throw error;
    throw new KubeError(
      status,
      `HTTP${String(status)}`,
      `${what}: the API server refused with status ${String(status)}`,
    );
  }
}

/** The configuration, but what is opened with it is given up when `signal` aborts: client-node has no deadline for it. */
function abortable(config: KubeConfig, signal: AbortSignal): KubeConfig {
  const bounded: Pick<KubeConfig, "getCurrentCluster" | "applyToHTTPSOptions"> = {
    getCurrentCluster: () => config.getCurrentCluster(),
    async applyToHTTPSOptions(options) {
      await config.applyToHTTPSOptions(options);
      // Handed on to node:http as it is.
      Object.assign(options, { signal });
    },
  };
  return bounded as KubeConfig;
}

function getOver(agent: http.Agent, path: string, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Node gives up a request that has no connection yet without a word.
    signal.addEventListener("abort", () => reject(abortReason(signal)), { once: true });
    const outgoing = http.request({ agent, path, signal, headers: { host: "localhost" } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

/** Hands out one connection, again and again. It is no TCP socket, so there is nothing to keep alive or to unref. */
class OneConnection extends http.Agent {
  readonly #connection: Duplex;

  constructor(connection: Duplex) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#connection = connection;
  }

  override createConnection(): Duplex {
    return this.#connection;
  }

  override keepSocketAlive(): boolean {
    return true;
  }

  override reuseSocket(): void {
    // Nothing to do.
  }
}

/** The words of an Error, or of the event that a WebSocket gives instead of one. */
function messageOf(error: unknown): string {
  const failure = failureSchema.safeParse(error);
  return failure.success ? failure.data.message : String(error);
}
