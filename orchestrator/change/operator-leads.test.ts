import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../kube/kube.ts";
import { FaultyApiServer, lists, watches } from "../kube/testing/api-server.ts";
import { DeadlineError, SetUpError } from "../plan/errors.ts";
import { waitOperatorLeads } from "./operator-leads.ts";

const operator = (name: string, ending = false): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    ...{ name, namespace: "kuberay-system", uid: name },
    ...(ending ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
  },
});
const heldBy = (holderIdentity: string): KubeObject => ({
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { name: "ray-operator-leader", namespace: "kuberay-system", resourceVersion: "2" },
  spec: { holderIdentity },
});

/** A server with these pods of the operator, whose lease is first held by the first and then by the second of these. */
function held(pods: KubeObject[], first: KubeObject | undefined, then?: KubeObject): Promise<FaultyApiServer> {
  return FaultyApiServer.start(
    lists("pods", { version: "1", items: pods }),
    lists("leases", { version: "1", items: first === undefined ? [] : [first] }),
    watches("leases", (response) => {
      response.writeHead(200);
      response.flushHeaders();
      if (then !== undefined) response.write(`${JSON.stringify({ type: "MODIFIED", object: then })}\n`);
    }),
  );
}

const soon = { deadlineMs: 300 };
const waiting = { deadlineMs: 5_000 };

test("a new operator acts when it has its predecessor's lease (defect: over while nobody reconciles yet)", async () => {
  const pods = [operator("old", true), operator("new")];
  await using early = await held(pods, heldBy("old_1"));
  await assert.rejects(
    waitOperatorLeads(await early.connect(), soon),
    (error) =>
      error instanceof DeadlineError &&
      error.message === 'The operator (new) to act was awaited for 0.3 s; last seen: its lease is held by "old"',
  );
  await using later = await held(pods, heldBy("old_1"), heldBy("new_2"));
  await waitOperatorLeads(await later.connect(), waiting);
});

test("an operator without a lease acts as it is, and without an operator nobody does", async () => {
  await using alone = await held([operator("new")], undefined);
  await waitOperatorLeads(await alone.connect(), waiting);
  await using none = await held([], undefined);
  await assert.rejects(waitOperatorLeads(await none.connect(), waiting), SetUpError);
});
