import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeError, WatchEvent } from "./kube.ts";
import { FaultyApiServer, json, lists, pod, watches } from "./testing/api-server.ts";

const PODS = { apiVersion: "v1", kind: "Pod" };
const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;

/** Watches pods until `enough` says so, and returns what was told. */
async function told(
  server: FaultyApiServer,
  enough: (events: WatchEvent[]) => boolean,
  parts: { silenceMs?: number } = {},
): Promise<WatchEvent[]> {
  const kube = await server.connect(parts);
  const events: WatchEvent[] = [];
  const stop = new AbortController();
  const timer = setTimeout(() => {
    stop.abort();
  }, 8_000);
  await kube.watch(
    PODS,
    { namespace: "ns" },
    (event) => {
      events.push(event);
      if (enough(events)) stop.abort();
    },
    { signal: stop.signal },
  );
  clearTimeout(timer);
  return events;
}

const summary = (events: WatchEvent[]): string[] =>
  events.map((event) => ("object" in event ? `${event.type} ${event.object.metadata.name}` : event.type));

void test("a closed watch goes on from the last resourceVersion, bookmarks included, and loses nothing", async () => {
  const from: (string | null)[] = [];
  await using server = await FaultyApiServer.start(
    lists("pods", { version: "10", items: [pod("a", "9")] }),
    watches(
      "pods",
      (response, url) => {
        from.push(url.searchParams.get("resourceVersion"));
        response.write(line("ADDED", pod("b", "11")));
        response.end(line("BOOKMARK", { metadata: { resourceVersion: "15" } }));
      },
      (response, url) => {
        from.push(url.searchParams.get("resourceVersion"));
        response.write(line("DELETED", pod("a", "16")));
      },
    ),
  );
  const events = await told(server, (so) => so.at(-1)?.type === "deleted");
  assert.deepEqual(summary(events), ["listed a", "synced", "added b", "gap", "deleted a"]);
  assert.deepEqual(from, ["10", "15"]);
  const gap = events.find((event) => event.type === "gap");
  assert.equal(gap?.how, "resumed");
});

void test("a forgotten resourceVersion, told as a line or as a status, is answered by a relist that is named as one", async () => {
  for (const gone of ["line", "status"] as const) {
    await using server = await FaultyApiServer.start(
      lists("pods", { version: "10", items: [pod("a", "9")] }, { version: "90", items: [pod("c", "80")] }),
      watches("pods", (response) => {
        const status = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" };
        if (gone === "line") response.end(line("ERROR", status));
        else json(response, 410, status);
      }),
    );
    const events = await told(server, (so) => so.filter((event) => event.type === "synced").length === 2);
    assert.deepEqual(summary(events), ["listed a", "synced", "gap", "listed c", "synced"], gone);
    const gap = events.find((event) => event.type === "gap");
    assert.equal(gap?.how, "relisted");
    assert.match(gap.reason, /Expired/);
  }
});

void test("a server error is waited out and a line cut in the middle is not delivered", async () => {
  await using server = await FaultyApiServer.start(
    lists("pods", { version: "10", items: [] }),
    watches(
      "pods",
      (response) => {
        response.write(line("ADDED", pod("whole", "11")));
        response.write(line("ADDED", pod("cut", "12")).slice(0, 40), () => {
          response.destroy();
        });
      },
      (response) => json(response, 500, { kind: "Status", reason: "InternalError", message: "etcd" }),
      (response, url) => {
        response.write(line("ADDED", pod(`from-${url.searchParams.get("resourceVersion") ?? ""}`, "12")));
      },
    ),
  );
  const events = await told(server, (so) => summary(so).some((text) => text.includes("from-")));
  assert.deepEqual(summary(events), ["synced", "added whole", "gap", "added from-11"]);
});

void test("a connection that falls silent is given up and resumed", async () => {
  await using server = await FaultyApiServer.start(
    lists("pods", { version: "10", items: [] }),
    watches(
      "pods",
      (response) => {
        response.writeHead(200);
        response.flushHeaders();
      },
      (response) => {
        response.write(line("ADDED", pod("late", "11")));
      },
    ),
  );
  const events = await told(server, (so) => so.at(-1)?.type === "added", { silenceMs: 200 });
  const gap = events.find((event) => event.type === "gap");
  assert.match(gap?.reason ?? "", /nothing came for 0.2 s/);
  assert.ok((gap?.forMs ?? 0) >= 200, "the gap must reach back to the last sign of life");
});

void test("a server that stays away longer than the outage allowed rejects, saying so", async () => {
  await using server = await FaultyApiServer.start(
    ({ url }, response) => url.pathname.endsWith("/pods") && json(response, 503, { kind: "Status", reason: "Down" }),
  );
  const kube = await server.connect();
  await assert.rejects(
    kube.watch(PODS, {}, () => undefined, { signal: AbortSignal.timeout(8_000), outageMs: 300 }),
    (error: KubeError) => error.status === 503 && /no answer for 0 s.*Down/.test(error.message),
  );
});

void test("what a second try cannot change rejects at once: forbidden, or a kind the server does not have", async () => {
  await using server = await FaultyApiServer.start(
    ({ url }, response) =>
      url.pathname.endsWith("/pods") && json(response, 403, { kind: "Status", reason: "Forbidden" }),
  );
  const kube = await server.connect();
  const options = { signal: AbortSignal.timeout(8_000) };
  await assert.rejects(
    kube.watch(PODS, {}, () => undefined, options),
    { name: "KubeError", status: 403 },
  );
  await assert.rejects(
    kube.watch({ apiVersion: "ray.io/v1", kind: "RayCron" }, {}, () => undefined, options),
    { name: "KubeError", reason: "UnknownKind" },
  );
});

void test("a listener's own error ends the watch instead of being retried as a failed connection", async () => {
  await using server = await FaultyApiServer.start(
    lists("pods", { version: "10", items: [] }),
    watches("pods", (response) => {
      response.write(line("ADDED", pod("a", "11")));
    }),
  );
  const kube = await server.connect();
  const watching = kube.watch(
    PODS,
    {},
    (event) => {
      if (event.type === "added") throw new RangeError("ours");
    },
    { signal: AbortSignal.timeout(8_000) },
  );
  await assert.rejects(watching, RangeError);
});
