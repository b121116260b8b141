import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { steadyLoad, planOf, START_MS, NEW, OLD } from "../../orchestrator/checks/testing.ts";
import { bucketOf } from "../../orchestrator/history/histogram.ts";
import type { Observation } from "../../orchestrator/history/observation.ts";
import { expectedStates, stateText } from "../../orchestrator/plan/state.ts";
import { FILES } from "../../orchestrator/recording/format.ts";

/** What a made recording is like, each hour of it. */
export interface Shape {
  readonly hours: number;
  /** Requests a second. */
  readonly rate: number;
  readonly podEventsPerMinute: number;
}

const STRATEGY = { name: "conservative", stepSizePercent: 5, intervalSeconds: 10, maxSurgePercent: 25 };
/** Latencies of a bin spread over so many buckets, as they do on a busy machine. */
const BUCKETS = 25;
const FLUSH_MS = 200;
/** Size of a pod's status in a real recording, bytes. */
const POD_BYTES = 4500;

/**
 * Writes a recording that passes: one conservative upgrade, and load for as long as asked, with rows, polls and pod events as a real
 * recording has them. Resolves to the bytes written. Made data, for measuring how long judging takes; it says nothing about any cluster.
 */
export async function writeLongRecording(directory: string, shape: Shape): Promise<number> {
  const plan = planOf(STRATEGY, { deadlines: { converged: 3_600_000 } });
  const full = { ...plan, load: { ...plan.load, rate: shape.rate, vus: 400 } };
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, FILES.plan), JSON.stringify(full));
  const seconds = shape.hours * 3600;
  const { observations, shares } = upgradeStory(full, seconds);
  const header = (file: string): string => `${JSON.stringify({ schemaVersion: 1, runId: plan.runId, file })}\n`;
  const history = await writeLines(
    join(directory, FILES.history),
    header("history"),
    historyLines(observations, shape, seconds),
  );
  const requests = { count: 0 };
  const ledger = await writeLines(
    join(directory, FILES.ledger),
    header("ledger"),
    ledgerLines(shares, shape, seconds, requests),
  );
  const metrics = {
    http_reqs: { type: "counter", values: { count: requests.count } },
    http_req_failed: { type: "rate", values: {}, thresholds: { "rate<=0": { ok: true } } },
  };
  await writeFile(
    join(directory, FILES.k6Summary),
    JSON.stringify({ state: { testRunDurationMs: seconds * 1000 }, metrics }),
  );
  return history + ledger;
}

interface Share {
  readonly fromMs: number;
  readonly share: number;
}

function upgradeStory(plan: ReturnType<typeof planOf>, seconds: number) {
  const story = steadyLoad(plan).at(10.5).status("100,100|0,0").at(20).endpoints(NEW, 2);
  const shares: Share[] = [{ fromMs: START_MS, share: 0 }];
  let now = 20;
  let traffic = 0;
  let stamp = 12;
  for (const { state, mayBeMerged } of expectedStates(STRATEGY).slice(2, -1)) {
    if (mayBeMerged) continue;
    const to = state.pendingTraffic ?? 0;
    now += to === traffic ? 2 : 11;
    if (to !== traffic) {
      story.at(now).route({ [OLD]: 100 - to, [NEW]: to });
      shares.push({ fromMs: START_MS + now * 1000, share: to / 100 });
      traffic = to;
      stamp = now;
    }
    story.at(now + 0.1).status(stateText(state), { stamp });
  }
  story
    .at(now + 3)
    .status("100,100|-", { active: NEW })
    .route({ [NEW]: 100 })
    .at(now + 5)
    .gone("RayCluster", OLD)
    .gone("EndpointSlice", `${OLD}-slice`)
    .at(now + 35)
    .gone("Pod", "old-worker")
    .gone("Pod", "old-head")
    .at(seconds)
    .action("stop-load")
    .platform()
    .at(seconds + 0.4)
    .action("load-ended")
    .at(seconds + 1)
    .action("record-end");
  return { observations: story.observations, shares };
}

/** The story's lines, and among them pod events, a poll of two dashboards each second, and the RayService's status every two seconds. */
function* historyLines(story: readonly Observation[], shape: Shape, seconds: number): Generator {
  let next = 0;
  const filler = "x".repeat(POD_BYTES - 700);
  const everyMs = 60_000 / shape.podEventsPerMinute;
  for (let ms = 0; ms <= seconds * 1000 + 1000; ms += 100) {
    for (; (story[next]?.monoMs ?? Infinity) <= ms; next += 1) yield story[next];
    if (ms < 11_000 || ms > seconds * 1000) continue;
    const at = { wallMs: START_MS + ms, monoMs: ms };
    if (ms % everyMs < 100) yield podEvent(at, Math.floor(ms / everyMs), filler);
    if (ms % 1000 === 0) for (const subject of [OLD, NEW]) yield dashboard(at, subject);
  }
}

/** A pod that comes, runs, and goes: three events of the same pod. */
function podEvent(at: { wallMs: number; monoMs: number }, index: number, filler: string): unknown {
  const pod = Math.floor(index / 3);
  const event = (["added", "modified", "deleted"] as const)[index % 3];
  const state = { running: { startedAt: "2026-03-14T09:00:00Z" } };
  const containerStatuses = [
    { name: "ray-worker", restartCount: 0, ready: true, state, lastState: {}, containerID: filler },
  ];
  return {
    type: "object",
    ...at,
    kind: "Pod",
    event,
    name: `app-worker-${pod}`,
    uid: `pod-${pod}`,
    resourceVersion: String(1000 + index),
    object: {
      metadata: { labels: { "ray.io/cluster": NEW, "ray.io/node-type": "worker" } },
      status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }], containerStatuses },
    },
  };
}

function dashboard(at: { wallMs: number; monoMs: number }, subject: string): unknown {
  const replicas = [{ replica_id: "a", state: "RUNNING" }];
  const deployments = { app: { status: "HEALTHY", message: "", target_num_replicas: 1, replicas } };
  const data = { target_capacity: 100, applications: { app: { status: "RUNNING", message: "", deployments } } };
  return { type: "poll", ...at, poll: "serve-applications", subject, ok: true, data };
}

/** Two rows for every 100 ms, one a side, and a heartbeat every 200 ms; the split in turn. */
function* ledgerLines(shares: readonly Share[], shape: Shape, seconds: number, requests: { count: number }): Generator {
  let seq = 0;
  let position = 0;
  let owed = 0;
  const perBin = shape.rate / 10;
  const [fromMs, toMs] = [START_MS + 1000, START_MS + seconds * 1000];
  const sum = { failed: 0, hanging: 0 };
  for (let binMs = fromMs; binMs < toMs; binMs += 100) {
    while ((shares[position + 1]?.fromMs ?? Infinity) <= binMs) position += 1;
    owed += perBin * (shares[position]?.share ?? 0);
    const fresh = Math.min(perBin, Math.floor(owed));
    owed -= fresh;
    for (const [cluster, version, count] of [
      [OLD, "v1", perBin - fresh],
      [NEW, "v2", fresh],
    ] as const) {
      if (count > 0) yield { ...answered(binMs, cluster, version, count), seq: (seq += 1) };
    }
    requests.count += perBin;
    if ((binMs - fromMs) % FLUSH_MS !== 100) continue;
    const atMs = binMs + 350;
    const totals = {
      issued: requests.count + 2,
      answered: requests.count,
      ...sum,
      inFlight: 2,
      oldestStartMs: binMs,
      dropped: 0,
    };
    if (atMs < toMs) yield { type: "heartbeat", seq: (seq += 1), atMs, settledMs: binMs + 100, ...totals };
  }
  const end = { issued: requests.count, answered: requests.count, ...sum, interrupted: 0, dropped: 0 };
  yield { type: "end", seq: (seq += 1), atMs: toMs + 300, ...end };
}

function answered(binMs: number, cluster: string, version: string, count: number) {
  const latency: Record<string, number> = {};
  const first = bucketOf(2 + (binMs % 7));
  for (let index = 0; index < count; index += 1) {
    const bucket = String(first + ((index * 7) % BUCKETS));
    latency[bucket] = (latency[bucket] ?? 0) + 1;
  }
  return { type: "answered", binMs, client: "steady", cluster, version, connection: "reused", count, latency };
}

async function writeLines(path: string, header: string, lines: Iterable<unknown>): Promise<number> {
  const file = createWriteStream(path, { highWaterMark: 1 << 20 });
  let bytes = header.length;
  let text = header;
  for (const line of lines) {
    text += `${JSON.stringify(line)}\n`;
    if (text.length < 1 << 18) continue;
    bytes += text.length;
    if (!file.write(text)) await once(file, "drain");
    text = "";
  }
  file.end(text);
  await once(file, "finish");
  return bytes + text.length;
}
