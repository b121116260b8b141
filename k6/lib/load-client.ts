import { sleep } from "k6";
import http from "k6/http";
import { Client, type Outcome } from "k6/x/ledger";
import { settings } from "./load.ts";
import type { ClientSettings } from "./settings.ts";

/** Pause of a closed-model client after a failure, in s: with nobody there it would ask a thousand times a second. */
const PAUSE_SECONDS = 0.1;

interface Traits {
  /** Path and query below the application's own, `/` when left out. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the VU is a session, whose answers must not go back to another version. */
  readonly session?: boolean;
}

/**
 * What a client of one kind has, whatever it does: its part of the load, its ledger and what its requests have in common. To be made
 * in the init context; throws there when the load has no part for this kind.
 *
 * Requests are POST, as calls of a model are. With GET a dropped request could go unseen: Go's HTTP client, which
 * k6 uses, sends a GET again by itself when a kept connection is reset before the first byte of the answer.
 */
export class LoadClient {
  readonly part: ClientSettings;
  readonly ledger: Client;
  readonly params;
  /** What is asked for in turn: the client's own path of each application that the load is for. */
  readonly #urls: readonly string[];
  #next = 0;

  constructor(kind: string, { path = "/", headers = {}, session = false }: Traits = {}) {
    const part = settings.clients.find(({ client }) => client === kind);
    if (part === undefined) throw new Error(`ZERODROP_CLIENTS does not name ${kind}, which this load has`);
    const { requestTimeoutMs } = part;
    this.part = part;
    this.ledger = new Client(kind, { requestTimeoutMs, session, post: http.post });
    this.#urls = settings.routes.map((route) => settings.baseUrl + route + path);
    this.params = {
      headers: settings.host === "" ? headers : { ...headers, Host: settings.host },
      timeout: requestTimeoutMs,
      // A redirect is an answer like any other, and not the one that is expected.
      redirects: 0,
      responseType: "text" as const,
    };
  }

  /** The URL that is next to be asked for, of this VU. */
  nextUrl(): string {
    const url = this.#urls[this.#next] ?? "";
    this.#next = (this.#next + 1) % this.#urls.length;
    return url;
  }

  /** Sends a request without a body, and has recorded what it came to. */
  post(): void {
    this.after(this.ledger.post(this.nextUrl(), null, this.params));
  }

  /** Sends a request whose answer is good only if `flawIn` its body finds nothing. */
  postAndLook(body: string | null, flawIn: (body: string) => string): void {
    const url = this.nextUrl();
    const token = this.ledger.begin();
    const answer = http.post(url, body, this.params);
    // Looking takes time that is none of the request's.
    this.after(this.ledger.endTimed(token, answer, answer.status === 200 ? flawIn(answer.body) : ""));
  }

  /** To be called at the end of an iteration, with the worst of its outcomes. */
  after(outcome: Outcome): void {
    if (outcome !== "answered" && this.part.rate === null) sleep(PAUSE_SECONDS);
  }
}
