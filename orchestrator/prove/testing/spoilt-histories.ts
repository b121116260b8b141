import type { LedgerLine } from "../../history/ledger.ts";
import type { ObjectSeen, Observation } from "../../history/observation.ts";
import { shiftedLine } from "../spoil/ledger.ts";
import { factsOf } from "./course.ts";
import { cutOff, endedEarly } from "./cut.ts";
import { altered, changedAtMs, closed, failing } from "./hurt.ts";
import { isOf, type Recorded } from "./recorded.ts";

/** Buckets by which a latency is ten times as high (history/ledger.ts). */
const TENFOLD = Math.round(Math.log(10) / Math.log(1.01 / 0.99));
const NO_ANSWER = { status: 0, errorCode: 1212, cluster: "", version: "", connection: "unknown" } as const;
const NO_NAME = {
  status: 200,
  message: "the body does not name version, cluster and replica",
  cluster: "",
  version: "",
};

/** For tests only: what a proof's sabotage makes of the recording of a real upgrade, by the proof's name. */
export const SPOILT_HISTORIES: Readonly<Record<string, (recorded: Recorded) => Recorded>> = {
  "one-wrong-answer-in-10000": (recorded) => failing(recorded, { fromS: 0, every: 10_000 }, NO_NAME),
  "one-reset-in-50000": (recorded) =>
    failing(recorded, { fromS: 40, every: 5000, times: 1 }, { ...NO_ANSWER, message: "connection reset by peer" }),
  "status-503-for-200-ms": (recorded) => failing(recorded, { fromS: 46, toS: 46.2 }, { status: 503, errorCode: 1503 }),
  "stream-truncated": (recorded) =>
    failing(
      recorded,
      { fromS: 1, times: 1, is: isStream },
      { ...NO_ANSWER, message: "unexpected EOF", durationMs: 3000 },
    ),
  "stream-ends-early": (recorded) =>
    failing(recorded, { fromS: 1, times: 1, is: isStream }, { message: "the stream is not whole" }),
  "wrong-body-with-status-200": (recorded) => failing(recorded, { fromS: 46, times: 1 }, NO_NAME),
  "latency-times-10": (recorded) =>
    failing(
      slower(recorded, 1, 4.1),
      { fromS: 1, times: 1, is: ({ client }) => client === "long" },
      { ...NO_ANSWER, outcome: "hanging", durationMs: 21_000 },
    ),
  "answers-2-s-late": (recorded) => {
    const zeroMs = changedAtMs(recorded);
    const late = ({ type, ...line }: Recorded["ledger"][number] & { type: "answered" }, binMs: number) =>
      ({
        type,
        ...line,
        latency: { [String(Math.ceil(Math.log(zeroMs + 3000 - binMs) / Math.log(1.01 / 0.99)))]: line.count },
      }) as const;
    const held = recorded.ledger.filter(
      (line) => line.type === "answered" && line.binMs >= zeroMs + 1000 && line.binMs < zeroMs + 3000,
    );
    const ledger = recorded.ledger.filter((line) => !held.includes(line));
    const at = ledger.findIndex((line) => line.type === "heartbeat" && line.atMs > zeroMs + 3100);
    const told = held.flatMap((line) => (line.type === "answered" ? [late(line, line.binMs)] : []));
    // What waits is not settled.
    const settled = ledger.map((line) =>
      line.type === "heartbeat" && line.atMs >= zeroMs + 1000 && line.atMs <= zeroMs + 3100
        ? { ...line, settledMs: Math.min(line.settledMs, zeroMs + 1000), oldestStartMs: zeroMs + 1000, inFlight: 300 }
        : line,
    );
    return closed({ ...recorded, ledger: [...settled.slice(0, at), ...told, ...settled.slice(at)] });
  },
  "new-connections-refused": (recorded) =>
    failing(
      recorded,
      { fromS: 46, toS: 48, is: ({ connection }) => connection === "new" },
      { ...NO_ANSWER, message: "connection refused" },
    ),
  "kept-connections-reset": (recorded) =>
    failing(
      recorded,
      { fromS: 1, every: 100, times: 10, is: ({ connection }) => connection === "reused" },
      { ...NO_ANSWER, message: "connection reset by peer" },
    ),
  "one-replica-fails": (recorded) =>
    failing(recorded, { fromS: 0, toS: 10, every: 2 }, { status: 500, errorCode: 1500 }),
  "one-request-hangs": (recorded) =>
    failing(recorded, { fromS: 1, times: 1 }, { ...NO_ANSWER, outcome: "hanging", durationMs: 15_000 }),
  "old-version-after-cutover": (recorded) => {
    const { sides, promoted } = factsOf(recorded);
    const fromS = (promoted.wallMs - changedAtMs(recorded)) / 1000 + 2;
    const isNew = ({ cluster }: { cluster: string }): boolean => cluster === sides.new.cluster;
    return altered(recorded, { fromS, every: 50, times: 10, is: isNew }, (line) => [{ ...line, ...sides.old }]);
  },
  "version-label-lies": (recorded) => {
    const { sides } = factsOf(recorded);
    const isNew = ({ cluster }: { cluster: string }): boolean => cluster === sides.new.cluster;
    return altered(recorded, { fromS: 44, every: 20, times: 5, is: isNew }, (line) => [
      { ...line, version: sides.old.version },
    ]);
  },
  "load-stopped-early": (recorded) => endedEarly(recorded, 46.5),
  "ledger-rows-lost": (recorded) => ({
    ...recorded,
    ledger: recorded.ledger.filter((_line, index) => (index + 1) % 100 !== 0),
  }),
  "stamps-3-s-late": (recorded) => ({ ...recorded, ledger: recorded.ledger.map((line) => shiftedLine(line, 3000)) }),
  "stamps-3-s-early": (recorded) => ({ ...recorded, ledger: recorded.ledger.map((line) => shiftedLine(line, -3000)) }),
  "watch-gap-over-transition": (recorded) => deaf(recorded, "RayService", 44.5, 49.5),
  "route-watch-gap": (recorded) => deaf(recorded, "HTTPRoute", 44.5, 49.5),
  "runner-killed": (recorded) => cutOff(recorded, 46.5),
  "answers-without-version": (recorded) => unsteady(failing(recorded, { fromS: -100 }, NO_NAME)),
  "application-fails-from-the-start": (recorded) =>
    unsteady(failing(recorded, { fromS: -100, every: 50 }, { status: 503, errorCode: 1503 })),
  "too-few-requests": thinned,
};

const isStream = ({ client }: { readonly client: string }): boolean => client === "stream";

function slower(recorded: Recorded, fromS: number, toS: number): Recorded {
  return altered(recorded, { fromS, toS, is: ({ client }) => client !== "long" && client !== "stream" }, (line) => [
    {
      ...line,
      latency: Object.fromEntries(
        Object.entries(line.latency).map(([bucket, count]) => [String(Number(bucket) + TENFOLD), count]),
      ),
    },
  ]);
}

/** Without what is told of a kind in between, s since the change; then it is listed anew. */
function deaf(recorded: Recorded, kind: ObjectSeen["kind"], fromS: number, toS: number): Recorded {
  const zeroMs = changedAtMs(recorded);
  const [fromMs, toMs] = [zeroMs + fromS * 1000, zeroMs + toS * 1000];
  const unheard = recorded.history.filter((line) => isOf(line, kind) && line.wallMs >= fromMs && line.wallMs < toMs);
  const last = unheard.at(-1);
  const before = recorded.history.findLast((line) => line.wallMs < toMs);
  if (last === undefined || !isOf(last, kind) || before === undefined)
    throw new Error("There must be something to miss.");
  const at = { wallMs: before.wallMs, monoMs: before.monoMs };
  const anew: Observation[] = [
    { type: "gap", kind, how: "relisted", sinceMonoMs: before.monoMs - (toMs - fromMs), reason: "", ...at },
    { ...last, event: "listed", ...at },
    { type: "synced", kind, resourceVersion: last.resourceVersion, ...at },
  ];
  const history = recorded.history.filter((line) => !unheard.includes(line));
  const index = history.findLastIndex((line) => line.wallMs < toMs) + 1;
  return { ...recorded, history: history.toSpliced(index, 0, ...anew) };
}

/** A warm-up that never was steady, and so no change. */
function unsteady(recorded: Recorded): Recorded {
  const history = recorded.history.flatMap((line): Observation[] => {
    if (line.type === "warm-up-reading") return [{ ...line, failed: 4, streak: 0 }];
    return line.type === "action" && line.action === "warm-up-steady" ? [] : [line];
  });
  return endedEarly({ ...recorded, history }, -0.5);
}

/** Two requests a second in the place of 200, all of the steady kind, which the gateway was not asked about. */
function thinned(recorded: Recorded): Recorded {
  const { plan, summary } = recorded;
  const taken = new Set<number>();
  const kept = recorded.ledger.flatMap((line): LedgerLine[] => {
    if (line.type === "session") return [];
    if (line.type === "end") return [{ ...line, clients: only(line.clients) }];
    if (line.type !== "answered") return [line];
    const half = Math.floor(line.binMs / 500);
    if (line.client !== "steady" || taken.has(half)) return [];
    taken.add(half);
    return [{ ...line, count: 1, latency: { [Object.keys(line.latency)[0] ?? "0"]: 1 } }];
  });
  const mix = (plan.load.mix ?? []).filter(({ client }) => client === "steady").map((kind) => ({ ...kind, rate: 2 }));
  const history = recorded.history
    .filter((line) => line.type !== "poll" || line.poll !== "gateway-stats")
    .map((line) => (line.type === "warm-up-reading" ? { ...line, requests: 2 } : line));
  const load = { ...plan.load, rate: 2, mix };
  const thin = closed({ ...recorded, history, ledger: kept, plan: { ...plan, clients: ["steady"], load } });
  const end = thin.ledger.find((line) => line.type === "end");
  const requests = summary?.metrics["http_reqs"];
  if (end === undefined || summary === undefined || requests === undefined)
    throw new Error("The recording must be whole.");
  const metrics = { ...summary.metrics, http_reqs: { ...requests, values: { count: end.httpReqs ?? 0 } } };
  return { ...thin, summary: { ...summary, metrics } };
}

function only<T>(clients: Readonly<Record<string, T>> = {}): Record<string, T> {
  return Object.fromEntries(Object.entries(clients).filter(([client]) => client === "steady"));
}
