/**
 * A client that sends several requests at the same moment, each on a connection of its own, and waits for all the answers: what a page does
 * that needs several things, or a queue that is emptied in batches.
 */
import http from "k6/http";
import { LoadClient } from "../lib/load-client.ts";

const client = new LoadClient("burst");

export default function burst(): void {
  const { ledger, params, part } = client;
  const requests = Array.from({ length: part.requestsPerIteration }, () => ({
    method: "POST",
    url: client.nextUrl(),
    params,
  }));
  const tokens = requests.map(() => ledger.begin());
  const answers = http.batch(requests);
  const outcomes = answers.map((answer, index) => ledger.endTimed(tokens[index] ?? 0, answer));
  client.after(outcomes.find((outcome) => outcome !== "answered") ?? "answered");
}
