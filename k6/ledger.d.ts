/** The JS module that k6/ledger (Go) adds to k6: the clients' side of the ledger. */
declare module "k6/x/ledger" {
  import type { post, RefinedResponse, ResponseType } from "k6/http";

  /**
   * What a request came to. `answered`: the status of a good answer (200 unless the client says otherwise) and a whole body that
   * tells who gave it. `hanging`: nothing, or not all, by the request's deadline. `failed`: everything else.
   */
  export type Outcome = "answered" | "failed" | "hanging";

  /**
   * Where an answer says something; exactly one of the three. What is empty or longer than 256 bytes is not said.
   * `header`: a header's value. `json`: a text, number or truth value at a path as gjson has them (`choices.0.model`); the body must
   * be JSON, or lines of JSON where the path begins with `..`. `pattern`: the first group of a regular expression (RE2), at its first
   * match in the body.
   */
  export interface Telling {
    readonly header?: string;
    readonly json?: string;
    readonly pattern?: string;
  }

  /** What a streamed answer came to. */
  export interface ChatAnswer {
    readonly outcome: Outcome;
    /** Tokens that came, of a failed answer too. */
    readonly tokens: number;
    /** Time from the start of the request until the first token was read, in ms; null when none came. */
    readonly firstTokenMs: number | null;
  }

  /** One kind of client in one VU. To be made in the init context. */
  export class Client {
    /** `session`: a `session` row is written whenever another RayCluster or version answers than the time before. */
    constructor(
      kind: string,
      options: {
        readonly requestTimeoutMs: number;
        readonly session?: boolean;
        /** `http.post`, by which `post` sends. */
        readonly post?: typeof post;
        /**
         * How an answer tells who gave it; one that does not is a failed one. Without `cluster` the version alone says which
         * RayCluster it was, and rows have an empty one. Left out: as the application under test tells it, by the first line of its
         * body, after which nothing may follow unless the script looks at it.
         */
        readonly tells?: { readonly version: Telling; readonly cluster?: Telling };
        /** Status of a good answer, 100 to 599; 200 when left out. */
        readonly status?: number;
      },
    );

    /** `begin`, `http.post` with these arguments, and `end`, in one step: the cheapest way to send and keep the account. */
    post(...request: Parameters<typeof post>): Outcome;

    /** To be called immediately before sending: counts the request as issued and in flight. Returns its token. */
    begin(): number;

    /**
     * To be called as soon as the answer was read: the request took until now. `flaw`: what is wrong with the body, which
     * makes an otherwise good answer a failed one with that message; empty for nothing.
     */
    end(token: number, response: RefinedResponse<ResponseType>, flaw?: string): Outcome;

    /**
     * Sends a request (POST) whose answer is a stream of server-sent events in the shape of OpenAI's chat completions, reads it as it
     * comes, and keeps the account of it. It goes the way of `http.post` (connections, TLS, `hosts`, cookies, k6's own metrics), and
     * follows no redirect. `timeout`: until the end of the stream, in ms.
     *
     * A token is an event whose `choices.0.delta.content` is a text that is not empty. The answer is whole when the stream ends after
     * `[DONE]`; it is failed when it ends before, goes on after it, has no token, an event that is no JSON, has an `error` or is longer
     * than 1 MiB, or when its version or cluster changes. With `json` and `pattern` these are read from each event that has them; without
     * `tells`, at `version` and `cluster` of its JSON.
     *
     * An answered one has a `first-token` row beside its `answered` row, and a sample of k6's metric `zerodrop_time_to_first_token`
     * (tags client and version). Throws for wrong parameters only.
     */
    chat(
      url: string,
      body: string,
      params: { readonly headers?: Readonly<Record<string, string>>; readonly timeout: number },
    ): ChatAnswer;

    /** Like `end`, for answers that were awaited together or looked at first: the request took what k6 itself measured. */
    endTimed(token: number, response: RefinedResponse<ResponseType>, flaw?: string): Outcome;
  }
}
