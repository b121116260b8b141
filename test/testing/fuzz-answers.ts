/** For tests only, imported by fuzz.test.ts: what clusters, kubelets, Envoy, Ray and k6 answer. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readEndpointSlice } from "../../orchestrator/history/endpointslice.ts";
import { readEvent } from "../../orchestrator/history/event.ts";
import { readGatewayStats } from "../../orchestrator/history/gateway-stats.ts";
import { readHttpRoute } from "../../orchestrator/history/httproute.ts";
import { counterOf, k6SummarySchema, thresholdsOf } from "../../orchestrator/history/k6-summary.ts";
import { ledgerLineSchema } from "../../orchestrator/history/ledger.ts";
import { LedgerMerge } from "../../orchestrator/history/merge-ledgers.ts";
import { readPlatformPods } from "../../orchestrator/history/platform-pods.ts";
import { readPod } from "../../orchestrator/history/pod.ts";
import { readRayCluster } from "../../orchestrator/history/raycluster.ts";
import {
  applicationMessages,
  isConditionTrue,
  readRayService,
  rolloutStateOf,
} from "../../orchestrator/history/rayservice.ts";
import type { Reading } from "../../orchestrator/history/reading.ts";
import { readServeApplications } from "../../orchestrator/history/serve-applications.ts";
import { parseJson, readList, readObject, successBody } from "../../orchestrator/kube/answers.ts";
import { followLedger } from "../../orchestrator/load/follow.ts";
import { beginSteady, stepSteady } from "../../orchestrator/load/steady.ts";
import { cpuAccountOf } from "../../orchestrator/record/cadvisor.ts";
import { adminNamesOf, readAdmin } from "../../orchestrator/record/envoy-admin.ts";
import { trimServeApplications } from "../../orchestrator/record/serve-applications.ts";
import { CLUSTERS, STATS } from "../../orchestrator/record/testing/envoy-admin.ts";
import { CONTOUR, ENVOY_GATEWAY } from "../../orchestrator/plan/gateways.ts";
import { isDeeper } from "../../orchestrator/plan/depth.ts";
import { parse } from "../../orchestrator/recording/parse.ts";
import { changed, changes, cuts, cutText, fuzzed, hostile, jsonOf, readOrRefused } from "./fuzz.ts";
import { sampleOf, seenIn } from "./fuzz-samples.ts";

const sample = sampleOf("all-kinds-pass");
const seen = seenIn(sample);

const READERS: Readonly<Record<string, (value: unknown) => Reading<unknown>>> = {
  RayService: (value) => {
    const reading = readRayService(value);
    if (reading.ok) {
      rolloutStateOf(reading.view);
      applicationMessages(reading.view);
      isConditionTrue(reading.view, "Ready");
    }
    return reading;
  },
  RayCluster: readRayCluster,
  HTTPRoute: readHttpRoute,
  Pod: readPod,
  EndpointSlice: readEndpointSlice,
  Event: readEvent,
  "platform-pods": readPlatformPods,
  "gateway-stats": readGatewayStats,
  "serve-applications": readServeApplications,
};
const watched = fc.constantFrom(...Object.entries(READERS)).chain(([kind, reader]) =>
  fc.tuple(fc.constantFrom(...(seen[kind] ?? assert.fail(`nothing seen of ${kind}`))), changes).map(([value, made]) => {
    return { kind, reader, json: jsonOf(changed(value, made)) };
  }),
);

/** What a reader is given of a text: what is no JSON, or nested without end, is refused before it comes to one. */
function valueOf(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return isDeeper(value, 500) ? undefined : value;
  } catch {
    return undefined;
  }
}

fuzzed("what watches and polls tell of", 2000, watched, ({ reader, json }) => {
  const reading = reader(valueOf(json));
  assert.ok(reading.ok || reading.problem !== "");
});

const objects = Object.values(seen).flat();
const answers = fc.constantFrom(...objects).chain((value) =>
  fc.oneof(
    changes.map((made) => jsonOf(changed(value, made))),
    cuts.map((made) => cutText(jsonOf(value), made)),
  ),
);

fuzzed("answers of an API server", 500, answers, async (body) => {
  const kind = { apiVersion: "v1", kind: "Pod" };
  await readOrRefused(() =>
    readObject(successBody({ status: 200, body, date: undefined }, "The answer"), "The answer"),
  );
  await readOrRefused(() => readList(parseJson(body, "The answer"), kind, "The answer"));
  await readOrRefused(() => successBody({ status: 500, body, date: undefined }, "The answer"));
});

/** Readers of polls throw what they like, which is written down as a poll that was not answered; but never a bug. */
function readOrRejected(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof Error && !(error instanceof TypeError || error instanceof RangeError), String(error));
  }
}

const like = (value: unknown): fc.Arbitrary<string> =>
  fc.oneof(
    changes.map((made) => jsonOf(changed(value, made))),
    cuts.map((made) => cutText(JSON.stringify(value), made)),
  );

fuzzed("Envoy's counts", 500, fc.tuple(like(CLUSTERS), like(STATS)), ([clusters, stats]) => {
  for (const controller of [ENVOY_GATEWAY, CONTOUR]) {
    const names = adminNamesOf(controller);
    assert.ok(names !== undefined);
    const application = { namespace: "test", name: "app" };
    readOrRejected(() => readAdmin(names, application, clusters, JSON.stringify(STATS)));
    readOrRejected(() => readAdmin(names, application, JSON.stringify(CLUSTERS), stats));
  }
});

const LABELS = `container="k6",id="/zerodrop/kubepods/burstable/pod1/4f2e",namespace="zerodrop",pod="load-x-abcde"`;
const METRICS = `# TYPE container_cpu_cfs_periods_total counter
container_cpu_cfs_periods_total{${LABELS}} 1200 1700000000123
container_cpu_cfs_throttled_seconds_total{${LABELS}} 1.25 1700000000123
container_cpu_usage_seconds_total{${LABELS},cpu="total"} 56.789 1700000000456
`;
const CONTAINER = { namespace: "zerodrop", pod: "load-x-abcde", container: "k6", id: "4f2e" };
/** Long runs of what an expression may try again from each place. */
const runs = fc
  .tuple(
    fc.constantFrom("a", " ", "\\", '"', '=""', "a=", "{", "}", "\n", "} 1", "-1 "),
    fc.integer({ min: 1, max: 100_000 }),
  )
  .map(([part, times]) => `container_cpu_usage_seconds_total{${part.repeat(times)}} 1`);
const metrics = fc.oneof(
  { weight: 9, arbitrary: cuts.map((made) => cutText(METRICS, made)) },
  { weight: 1, arbitrary: runs },
);

fuzzed("metrics of a kubelet's cAdvisor", 500, metrics, (text) => {
  const account = cpuAccountOf(text, CONTAINER);
  for (const figure of Object.values(account ?? {})) assert.ok(figure === null || Number.isFinite(figure));
});

const details = seen["serve-applications"]?.[0];

fuzzed("what Serve's dashboard says", 300, like(details), (body) => {
  trimServeApplications(body);
});

fuzzed("k6's summaries", 700, like(sample.summary), async (text) => {
  const summary = await readOrRefused(() => parse(k6SummarySchema, text, () => "k6-summary.json"));
  if (summary === undefined) return;
  thresholdsOf(summary);
  for (const metric of ["http_reqs", "dropped_iterations", "__proto__", "toString"]) counterOf(summary, metric);
});

/** The beginning of a ledger, with changes of some of its lines. */
const rows = fc.array(fc.tuple(fc.nat({ max: 40 }), changes), { maxLength: 4 }).map((made) => {
  const lines: unknown[] = sample.ledger.slice(0, 40);
  for (const [at, how] of made) lines[at] = changed(lines[at], how);
  return lines;
});
const POD = { namespace: "zerodrop", name: "load-x", k6Port: 6565, ledgerPort: 6566 };
const clock = { monoMs: () => 0, wallMs: () => 0, sleep: () => Promise.resolve() };

fuzzed(
  "ledgers that pods answer with",
  500,
  fc.tuple(rows, fc.option(cuts), fc.constantFrom(0, 200, 404, 410, 500)),
  async ([lines, cut, last]) => {
    const whole = lines.map((line) => `${jsonOf(line)}\n`).join("");
    const bodies = [cut === null ? whole : cutText(whole, cut)];
    const { signal } = new AbortController();
    const podProxy = (): Promise<{ status: number; body: string }> => {
      const body = bodies.pop();
      return Promise.resolve(
        body === undefined ? { status: last === 200 ? 410 : last, body: "" } : { status: 200, body, date: undefined },
      );
    };
    let clockMs = 0;
    const ticking = { ...clock, monoMs: () => (clockMs += 1) };
    const followed = followLedger({ podProxy }, POD, { clock: ticking, signal, onLine: () => undefined, outageMs: 20 });
    await followed.catch((error: unknown) => {
      assert.ok(error instanceof Error && !(error instanceof TypeError || error instanceof RangeError), String(error));
    });
  },
);

const STEADY = { clients: [{ client: "steady", rate: 10, requestsPerIteration: 1, holdsMs: 0 }], consecutive: 3 };

fuzzed("ledgers of a load that warms up, and of several pods", 500, rows, (lines) => {
  let state = beginSteady(STEADY);
  const merge = new LedgerMerge(2);
  const read = lines.flatMap((line) => ledgerLineSchema.safeParse(valueOf(jsonOf(line))).data ?? []);
  for (const line of read) {
    ({ state } = stepSteady(state, line));
    if (line.type === "end") continue;
    merge.observe(0, line);
    merge.observe(1, line);
  }
  merge.breakOff();
});

fuzzed("values in the place of whole answers", 300, hostile.map(jsonOf), (json) => {
  for (const reader of Object.values(READERS)) reader(valueOf(json));
  trimServeApplications(json);
});
