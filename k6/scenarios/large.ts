/**
 * A client whose requests and answers are large: each passes the gateway's and the proxies' buffers in many pieces, and either checksum
 * says whether they arrived whole and in order.
 */
import { sha256 } from "k6/crypto";
import { flawInLarge, largeText, type LargeBody } from "../lib/large-body.ts";
import { LoadClient } from "../lib/load-client.ts";

const BYTES = 64 * 1024;

const client = new LoadClient("large", { path: `/large?bytes=${String(BYTES)}` });
const checksum = (text: string): string => sha256(text, "hex");

/** Made when a VU first needs it, because the VUs of all kinds of clients run all files. */
let sent: LargeBody | undefined;

function makeBody(): LargeBody {
  const text = largeText(BYTES);
  return { text, sha256: checksum(text) };
}

export default function large(): void {
  const body = (sent ??= makeBody());
  client.postAndLook(body.text, (answer) => flawInLarge(answer, body, checksum));
}
