import assert from "node:assert/strict";
import { test } from "node:test";
import { KubeError } from "./kube.ts";
import { FaultyApiServer, json, pod, TOKEN } from "./testing/api-server.ts";

void test("apply goes out as server-side apply: forced, strict, under our name, never with what was read back", async () => {
  await using server = await FaultyApiServer.start(
    ({ method, body }, response) => method === "PATCH" && json(response, 200, JSON.parse(body)),
  );
  const kube = await server.connect();
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "ns" }, data: { a: "1" } };
  await kube.apply(object);
  const request = server.received.at(-1);
  assert.equal(request?.headers["content-type"], "application/apply-patch+yaml");
  assert.equal(request.url.pathname, "/api/v1/namespaces/ns/configmaps/c");
  assert.deepEqual(Object.fromEntries(request.url.searchParams), {
    fieldManager: "zerodrop",
    force: "true",
    fieldValidation: "Strict",
  });
  await assert.rejects(kube.apply({ ...object, status: {} }), TypeError);
});

void test("patch goes out as JSON Patch, which custom resources take", async () => {
  await using server = await FaultyApiServer.start(
    ({ method }, response) => method === "PATCH" && json(response, 200, pod("p", "2")),
  );
  const kube = await server.connect();
  const ref = { apiVersion: "ray.io/v1", kind: "RayService", name: "s", namespace: "ns" };
  await kube.patch(ref, [{ op: "test", path: "/spec/a", value: 1 }]);
  assert.equal(server.received.at(-1)?.headers["content-type"], "application/json-patch+json");
  assert.equal(server.received.at(-1)?.url.pathname, "/apis/ray.io/v1/namespaces/ns/rayservices/s");
});

void test("absence is an answer, other failures are errors with the server's status and reason", async () => {
  await using server = await FaultyApiServer.start(
    ({ url }, response) =>
      url.pathname.endsWith("/bad") && json(response, 409, { kind: "Status", reason: "Conflict", message: "stale" }),
  );
  const kube = await server.connect();
  const ref = { apiVersion: "v1", kind: "Pod", namespace: "ns" };
  assert.equal(await kube.get({ ...ref, name: "none" }), undefined);
  assert.equal(await kube.delete({ ...ref, name: "none" }), false);
  assert.equal(await kube.logs({ namespace: "ns", name: "none" }), undefined);
  await assert.rejects(kube.get({ ...ref, name: "bad" }), { status: 409, reason: "Conflict" });
});

void test("no message tells a credential, or what the server says about a Secret", async () => {
  const server = await FaultyApiServer.start(({ method, url, body }, response) => {
    return method === "PATCH" && json(response, 422, { kind: "Status", reason: "Invalid", message: url.href + body });
  });
  const kube = await server.connect();
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "ns" }, data: { k: "hush" } };
  await assert.rejects(
    kube.apply(secret),
    (error: KubeError) => error.status === 422 && !error.message.includes("hush"),
  );
  assert.equal(server.received.at(-1)?.headers.authorization, `Bearer ${TOKEN}`);
  await server[Symbol.asyncDispose]();
  await assert.rejects(
    kube.serverVersion(),
    (error: KubeError) => error.reason === "Unreachable" && !error.message.includes(TOKEN),
  );
});

void test("a list is read over all its pages and its items know their kind", async () => {
  await using server = await FaultyApiServer.start(({ url }, response) => {
    if (!url.pathname.endsWith("/pods")) return false;
    const { apiVersion: _version, kind: _kind, ...bare } = pod(url.searchParams.has("continue") ? "b" : "a", "1");
    const more = url.searchParams.has("continue") ? {} : { continue: "next" };
    return json(response, 200, { metadata: { resourceVersion: "1", ...more }, items: [bare] });
  });
  const kube = await server.connect();
  const found = await kube.list({ apiVersion: "v1", kind: "Pod" }, { labelSelector: "a=b,c" });
  assert.deepEqual(
    found.map((object) => `${object.kind}/${object.metadata.name}`),
    ["Pod/a", "Pod/b"],
  );
  assert.equal(server.received.at(-1)?.url.searchParams.get("labelSelector"), "a=b,c");
});

void test("a pod proxy request passes body and answer through, and an answer that stays away is a time-out in its time", async () => {
  await using server = await FaultyApiServer.start(({ method, url, body, headers }, response) => {
    if (url.pathname.endsWith("/slow")) return true;
    return json(response, 418, { method, url: url.pathname + url.search, body, type: headers["content-type"] });
  });
  const kube = await server.connect();
  const to = { namespace: "ns", pod: "p", port: 6565, timeoutMs: 5_000 };
  const answer = await kube.podProxy({
    ...to,
    method: "PATCH",
    path: "/v1/status?a=b",
    body: "{}",
    contentType: "application/vnd.api+json",
  });
  assert.equal(answer.status, 418);
  assert.deepEqual(JSON.parse(answer.body), {
    method: "PATCH",
    url: "/api/v1/namespaces/ns/pods/p:6565/proxy/v1/status?a=b",
    body: "{}",
    type: "application/vnd.api+json",
  });
  await assert.rejects(
    kube.podProxy({ ...to, method: "GET", path: "/slow", timeoutMs: 150 }),
    (error: unknown) => error instanceof KubeError && error.reason === "Timeout",
  );
});

void test("a kubelet is asked through the node's proxy, and its answer passed on whatever its status", async () => {
  await using server = await FaultyApiServer.start(
    ({ url }, response) => url.pathname.startsWith("/api/v1/nodes/n%2F1/") && json(response, 403, url.pathname),
  );
  const kube = await server.connect();
  const answer = await kube.nodeProxy({ node: "n/1", path: "/metrics/cadvisor", timeoutMs: 5_000 });
  assert.deepEqual(answer.status, 403);
  assert.equal(JSON.parse(answer.body), "/api/v1/nodes/n%2F1/proxy/metrics/cadvisor");
});

void test("the server's date is that of its own answer; a proxy's refusal, or an answer without a date, tells none", async () => {
  const date = "Tue, 02 Jan 2024 03:04:05 GMT";
  let status = 200;
  let dated = true;
  await using server = await FaultyApiServer.start(({ url }, response) => {
    if (url.pathname !== "/version") return false;
    response.sendDate = false;
    if (dated) response.setHeader("date", date);
    return json(response, status, {});
  });
  const kube = await server.connect();
  assert.equal(await kube.serverDate(), Date.UTC(2024, 0, 2, 3, 4, 5));
  await assert.rejects(kube.serverDate(AbortSignal.abort(new Error("enough"))), /enough/);
  status = 502;
  await assert.rejects(kube.serverDate(), { status: 502 });
  [status, dated] = [200, false];
  await assert.rejects(kube.serverDate(), { reason: "NoDate" });
});

void test("what may be done is asked of the API server, with a subresource and a namespace apart", async () => {
  const allowed = ["pods/log", "namespaces"];
  const reviewed: unknown[] = [];
  await using server = await FaultyApiServer.start(({ method, url, body }, response) => {
    if (method !== "POST" || url.pathname !== "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews") return false;
    const { spec } = JSON.parse(body) as { spec: { resourceAttributes: Record<string, string> } };
    const { resource = "", subresource } = spec.resourceAttributes;
    reviewed.push(spec.resourceAttributes);
    const name = subresource === undefined ? resource : `${resource}/${subresource}`;
    return json(response, 201, { status: { allowed: allowed.includes(name) } });
  });
  const kube = await server.connect();
  const access = { verb: "get", group: "", namespace: "ns" };
  assert.equal(await kube.allowed({ ...access, resource: "pods/log" }), true);
  assert.equal(await kube.allowed({ ...access, resource: "pods" }), false);
  assert.equal(await kube.allowed({ verb: "create", group: "", resource: "namespaces" }), true);
  assert.deepEqual(reviewed, [
    { ...access, resource: "pods", subresource: "log" },
    { ...access, resource: "pods" },
    { verb: "create", group: "", resource: "namespaces" },
  ]);
});
