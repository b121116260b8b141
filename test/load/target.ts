import { createHash } from "node:crypto";
import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as after } from "node:timers/promises";

/** What the application under test does with a request: answer like itself, or one of the ways it can go wrong. */
export type Behaviour =
  | "answer"
  | "status-503"
  | "redirect"
  | "no-json"
  | "no-replica"
  | "truncated"
  | "reset"
  /** Neither an answer nor an end, until the target closes. */
  | "hang"
  /** Of a stream: a proper end after 7 chunks. */
  | "short-stream"
  /** Of a stream: the connection is closed after 7 chunks. */
  | "broken-stream"
  /** Of a large answer: other bytes than the checksum is of. */
  | "wrong-payload"
  /** Of a large answer: a body that was cut on its way to the application. */
  | "cut-request"
  | { readonly delayMs?: number; readonly version?: string };

export interface Arrival {
  /** Unix ms. */
  readonly atMs: number;
  readonly host: string;
  /** Path without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Number of the connection, from 1. */
  readonly connection: number;
  /** Whether the client asked for the connection to be closed afterwards. */
  readonly closes: boolean;
  readonly behaviour: Behaviour;
}

type Behave = (index: number, path: string) => Behaviour;

/** A stand-in for the application under test, whose behaviour can be told request by request. */
export class Target implements AsyncDisposable {
  readonly arrivals: Arrival[] = [];
  // No kept connection is closed under a client's hands, as the gateway's are not for an hour.
  readonly #server = http.createServer({ keepAlive: true, keepAliveTimeout: 600_000 });
  readonly #connections = new Map<Socket, number>();

  private constructor(behave: Behave) {
    this.#server.on("connection", (socket) => {
      this.#connections.set(socket, this.#connections.size + 1);
    });
    this.#server.on("request", (request, response) => {
      const { pathname: path, searchParams: query } = new URL(request.url ?? "/", "http://target");
      const behaviour = behave(this.arrivals.length, path);
      this.arrivals.push({
        atMs: wallMs(),
        host: request.headers.host ?? "",
        path,
        query,
        connection: this.#connections.get(request.socket) ?? 0,
        closes: request.headers.connection === "close",
        behaviour,
      });
      respond(behaviour, { path, query, request }, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
    });
  }

  static async start(behave: Behave = () => "answer"): Promise<Target> {
    const target = new Target(behave);
    await new Promise<void>((resolve) => target.#server.listen(0, "127.0.0.1", resolve));
    return target;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Unix ms with fractions, as k6's samples have them. */
function wallMs(): number {
  return performance.timeOrigin + performance.now();
}

interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly request: http.IncomingMessage;
}

async function respond(behaviour: Behaviour, asked: Asked, response: http.ServerResponse): Promise<void> {
  const { version = "v1", delayMs = 0 } = typeof behaviour === "object" ? behaviour : {};
  const answer = { version, cluster: `app-${version}`, replica: "r1" };
  const body = JSON.stringify(answer);
  switch (behaviour) {
    case "status-503":
      response.writeHead(503).end("no healthy upstream");
      return;
    case "redirect":
      response.writeHead(302, { location: "/elsewhere" }).end();
      return;
    case "no-json":
      response.end(body.slice(0, 20));
      return;
    case "no-replica":
      response.end(JSON.stringify({ version: "v1", cluster: "app-v1" }));
      return;
    case "truncated":
      response.writeHead(200, { "content-length": "1000" });
      response.write(body, () => response.destroy());
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "hang":
      return;
    case "answer":
    case "short-stream":
    case "broken-stream":
    case "wrong-payload":
    case "cut-request":
    default:
      await after(delayMs, undefined, { ref: false });
      await answerLikeItself(behaviour, answer, asked, response);
  }
}

/** As manifests/app/serve_app.py does, with as much wrong as the behaviour says. */
async function answerLikeItself(
  behaviour: Behaviour,
  answer: object,
  { path, query, request }: Asked,
  response: http.ServerResponse,
): Promise<void> {
  const number = (name: string): number => Number(query.get(name) ?? 0);
  // A second application answers below its prefix as the first does.
  switch (path.replace(/^\/second(?=\/)/, "")) {
    case "/stream": {
      const chunks = number("chunks");
      const stopsAt = behaviour === "short-stream" || behaviour === "broken-stream" ? 7 : chunks;
      for (let chunk = 0; chunk < stopsAt; chunk += 1) {
        if (chunk > 0) await after(number("every_ms"), undefined, { ref: false });
        response.write(`${JSON.stringify({ ...answer, chunk, chunks })}\n`);
      }
      if (behaviour === "broken-stream") response.destroy();
      else response.end();
      return;
    }
    case "/large": {
      const parts: Buffer[] = [];
      for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
      const received = Buffer.concat(parts);
      const size = behaviour === "cut-request" ? received.length - 1 : received.length;
      const payload = "x".repeat(number("bytes"));
      response.end(
        JSON.stringify({
          ...answer,
          received: size,
          received_sha256: sha256(received.subarray(0, size)),
          payload: behaviour === "wrong-payload" ? `y${payload.slice(1)}` : payload,
          payload_sha256: sha256(payload),
        }),
      );
      return;
    }
    default:
      await after(number("delay_ms"), undefined, { ref: false });
      response.end(JSON.stringify(answer));
  }
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
