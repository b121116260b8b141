import http from "k6/http";
import { request, url } from "./request.js";

export { handleSummary, options } from "./request.js";

export default function () {
  http.post(url, null, request);
}
