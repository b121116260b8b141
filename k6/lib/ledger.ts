import execution from "k6/execution";
import { Counter } from "k6/metrics";
import type { Answer } from "./answer.ts";

/**
 * The scenario's side of the ledger: one sample right before each request and one right after its answer was read.
 * k6's own request metrics cannot serve: their tags are fixed before the request is sent, so they cannot say who
 * answered, and a request that is interrupted leaves none at all.
 *
 * The two samples' times are the request's start and end. `vu_id` pairs them: a VU makes one request at a time. It is
 * a tag and not metadata (`systemTags: vu`), because metadata would be written with every sample of every metric. The
 * converter is k6/holder.
 */
const begun = new Counter("zerodrop_begin");
const ended = new Counter("zerodrop_end");

type Tags = Record<string, string>;

/** The key under which the converter looks for a failure's message. */
const MESSAGE = "zerodrop_message";

export class Ledger {
  readonly #begin: Tags;
  /** Tags of the answers seen so far: few, and the same again and again. */
  readonly #answered = new Map<string, Tags>();

  /** To be made in the init context, once per VU. */
  constructor(client: string) {
    this.#begin = { client, vu_id: String(__VU) };
  }

  /** To be called immediately before the request. */
  begin(): void {
    begun.add(1, this.#begin);
  }

  /** To be called as soon as it is known what the request came to. */
  end(answer: Answer, status: number, errorCode: number): void {
    if (answer.outcome === "answered") {
      ended.add(1, this.#tagsOf(answer));
      return;
    }
    // Of unbounded variety, so no tag; taken away again, or all later samples of this VU would carry it.
    execution.vu.metrics.metadata[MESSAGE] = answer.message;
    ended.add(1, {
      ...this.#begin,
      cluster: answer.cluster,
      connection: answer.connection,
      error_code: String(errorCode),
      outcome: answer.outcome,
      status: String(status),
      version: answer.version,
    });
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- k6 takes metadata back by deletion only
    delete execution.vu.metrics.metadata[MESSAGE];
  }

  #tagsOf({ cluster, version, connection }: Answer): Tags {
    const key = `${cluster} ${version} ${connection}`;
    let tags = this.#answered.get(key);
    if (tags === undefined) {
      tags = { ...this.#begin, cluster, connection, outcome: "answered", version };
      this.#answered.set(key, tags);
    }
    return tags;
  }
}
