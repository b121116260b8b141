import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { PROXY_SELECTOR, proxyObjects } from "./manifests.ts";

const REQUEST = {
  runId: "run-1",
  namespace: "zerodrop",
  image: "zerodrop.local/saboteur:1",
  upstream: "http://10.0.0.7:8080",
};
const { deployment, service } = proxyObjects(REQUEST);

const labels = z.record(z.string(), z.string());
const ports = z.array(z.looseObject({ name: z.string() }));
/** What the namespace's Pod Security level, restricted, asks for, and what a proxy has no need of. */
const deploymentSchema = z.looseObject({
  spec: z.looseObject({
    replicas: z.literal(1),
    selector: z.object({ matchLabels: labels }),
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.looseObject({
        automountServiceAccountToken: z.literal(false),
        securityContext: z.looseObject({
          runAsNonRoot: z.literal(true),
          runAsUser: z.number().min(1),
          seccompProfile: z.strictObject({ type: z.literal("RuntimeDefault") }),
        }),
        containers: z.tuple([
          z.looseObject({
            image: z.literal(REQUEST.image),
            command: z.array(z.string()),
            ports,
            readinessProbe: z.looseObject({ httpGet: z.object({ path: z.literal("/healthz"), port: z.string() }) }),
            securityContext: z.strictObject({
              allowPrivilegeEscalation: z.literal(false),
              readOnlyRootFilesystem: z.literal(true),
              capabilities: z.strictObject({ drop: z.tuple([z.literal("ALL")]) }),
            }),
            resources: z.object({
              requests: z.strictObject({ cpu: z.literal("200m"), memory: z.literal("32Mi") }),
              limits: z.looseObject({ cpu: z.undefined().optional() }),
            }),
          }),
        ]),
      }),
    }),
  }),
});
const read = deploymentSchema.parse(deployment);
const [container] = read.spec.template.spec.containers;

void test("the pod is as restricted as the namespace asks for, and never throttled (defect: a pod that is refused, or that slows clients down by itself)", () => {
  assert.deepEqual(container.command, ["/saboteur", "-listen=:8000", "-admin=:8001", "-upstream=http://10.0.0.7:8080"]);
});

void test("everything carries the run's labels and its own (defect: what a killed run left is not found, or the load's pods are taken for the proxy)", () => {
  const ours = {
    "app.kubernetes.io/managed-by": "zerodrop",
    "zerodrop.dev/run": "run-1",
    "app.kubernetes.io/name": "zerodrop-saboteur",
  };
  for (const object of [deployment, service]) {
    assert.deepEqual(object.metadata.labels, ours);
    assert.equal(object.metadata.namespace, "zerodrop");
  }
  assert.deepEqual(read.spec.template.metadata.labels, ours);
  assert.equal(PROXY_SELECTOR, "app.kubernetes.io/name=zerodrop-saboteur");
});

void test("the Service sends clients to the port of the proxy's pod, and readiness is asked of the other one (defect: a refusal on purpose takes the pod out of its Service)", () => {
  const { spec } = z
    .looseObject({ spec: z.object({ selector: labels, ports: z.tuple([z.looseObject({ targetPort: z.string() })]) }) })
    .parse(service);
  assert.deepEqual(spec.selector, read.spec.selector.matchLabels);
  for (const [key, value] of Object.entries(spec.selector)) {
    assert.equal(read.spec.template.metadata.labels[key], value);
  }
  const [clients] = spec.ports;
  assert.ok(container.ports.some(({ name }) => name === clients.targetPort));
  assert.ok(container.ports.some(({ name }) => name === container.readinessProbe.httpGet.port));
  assert.notEqual(container.readinessProbe.httpGet.port, clients.targetPort);
});
