import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "../kube/kube.ts";
import { Trimmer } from "./trim.ts";

const SECRET = "hunter2";

function rayService(generation: number, extra: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: "ray.io/v1",
    kind: "RayService",
    metadata: {
      name: "s",
      uid: "u",
      generation,
      managedFields: [{ manager: "m" }],
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": SECRET, kept: "yes" },
    },
    spec: {
      serveConfigV2: `applications:\n  - runtime_env:\n      env_vars: { PASSWORD: ${SECRET} }\n`,
      template: {
        containers: [
          {
            env: [
              { name: "PASSWORD", value: SECRET },
              { name: "POD", valueFrom: { fieldRef: 1 } },
            ],
          },
        ],
      },
    },
    status: { condition: generation },
    ...extra,
  };
}

void test("no environment value, managed field or last applied configuration gets through; names and sources do", () => {
  const text = JSON.stringify(new Trimmer("RayService").trim(rayService(1), "listed"));
  assert.ok(!text.includes(SECRET), text);
  assert.ok(!text.includes("managedFields"));
  assert.match(text, /"kept":"yes"/);
  assert.match(text, /"name":"PASSWORD","value":"<redacted>"/);
  assert.match(text, /valueFrom/);
});

void test("a serve config without environment values stays letter for letter", () => {
  const text = "applications:   # spaced\n  - name: a\n";
  const trimmed = new Trimmer("RayService").trim(rayService(1, { spec: { serveConfigV2: text } }), "listed");
  assert.deepEqual(trimmed["spec"], { serveConfigV2: text });
});

void test("a spec is told once per generation, a status each time, and a recreated object's spec anew", () => {
  const trimmer = new Trimmer("RayService");
  const told = [rayService(1), rayService(1), rayService(2)].map((object) => trimmer.trim(object, "modified"));
  assert.deepEqual(
    told.map((object) => "spec" in object),
    [true, false, true],
  );
  assert.ok(told.every((object) => "status" in object));
  const again = { ...rayService(2), metadata: { ...rayService(2).metadata, uid: "other" } };
  assert.ok("spec" in trimmer.trim(again, "added"));
});

void test("an object without a generation tells its spec when the spec is another one", () => {
  const trimmer = new Trimmer("Pod");
  const pod = (nodeName: string): KubeObject => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", uid: "u" },
    spec: { nodeName },
  });
  const told = [pod(""), pod("n"), pod("n")].map((object) => "spec" in trimmer.trim(object, "modified"));
  assert.deepEqual(told, [true, true, false]);
});

void test("routes are whole in every line: the weights of a line must not have to be looked for in an earlier one", () => {
  const trimmer = new Trimmer("HTTPRoute");
  const route = {
    apiVersion: "g",
    kind: "HTTPRoute",
    metadata: { name: "r", uid: "u", generation: 1 },
    spec: { a: 1 },
  };
  assert.ok([1, 2].every(() => "spec" in trimmer.trim(route, "modified")));
});
