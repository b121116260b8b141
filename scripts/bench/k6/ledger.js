import http from "k6/http";
import { Client } from "k6/x/ledger";
import { request, url } from "./request.js";

export { handleSummary, options } from "./request.js";

const client = new Client("bench", { requestTimeoutMs: request.timeout, post: http.post });

export default function () {
  client.post(url, null, request);
}
