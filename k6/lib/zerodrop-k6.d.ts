/** `zerodrop/k6`: what a k6 scenario of your own sends its requests by, so that zerodrop has each of them on record. */
import type { RefinedResponse } from "k6/http";

/**
 * What a request came to. `answered`: the status that is expected, and nothing wrong with the answer. `hanging`: nothing, or not all, by its
 * deadline. `failed`: everything else.
 */
export type Outcome = "answered" | "failed" | "hanging";

/** An answer as k6 has it, its body as text; `body` is null where there was none. */
export type Answer = RefinedResponse<"text">;

export interface ClientOptions {
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Status of a good answer; 200 when left out. Requests that expect another one go by a client of their own. */
  readonly status?: number;
}

export interface RequestOptions {
  /** Headers of this request, beside those of the client; of the same name these. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Looks at an answer that has the expected status, and says in a few words what is wrong with it; empty for nothing. What it says makes the
   * request a failed one, with that message. So does an error that it throws.
   */
  readonly look?: (answer: Answer) => string;
}

/** What a streamed answer came to. */
export interface ChatAnswer {
  readonly outcome: Outcome;
  readonly tokens: number;
  /** Time from the request's start to its first token, in ms; null when none came. */
  readonly firstTokenMs: number | null;
}

/**
 * A client of one kind, by its name in `service.requests`. To be made outside of functions, as k6 wants it; k6 refuses to start when the load has
 * no kind of that name.
 *
 * Each method sends one request to the service, below its URL, with the Host header, deadline and connection handling of the load, waits for the answer,
 * and has recorded when it began, who answered, and what it came to. None of them throws for what the service does.
 *
 * Requests that a script sends by `k6/http` itself are not on record: nobody judges them. They do not go unseen either: k6 counts
 * them, and a run in which k6 sent other requests than zerodrop has on record is invalid.
 */
export declare class LoadClient {
  constructor(kind: string, options?: ClientOptions);

  /** Sends a request. `path` begins with a slash and may have a query; `body` is null or left out for none. */
  request(
    method: string,
    path: string,
    body?: string | null,
    options?: RequestOptions,
  ): { readonly outcome: Outcome; readonly answer: Answer };

  /** Sends a POST whose answer the script does not need. Takes less CPU than `request`. */
  post(path: string, body?: string | null, options?: Pick<RequestOptions, "headers">): Outcome;

  /**
   * Sends a POST whose answer is a stream of server-sent events in the shape of OpenAI's chat completions, and reads it to its end. Good only with
   * the last event, `data: [DONE]`, and at least one token.
   */
  chat(path: string, body: string, options?: Pick<RequestOptions, "headers">): ChatAnswer;
}
