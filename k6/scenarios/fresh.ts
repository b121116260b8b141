/**
 * A client that opens a connection for every request, as one does that asks now and then: each has to find its way
 * through name resolution, gateway and listener anew.
 *
 * k6 can do without kept connections for a whole load only. But a client that asks for the connection to be closed gets an answer that says
 * so, and Go's HTTP client then closes it. No other kind of client leaves one behind to be used, because a VU belongs to one kind (see
 * optionsFor). The ledger tells by each answer's timing whether its connection was new.
 */
import { LoadClient } from "../lib/load-client.ts";

const client = new LoadClient("fresh", { headers: { Connection: "close" } });

export default function fresh(): void {
  client.post();
}
