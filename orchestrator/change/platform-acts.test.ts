import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../kube/kube.ts";
import { FaultyApiServer, lists, watches } from "../kube/testing/api-server.ts";
import { DeadlineError } from "../plan/errors.ts";
import { ENVOY_GATEWAY } from "../plan/gateways.ts";
import { waitPlatformActs } from "./platform-acts.ts";

const GATEWAY = { namespace: "ns", controller: ENVOY_GATEWAY };
const SINCE_MS = Date.UTC(2026, 0, 1, 12);
const POD: KubeObject = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "sys", uid: "p" } };
const lease = (name: string, renewTime: string): KubeObject => ({
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { name, namespace: "sys", uid: name, resourceVersion: "2" },
  spec: { holderIdentity: `${name}-1`, renewTime },
});

/** A platform whose leases were renewed then, and one of them again. */
function renewed(leases: KubeObject[], again?: KubeObject): Promise<FaultyApiServer> {
  return FaultyApiServer.start(
    lists("pods", { version: "1", items: [POD] }),
    lists("leases", { version: "1", items: leases }),
    watches("leases", (response) => {
      response.writeHead(200);
      response.flushHeaders();
      if (again !== undefined) response.write(`${JSON.stringify({ type: "MODIFIED", object: again })}\n`);
    }),
  );
}

const BEFORE = "2026-01-01T11:59:59.900000Z";
const AFTER = "2026-01-01T12:00:04.100000Z";

test("controllers act again when all of their leases were renewed (defect: a run that ends while the gateway's controller is started again)", async () => {
  await using server = await renewed([lease("gateway", BEFORE), lease("operator", AFTER)], lease("gateway", AFTER));
  await waitPlatformActs(await server.connect(), GATEWAY, { sinceMs: SINCE_MS, deadlineMs: 5_000 });
});

test("a lease that nobody renews is told with its holder", async () => {
  await using server = await renewed([lease("gateway", BEFORE), lease("operator", AFTER)]);
  await assert.rejects(
    waitPlatformActs(await server.connect(), GATEWAY, { sinceMs: SINCE_MS, deadlineMs: 300 }),
    (error) => error instanceof DeadlineError && error.message.endsWith('last seen: gateway, held by "gateway-1"'),
  );
});
