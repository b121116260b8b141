/** The JS module that k6/ledger (Go) adds to k6: the clients' side of the ledger. */
declare module "k6/x/ledger" {
  import type { post, RefinedResponse, ResponseType } from "k6/http";

  /**
   * What a request came to. `answered`: the status that is expected and a whole body of the application under test. `hanging`: nothing, or
   * not all, by the request's deadline. `failed`: everything else.
   */
  export type Outcome = "answered" | "failed" | "hanging";

  /** Where an answer says something; exactly one of the three. `json`: a path as gjson has them. `pattern`: the first group of an RE2. */
  export interface Telling {
    readonly header?: string;
    readonly json?: string;
    readonly pattern?: string;
  }

  /** What a streamed answer came to. `firstTokenMs`: from the request's start; null when no token came. */
  export interface ChatAnswer {
    readonly outcome: Outcome;
    readonly tokens: number;
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
        /** How an answer tells who gave it; when left out as zerodrop's own application does, by the first line of its body. */
        readonly tells?: { readonly version: Telling; readonly cluster?: Telling };
        /** Status of a good answer; 200 when left out. */
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

    /** Like `end`, for answers that were awaited together or looked at first: the request took what k6 itself measured. */
    endTimed(token: number, response: RefinedResponse<ResponseType>, flaw?: string): Outcome;

    /**
     * Sends a POST whose answer is a stream of server-sent events in the shape of OpenAI's chat completions, reads it as it comes, and keeps
     * the account of it. `timeout` in ms.
     */
    chat(
      url: string,
      body: string,
      params: { readonly headers?: Readonly<Record<string, string>>; readonly timeout: number },
    ): ChatAnswer;
  }
}
