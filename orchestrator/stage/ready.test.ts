import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../kube/kube.ts";
import {
  activeClusterIfReady,
  addressIfProgrammed,
  describeGateway,
  describeRayService,
  routeIfAccepted,
} from "./ready.ts";

const object = (status: unknown): KubeObject => ({ apiVersion: "x", kind: "X", metadata: { name: "n" }, status });
const condition = (type: string, status = "True") => ({ type, status, reason: "R" });

void test("a RayService with an active cluster that is not Ready is not ready, nor one that is Ready without a cluster", () => {
  const activeServiceStatus = { rayClusterName: "c" };
  assert.equal(activeClusterIfReady(undefined), undefined);
  assert.equal(
    activeClusterIfReady(object({ activeServiceStatus, conditions: [condition("Ready", "False")] })),
    undefined,
  );
  assert.equal(activeClusterIfReady(object({ conditions: [condition("Ready")] })), undefined);
  assert.equal(activeClusterIfReady(object({ activeServiceStatus, conditions: [condition("Ready")] })), "c");
});

void test("an address counts only when the gateway behind it is programmed", () => {
  const addresses = [{ type: "IPAddress", value: "198.19.0.7" }];
  assert.equal(addressIfProgrammed(object({ addresses, conditions: [condition("Programmed", "False")] })), undefined);
  assert.equal(addressIfProgrammed(object({ addresses, conditions: [condition("Programmed")] })), "198.19.0.7");
});

void test("a route whose backends are not resolved is not accepted", () => {
  const parents = (...conditions: unknown[]) => object({ parents: [{ conditions }] });
  assert.equal(routeIfAccepted(parents(condition("Accepted"))), undefined);
  assert.equal(routeIfAccepted(parents(condition("Accepted"), condition("ResolvedRefs"))), true);
});

void test("what is not ready says why: the application's own message, and what a missing Gateway may mean", () => {
  const applicationStatuses = { app: { status: "DEPLOY_FAILED", message: "No module named x" } };
  const text = describeRayService(object({ pendingServiceStatus: { rayClusterName: "c", applicationStatuses } }));
  assert.match(text, /RayCluster c; no conditions yet; application app DEPLOY_FAILED No module named x/);
  assert.match(describeGateway(undefined), /RayServiceIncrementalUpgrade/);
});
