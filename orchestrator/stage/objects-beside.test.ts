import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../plan/errors.ts";
import { objectsBeside } from "./objects-beside.ts";

const RUN = { runId: "run-1", namespace: "ns" };
const OURS = { "app.kubernetes.io/managed-by": "zerodrop", "zerodrop.dev/run": "run-1" };
const TEXT = `
# A comment before the first document.
---
apiVersion: v1
kind: Secret
metadata:
  name: s
  annotations: { zerodrop.dev/generate: password }
stringData: { user: me }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: d, labels: { own: "yes" } }
spec:
  template:
    metadata: { labels: { app: d } }
`;

void test("objects go where the application is and carry our labels, their pods too (defect: what a killed run left is not found)", () => {
  const { objects, deployments } = objectsBeside(TEXT, RUN);
  assert.deepEqual(
    objects.map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace]),
    [
      ["Secret", "s", "ns"],
      ["Deployment", "d", "ns"],
    ],
  );
  assert.deepEqual(deployments, ["d"]);
  assert.deepEqual(objects[1]?.metadata.labels, { own: "yes", ...OURS });
  assert.deepEqual(objects[1]["spec"], { template: { metadata: { labels: { app: "d", ...OURS } } } });
});

void test("a password is made anew for each run and told, to be kept out of logs (defect: the same password in every run)", () => {
  const [one, other] = [objectsBeside(TEXT, RUN), objectsBeside(TEXT, RUN)];
  const [secret = ""] = one.secrets;
  assert.match(secret, /^[A-Za-z0-9_-]{32}$/);
  assert.notEqual(secret, other.secrets[0]);
  assert.deepEqual(one.objects[0]?.["stringData"], { user: "me", password: secret });
});

void test("without manifests there is nothing beside (defect: an empty document is applied)", () => {
  assert.deepEqual(objectsBeside(undefined, RUN), { objects: [], deployments: [], secrets: [] });
  assert.deepEqual(objectsBeside("# nothing\n", RUN).objects, []);
});

const BAD: readonly [string, string, RegExp][] = [
  ["an object beyond the namespace", "apiVersion: v1\nkind: Namespace\nmetadata: { name: n }", /ConfigMap, Deployment/],
  [
    "an object of another namespace",
    "apiVersion: v1\nkind: Secret\nmetadata: { name: n, namespace: kube-system }",
    /metadata\.namespace is wrong \(must be left out/,
  ],
  ["no YAML", "a: [", /^Object 1 of the variant's manifests must be YAML/],
];
for (const [what, text, sentence] of BAD) {
  void test(`${what} is refused (defect: something stays on the cluster when the namespace has gone)`, () => {
    assert.throws(
      () => objectsBeside(text, RUN),
      (error) => error instanceof UsageError && sentence.test(error.message),
    );
  });
}
