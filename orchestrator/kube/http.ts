import http from "node:http";
import https from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { abortReason } from "./clock.ts";
import { KubeError } from "./kube.ts";
import type { LoadedKubeconfig } from "./kubeconfig.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path with query, from the server's root. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  /** Time until the whole answer must be there (for a stream: until its head is). */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** The Date header, as it was sent. */
  readonly date: string | undefined;
}

/**
 * Requests to one API server over kept connections, authenticated as the kubeconfig says. Client-node's generated API is not
 * used for them: it cannot hold a watch longer than 30 s without data and picks patch types by itself.
 *
 * Failures to get any answer are KubeErrors of status 0, reason `Unreachable` or `Timeout`; no message carries headers or bodies.
 */
export class HttpClient {
  readonly #config: KubeConfig;
  readonly #base: URL;
  readonly #agent: http.Agent | undefined;

  constructor(loaded: LoadedKubeconfig, tls: https.AgentOptions) {
    this.#config = loaded.config;
    this.#base = new URL(loaded.server);
    // 30 s of idleness closes a kept connection, well before an API server does (90 s), so that a request never meets a closing one.
    const kept = { keepAlive: true, timeout: 30_000 };
    this.#agent = loaded.proxied
      ? undefined
      : this.#base.protocol === "http:"
        ? new http.Agent(kept)
        : new https.Agent({ ...tls, ...kept });
  }

  /** The whole answer, whatever its status. */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    const timeout = AbortSignal.timeout(request.timeoutMs);
    const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
    try {
      const response = await this.#open(request, signal);
      const chunks: Buffer[] = [];
      for await (const chunk of response) {
        if (Buffer.isBuffer(chunk)) chunks.push(chunk);
      }
      const body = Buffer.concat(chunks).toString("utf8");
      return { status: response.statusCode ?? 0, body, date: response.headers.date };
    } catch (error) {
      throw this.#failure(error, request, timeout);
    }
  }

  /** The answer's head; the caller reads the body, which ends with an error when `signal` aborts. */
  async stream(request: HttpRequest & { signal: AbortSignal }): Promise<http.IncomingMessage> {
    const timeout = new AbortController();
    const timer = setTimeout(() => {
      timeout.abort();
    }, request.timeoutMs);
    try {
      return await this.#open(request, AbortSignal.any([timeout.signal, request.signal]));
    } catch (error) {
      throw this.#failure(error, request, timeout.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes kept connections. */
  close(): void {
    this.#agent?.destroy();
  }

  async #open(request: HttpRequest, signal: AbortSignal): Promise<http.IncomingMessage> {
    signal.throwIfAborted();
    const options: https.RequestOptions = {};
    // Anew for each request: tokens of exec plugins and projected files change.
    await this.#config.applyToHTTPSOptions(options);
    if (this.#agent !== undefined) options.agent = this.#agent;
    options.method = request.method;
    options.signal = signal;
    options.headers = {
      ...authorization(options),
      accept: request.accept ?? "application/json",
      "user-agent": "zerodrop",
      ...(request.body === undefined
        ? {}
        : {
            "content-type": request.contentType ?? "application/json",
            "content-length": String(Buffer.byteLength(request.body)),
          }),
    };
    const prefix = this.#base.pathname === "/" ? "" : this.#base.pathname;
    const url = `${this.#base.origin}${prefix}${request.path}`;
    const send = this.#base.protocol === "http:" ? http.request : https.request;
    return await new Promise((resolve, reject) => {
      const outgoing = send(url, options, resolve);
      outgoing.on("error", reject);
      // A peer that vanished without a word is found by the kernel's probes, not by waiting for data.
      outgoing.on("socket", (socket) => socket.setKeepAlive(true, 15_000));
      outgoing.end(request.body);
    });
  }

  #failure(error: unknown, request: HttpRequest, timeout: AbortSignal): Error {
    if (request.signal?.aborted === true) return abortReason(request.signal);
    if (error instanceof KubeError) return error;
    const what = `${request.method} ${this.#base.origin}${request.path.split("?")[0] ?? ""}`;
    if (timeout.aborted) {
      return new KubeError(0, "Timeout", `${what}: no whole answer within ${String(request.timeoutMs / 1000)} s`);
    }
    return new KubeError(0, "Unreachable", `${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** TLS material of the kubeconfig's context, for an agent of our own. */
export async function tlsOptions(config: KubeConfig): Promise<https.AgentOptions> {
  const options: https.RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, passphrase, rejectUnauthorized, servername } = options;
  return Object.fromEntries(
    Object.entries({ ca, cert, key, passphrase, rejectUnauthorized, servername }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

/** The headers the kubeconfig's user asks for (a token, an impersonation). */
function authorization({ headers }: https.RequestOptions): http.OutgoingHttpHeaders {
  return headers === undefined || Array.isArray(headers) ? {} : { ...(headers as http.OutgoingHttpHeaders) };
}
