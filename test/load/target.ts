import http from "node:http";
import type { AddressInfo } from "node:net";

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
  | { readonly delayMs: number; readonly version?: string };

export interface Arrival {
  /** Unix ms. */
  readonly atMs: number;
  readonly host: string;
  readonly behaviour: Behaviour;
}

/** A stand-in for the application under test, whose behaviour can be told request by request. */
export class Target implements AsyncDisposable {
  readonly arrivals: Arrival[] = [];
  readonly #server = http.createServer({ keepAlive: true });

  private constructor(behave: (index: number) => Behaviour) {
    this.#server.on("request", (request, response) => {
      const behaviour = behave(this.arrivals.length);
      this.arrivals.push({ atMs: wallMs(), host: request.headers.host ?? "", behaviour });
      respond(behaviour, response);
    });
  }

  static async start(behave: (index: number) => Behaviour = () => "answer"): Promise<Target> {
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

function respond(behaviour: Behaviour, response: http.ServerResponse): void {
  const body = (version = "v1"): string => JSON.stringify({ version, cluster: `app-${version}`, replica: "r1" });
  switch (behaviour) {
    case "answer":
      response.end(body());
      return;
    case "status-503":
      response.writeHead(503).end("no healthy upstream");
      return;
    case "redirect":
      response.writeHead(302, { location: "/elsewhere" }).end();
      return;
    case "no-json":
      response.end(body().slice(0, 20));
      return;
    case "no-replica":
      response.end(JSON.stringify({ version: "v1", cluster: "app-v1" }));
      return;
    case "truncated":
      response.writeHead(200, { "content-length": "1000" });
      response.write(body(), () => response.destroy());
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "hang":
      return;
    default:
      setTimeout(() => response.end(body(behaviour.version)), behaviour.delayMs).unref();
  }
}
