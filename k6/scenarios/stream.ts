/**
 * A client whose answer comes in chunks over some seconds, as that of a language model does. An answer that ends early
 * has failed, even if it ends properly.
 */
import { LoadClient } from "../lib/load-client.ts";
import { flawInStream } from "../lib/stream-body.ts";

/** The first comes at once, so a whole answer takes 3 s. */
const CHUNKS = 16;
const EVERY_MS = 200;

const client = new LoadClient("stream", { path: `/stream?chunks=${String(CHUNKS)}&every_ms=${String(EVERY_MS)}` });

export default function stream(): void {
  client.postAndLook(null, (answer) => flawInStream(answer, CHUNKS));
}
