import { sleep } from "k6";
import http, { type RefinedResponse } from "k6/http";
import { Client, type ChatAnswer, type Outcome } from "k6/x/ledger";
import { settings } from "./load.ts";
import { isDeclared } from "./service-settings.ts";
import type { ClientSettings } from "./settings.ts";

/** Pause of a closed-model client after a failure, in s: with nobody there it would ask a thousand times a second. */
const PAUSE_SECONDS = 0.1;

type Headers = Readonly<Record<string, string>>;
type Response = RefinedResponse<"text">;

interface Traits {
  /** Path and query below the application's own, `/` when left out. */
  readonly path?: string;
  readonly headers?: Headers;
  /** Whether the VU is a session, whose answers must not go back to another version; when left out as the settings say. */
  readonly session?: boolean;
  /** Status of a good answer; when left out as the settings say, and 200 where they say nothing. */
  readonly status?: number;
}

/** Of one request, beside what its client's requests have in common. */
interface More {
  readonly headers?: Headers;
  /** What is wrong with an answer that has the status that is expected; empty for nothing. Its error is a flaw too. */
  readonly look?: (answer: Response) => string;
}

/**
 * What a client of one kind has, whatever it does: its part of the load, its ledger and what its requests have in common. To be made
 * in the init context; throws there when the load has no part for this kind.
 *
 * Requests of zerodrop's own kinds are POST, as calls of a model are. With GET a dropped request could go unseen: Go's HTTP client, which
 * k6 uses, sends a GET, HEAD, OPTIONS or TRACE again by itself when a kept connection is closed or reset before the first byte of the answer, and
 * so any request with the header Idempotency-Key or X-Idempotency-Key (shouldRetryRequest and isReplayable in net/http). k6 gives every
 * body a GetBody, so a body does not prevent it, and no option of k6 does. On a new connection nothing is sent again.
 */
export class LoadClient {
  readonly part: ClientSettings;
  readonly ledger: Client;
  readonly params;
  readonly #status: number;
  /** What is asked for in turn: each application that the load is for. */
  readonly #bases: readonly string[];
  /** The client's own path of each. */
  readonly #urls: readonly string[];
  #next = 0;

  constructor(kind: string, { path = "/", headers = {}, session, status }: Traits = {}) {
    const part = settings.clients.find(({ client }) => client === kind);
    if (part === undefined) throw new Error(`ZERODROP_CLIENTS does not name ${kind}, which this load has`);
    const own = settings.requests.find(({ name }) => name === kind);
    const { requestTimeoutMs } = part;
    this.part = part;
    this.#status = status ?? (own !== undefined && isDeclared(own) ? own.expect.status : 200);
    this.ledger = new Client(kind, {
      requestTimeoutMs,
      session: session ?? own?.session ?? false,
      post: http.post,
      ...(settings.tells === undefined ? {} : { tells: settings.tells }),
      status: this.#status,
    });
    this.#bases = settings.routes.map((route) => settings.baseUrl + route);
    this.#urls = this.#bases.map((base) => base + path);
    this.params = {
      headers: withHost(headers),
      timeout: requestTimeoutMs,
      // A redirect is an answer like any other, and good only where it is the one that is expected.
      redirects: 0,
      responseType: "text" as const,
      // For http_req_failed; load.ts sets it for all that expect 200.
      ...(this.#status === 200 ? {} : { responseCallback: http.expectedStatuses(this.#status) }),
    };
  }

  /** The URL that is next to be asked for, of this VU: with the client's own path, or with another one. */
  nextUrl(path?: string): string {
    const at = this.#next;
    this.#next = (at + 1) % this.#urls.length;
    return path === undefined ? (this.#urls[at] ?? "") : (this.#bases[at] ?? "") + path;
  }

  /** Sends a POST at whose answer's body nobody looks, and has recorded what it came to: the cheapest way to send. */
  post(path?: string, body: string | null = null, { headers }: Pick<More, "headers"> = {}): Outcome {
    const outcome = this.ledger.post(this.nextUrl(path), body, this.#paramsWith(headers));
    this.after(outcome);
    return outcome;
  }

  /** Sends a request, looks at its answer, and has recorded what it came to. */
  request(
    method: string,
    path: string | undefined,
    body: string | null = null,
    { headers, look }: More = {},
  ): { readonly outcome: Outcome; readonly answer: Response } {
    const [url, params] = [this.nextUrl(path), this.#paramsWith(headers)];
    const token = this.ledger.begin();
    const answer: Response = http.request(method, url, body, params);
    // Looking takes time that is none of the request's.
    const flaw = look !== undefined && answer.status === this.#status ? flawBy(look, answer) : undefined;
    const outcome = this.ledger.endTimed(token, answer, flaw);
    this.after(outcome);
    return { outcome, answer };
  }

  /** Sends a POST whose answer is good only if `flawIn` its body finds nothing. */
  postAndLook(body: string | null, flawIn: (body: string) => string): void {
    this.request("POST", undefined, body, { look: (answer) => flawIn(answer.body) });
  }

  /** Sends a POST whose answer is a stream as OpenAI's chat completions have it, and has recorded what it came to. */
  chat(path: string | undefined, body: string, { headers }: Pick<More, "headers"> = {}): ChatAnswer {
    const params = this.#paramsWith(headers);
    const answer = this.ledger.chat(this.nextUrl(path), body, { headers: params.headers, timeout: params.timeout });
    this.after(answer.outcome);
    return answer;
  }

  /** To be called at the end of an iteration, with the worst of its outcomes. */
  after(outcome: Outcome): void {
    if (outcome !== "answered" && this.part.rate === null) sleep(PAUSE_SECONDS);
  }

  #paramsWith(headers: Headers | undefined): typeof this.params {
    if (headers === undefined) return this.params;
    return { ...this.params, headers: withHost({ ...this.params.headers, ...headers }) };
  }
}

/** Headers with the one by which the gateway knows the route, whatever they were. */
function withHost(headers: Headers): Headers {
  return settings.host === "" ? headers : { ...headers, Host: settings.host };
}

/** Of a look that throws the request would never end, and be one that was broken off. */
function flawBy(look: (answer: Response) => string, answer: Response): string {
  try {
    return look(answer);
  } catch (error) {
    return `looking at the answer failed: ${String(error)}`;
  }
}
