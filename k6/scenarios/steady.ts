/**
 * A client that sends short requests, one after another, on a connection it keeps: at a constant rate (open model), or
 * as fast as it gets answers (closed model).
 */
import { LoadClient } from "../lib/load-client.ts";

const client = new LoadClient("steady");

export default function steady(): void {
  client.post();
}
