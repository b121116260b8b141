/**
 * A client that keeps its connection and asks one thing after another, as someone does who works with the application.
 * While traffic moves it may be answered by either side; once cut over, it must not get the old version again.
 * The ledger records whenever a session is answered by another RayCluster or version than the time before.
 */
import { LoadClient } from "../lib/load-client.ts";

const client = new LoadClient("session", { session: true });

export default function session(): void {
  client.post();
}
