import { post } from "./request.js";

export { handleSummary, options } from "./request.js";

export default function () {
  post();
}
