/**
 * A client whose answer takes its time, so that requests are in flight over every step, over the promotion and when the old side is
 * deleted: the replica that took one must be let finish it.
 */
import { LoadClient } from "../lib/load-client.ts";

const ANSWER_MS = 6000;

const client = new LoadClient("long", { path: `/?delay_ms=${String(ANSWER_MS)}` });

export default function long(): void {
  client.post();
}
