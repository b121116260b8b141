import { Client } from "k6/x/ledger";
import { post } from "./request.js";

export { handleSummary, options } from "./request.js";

const client = new Client("bench", { requestTimeoutMs: Number(__ENV.BENCH_TIMEOUT_MS) });

export default function () {
  const token = client.begin();
  client.end(token, post());
}
