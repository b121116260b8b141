import assert from "node:assert/strict";
import { test } from "node:test";
import { readGatewayStats } from "../history/gateway-stats.ts";
import { realClock } from "../kube/clock.ts";
import type { ForwardRequest, Kube, Selector } from "../kube/kube.ts";
import { KubeError } from "../kube/kube.ts";
import { pod } from "../kube/testing/api-server.ts";
import { CONTOUR, ENVOY_GATEWAY } from "../plan/gateways.ts";
import { adminNamesOf, adminPaths, readAdmin, type AdminNames } from "./envoy-admin.ts";
import { pollGateway } from "./gateway-stats.ts";
import type { Unstamped } from "./sink.ts";
import { CLUSTERS, CONTOUR_CLUSTERS, CONTOUR_STATS, STATS } from "./testing/envoy-admin.ts";

type Poll = Extract<Unstamped, { type: "poll" }>;
type Answers = { status: number; body: string }[];

const ROUTE = { namespace: "test", name: "app-httproute" };
const EG = namesOf(ENVOY_GATEWAY);

function namesOf(controller: string): AdminNames {
  const names = adminNamesOf(controller);
  assert.ok(names !== undefined);
  return names;
}

const ANSWERS: Answers = [CLUSTERS, STATS].map((answer) => ({ status: 200, body: JSON.stringify(answer) }));

/** A data plane of these pods; each is asked by `forward`. */
function cluster(pods: readonly string[], forward: (request: ForwardRequest) => Promise<Answers>) {
  const asked: ForwardRequest[] = [];
  const kube: Pick<Kube, "list" | "podForward"> = {
    list: (_kind, selector: Selector = {}) => {
      assert.equal(selector.labelSelector, "gateway.envoyproxy.io/owning-gateway-namespace=test");
      return Promise.resolve(pods.map((name) => pod(name, "1")));
    },
    podForward: (request) => {
      asked.push(request);
      return forward(request);
    },
  };
  const seen: Poll[] = [];
  const sink = (line: Unstamped): void => {
    if (line.type === "poll") seen.push(line);
  };
  const signal = AbortSignal.timeout(20_000);
  return {
    kube,
    asked,
    seen,
    parts: { namespace: "test", controller: ENVOY_GATEWAY, route: "app-httproute", sink, clock: realClock, signal },
  };
}

// Would catch: another cluster's or the readiness probe's counts taken for the route's, counts of retried attempts added to the answers, text
// counts or left-out zeros misread.
void test("what a real Envoy tells is read to the count, and nothing beside the route and the listener", () => {
  assert.deepEqual(readAdmin(EG, ROUTE, JSON.stringify(CLUSTERS), JSON.stringify(STATS)), {
    uptimeSeconds: 455,
    downstream: { cx_total: 78, rq_total: 118, rq_active: 0, rq_2xx: 107, rq_4xx: 1, rq_5xx: 9, rq_rx_reset: 1 },
    upstream: {
      cx_connect_fail: 0,
      cx_destroy_remote_with_active_rq: 18,
      rq_total: 111,
      rq_retry: 40,
      rq_retry_success: 28,
      rq_timeout: 0,
      rq_per_try_timeout: 0,
      rq_pending_overflow: 0,
      rq_rx_reset: 0,
      rq_tx_reset: 0,
      rq_2xx: 65,
      rq_4xx: 0,
      rq_5xx: 6,
    },
    hosts: [
      {
        address: "198.18.0.9",
        health: "HEALTHY",
        counts: { cx_active: 2, cx_connect_fail: 0, rq_total: 17, rq_success: 3, rq_error: 14, rq_timeout: 0 },
      },
      {
        address: "198.18.0.10",
        health: "HEALTHY",
        counts: { cx_active: 2, cx_connect_fail: 0, rq_total: 31, rq_success: 27, rq_error: 4, rq_timeout: 0 },
      },
    ],
  });
});

// Would catch: a fresh Envoy, which has no counts of a route nobody has used yet, taken for one that cannot be read; and one that names its
// listeners otherwise taken for one that counted nothing.
void test("counts that are not there yet are 0, but an Envoy without a listener counted nothing that could be compared", () => {
  const fresh = { stats: [{ name: "server.uptime", value: 1 }] };
  assert.throws(() => readAdmin(EG, ROUTE, "{}", JSON.stringify(fresh)), /tells of no listener/);
  const stats = [...fresh.stats, { name: "http.http-10080.downstream_rq_total", value: 0 }];
  const { upstream, hosts } = readAdmin(EG, ROUTE, "{}", JSON.stringify({ stats }));
  assert.deepEqual([upstream.rq_total, hosts], [0, []]);
});

// Would catch: a backend's counts missed or taken for another's, those of another namespace's route or of Contour's own listeners taken for the run's, and a
// sum that falls when a backend leaves the route taken for a new beginning.
void test("Contour's Envoy tells of each backend of the route, and of the Gateway's listener", () => {
  const read = readAdmin(namesOf(CONTOUR), ROUTE, JSON.stringify(CONTOUR_CLUSTERS), JSON.stringify(CONTOUR_STATS));
  assert.deepEqual([read.downstream.rq_total, read.downstream.rq_5xx, read.upstream.rq_total], [320, 3, 318]);
  assert.deepEqual(
    read.clusters?.map(({ name, counts }) => [name, counts.rq_total, counts.cx_connect_fail]),
    [
      ["test_app-a-serve-svc_8000", 200, 0],
      ["test_app-b-serve-svc_8000", 118, 2],
    ],
  );
  assert.deepEqual(
    read.hosts.map(({ address, counts }) => [address, counts.rq_total, counts.rq_error]),
    [
      ["198.18.0.9", 200, 0],
      ["198.18.0.10", 118, 2],
    ],
  );
  assert.equal(readGatewayStats({ tookMs: 1, ...read }).ok, true);
  const [clusters, stats] = adminPaths(namesOf(CONTOUR), ROUTE);
  const filter = (path: string) => new RegExp(new URL(path, "http://envoy").searchParams.get("filter") ?? "");
  assert.ok(filter(clusters).test("test/app-a-serve-svc/8000/da39a3ee5e"));
  assert.ok(!filter(clusters).test("tests/app-a-serve-svc/8000/da39a3ee5e"));
  assert.ok(filter(stats).test("http.http-80.downstream_rq_total"));
  assert.ok(!filter(stats).test("http.envoy-admin.downstream_rq_total"));
});

// Would catch: another gateway's Envoy asked by the names of one that is known, which counts nothing that could be compared.
void test("a gateway whose pods are not known is not asked", async () => {
  const { kube, asked, seen, parts } = cluster(["envoy-1"], () => Promise.resolve(ANSWERS));
  await using poller = await pollGateway(kube, { ...parts, controller: "istio.io/gateway-controller" });
  await poller.poll();
  assert.deepEqual([asked, seen], [[], []]);
});

// Would catch: a name taken as a pattern, so that one route's counts hold another's.
void test("the questions are for this route alone", () => {
  const [clusters, stats] = adminPaths(EG, { namespace: "test", name: "a.b-httproute" });
  const filter = (path: string) => new RegExp(new URL(path, "http://envoy").searchParams.get("filter") ?? "");
  assert.ok(filter(clusters).test("httproute/test/a.b-httproute/rule/0"));
  assert.ok(!filter(clusters).test("httproute/test/a-b-httproute/rule/0"));
  assert.ok(filter(stats).test("cluster.httproute/test/a.b-httproute/rule/0.upstream_rq_5xx"));
  assert.ok(!filter(stats).test("cluster.httproute/test/a.b-httproute/rule/0.retry.upstream_rq_5xx"));
  assert.ok(!filter(stats).test("http.eg-ready-http.downstream_rq_total"));
});

// Would catch: one pod's refusal that costs another's counts, and an observation that the judge cannot read.
void test("each pod of the data plane is a poll of its own, which the judge can read; a refusal is that pod's alone", async () => {
  const forward = ({ pod: name }: ForwardRequest): Promise<Answers> =>
    name === "envoy-1" ? Promise.resolve(ANSWERS) : Promise.reject(new KubeError(403, "HTTP403", "not yours"));
  const { kube, asked, seen, parts } = cluster(["envoy-1", "envoy-2"], forward);
  await using _poller = await pollGateway(kube, parts);
  const [first, second] = seen;
  assert.deepEqual([first?.subject, first?.ok], ["envoy-1", true]);
  const reading = readGatewayStats(first?.data);
  assert.ok(reading.ok);
  assert.equal(reading.view.downstream.rq_total, 118);
  assert.deepEqual(second, {
    type: "poll",
    poll: "gateway-stats",
    subject: "envoy-2",
    ok: false,
    data: { error: "not yours" },
  });
  assert.deepEqual([asked[0]?.namespace, asked[0]?.port], ["ns", 19_000]);
});

// Would catch: an error page read as no counts, and pods that cannot be listed passed over in silence.
void test("an answer that is none is a poll that is not ok, and so is a list that is refused; no pods are no poll", async () => {
  const broken = cluster(["envoy-1"], () => Promise.resolve([{ status: 503, body: "not ready" }]));
  await using _broken = await pollGateway(broken.kube, broken.parts);
  assert.deepEqual(broken.seen[0]?.data, { error: "status 503 of Envoy's admin (not ready)" });

  const refused = cluster([], () => Promise.resolve(ANSWERS));
  const list = () => Promise.reject(new KubeError(403, "Forbidden", "no pods for you"));
  await using _refused = await pollGateway({ ...refused.kube, list }, refused.parts);
  assert.deepEqual(
    refused.seen.map(({ subject, ok, data }) => ({ subject, ok, data })),
    [{ subject: "", ok: false, data: { error: "no pods for you" } }],
  );

  const elsewhere = cluster([], () => Promise.resolve(ANSWERS));
  await using _elsewhere = await pollGateway(elsewhere.kube, elsewhere.parts);
  assert.deepEqual(elsewhere.seen, []);
});

// Would catch: an out-of-turn poll that overtakes one under way (counts would seem to go down), and an end that waits for a pod that is silent.
void test("polls come one after another, and a silent pod does not hold up the end", async () => {
  const waiting: PromiseWithResolvers<Answers>[] = [];
  let silent = false;
  const { kube, asked, seen, parts } = cluster(["envoy-1"], ({ signal }) => {
    if (!silent) return Promise.resolve(ANSWERS);
    const answer = Promise.withResolvers<Answers>();
    signal?.addEventListener("abort", () => {
      answer.reject(new Error("aborted"));
    });
    waiting.push(answer);
    return answer.promise;
  });
  const poller = await pollGateway(kube, parts);
  silent = true;
  const polls = [poller.poll(), poller.poll()];
  await realClock.sleep(0);
  assert.equal(asked.length, 2, "the second one waits for the first");
  waiting[0]?.resolve(ANSWERS);
  await polls[0];
  await realClock.sleep(0);
  assert.deepEqual([asked.length, seen.length], [3, 2]);
  const beganMs = performance.now();
  await poller[Symbol.asyncDispose]();
  await polls[1];
  assert.ok(performance.now() - beganMs < 1_000);
  assert.equal(seen.length, 2, "a question cut off by the end is no refusal");
});
