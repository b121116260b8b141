import type { KubeObject } from "../../kube/kube.ts";
import { FaultyApiServer, lists, watches } from "../../kube/testing/api-server.ts";

/** For tests only: a server that lists the first state of a RayService, if there is one, and tells the others one by one. */
export async function telling(...states: KubeObject[]): Promise<FaultyApiServer> {
  const [first, ...rest] = states;
  return FaultyApiServer.start(
    lists("rayservices", { version: "1", items: first === undefined ? [] : [first] }),
    watches("rayservices", (response) => {
      response.writeHead(200);
      response.flushHeaders();
      for (const object of rest) response.write(`${JSON.stringify({ type: "MODIFIED", object })}\n`);
    }),
  );
}
