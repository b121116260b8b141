import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLIENT_KINDS, clientMix } from "../../orchestrator/plan/clients.ts";
import { Lines } from "./lines.ts";
import { LocalKube } from "./local-kube.ts";
import { assertAccounted, client, requestFor, start } from "./observed-load.ts";
import { programs } from "./programs.ts";
import { Target, type Arrival, type Behaviour } from "./target.ts";

const connectionsOf = (arrivals: readonly Arrival[]): Set<number> =>
  new Set(arrivals.map(({ connection }) => connection));

describe("the kinds of clients in real k6", { timeout: 90_000 }, () => {
  // Would catch: a kind that does not run beside others, is answered and counted under another's name, or whose connections are not what
  // it is there for: a fresh client on a kept connection above all.
  it("all run in one load, each on connections of its kind", async () => {
    await using target = await Target.start();
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    const mix = clientMix({ kinds: CLIENT_KINDS, rate: 100, requestTimeoutMs: 4_000, vus: 20 });
    await using load = await start(kube, requestFor(target, { clients: mix }), lines);
    await lines.until("two answers of each kind", () =>
      CLIENT_KINDS.every((kind) => lines.answeredBy({ client: kind }) >= 2),
    );
    const { end, summary } = await load.stop();
    assertAccounted(lines, end, summary);
    assert.deepEqual(lines.failed, []);
    assert.equal(end.dropped, 0);
    assert.deepEqual(Object.keys(end.clients ?? {}).sort(), [...CLIENT_KINDS].sort());
    for (const kind of ["steady", "session", "burst"]) {
      const opened = lines.answeredBy({ client: kind, connection: "new" });
      const kept = lines.answeredBy({ client: kind, connection: "reused" });
      const part = mix.find((each) => each.client === kind);
      assert.ok(
        part !== undefined && opened >= 1 && opened <= part.vus * part.requestsPerIteration && kept > 0,
        `${kind}: ${String(opened)} requests on new connections, ${String(kept)} on kept ones`,
      );
    }
    assert.equal(lines.answeredBy({ client: "fresh", connection: "reused" }), 0);
    const fresh = target.arrivals.filter(({ closes }) => closes);
    const others = connectionsOf(target.arrivals.filter(({ closes }) => !closes));
    assert.ok(fresh.length > 20, `${String(fresh.length)} requests of fresh clients`);
    assert.equal(connectionsOf(fresh).size, fresh.length, "each has a connection of its own");
    assert.ok(
      fresh.every(({ connection }) => !others.has(connection)),
      "no other client has it",
    );
    // What an answer takes by design is in its latency, and not in anyone else's.
    const slowest = lines.all.flatMap((line) =>
      line.type === "answered" ? [[line.client, Math.max(...Object.keys(line.latency).map(Number))] as const] : [],
    );
    const bucketsOf = (kind: string): number[] => slowest.flatMap(([each, bucket]) => (each === kind ? [bucket] : []));
    assert.ok(Math.min(...bucketsOf("long")) >= bucketOf(6_000) && Math.max(...bucketsOf("long")) < bucketOf(7_000));
    assert.ok(
      Math.min(...bucketsOf("stream")) >= bucketOf(3_000) && Math.max(...bucketsOf("stream")) < bucketOf(4_000),
    );
    assert.ok(Math.max(...bucketsOf("steady")) < bucketOf(3_000));
  });

  // Would catch: a burst that is sent one after another, on one connection, or timed together.
  it("sends a burst at once, each request on a connection of its own, which it keeps", async () => {
    await using target = await Target.start(() => ({ delayMs: 300 }));
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    const burst = client("burst", { rate: 40, requestsPerIteration: 40, vus: 1 });
    await using load = await start(kube, requestFor(target, { clients: [burst] }), lines);
    await lines.until("three bursts", () => lines.answered >= 120);
    const { end, summary } = await load.stop();
    assertAccounted(lines, end, summary);
    assert.deepEqual(lines.failed, []);
    for (let first = 0; first < 120; first += 40) {
      const arrivals = target.arrivals.slice(first, first + 40);
      const times = arrivals.map(({ atMs }) => atMs);
      const within = Math.max(...times) - Math.min(...times);
      assert.ok(within < 250, `the burst's requests arrived within ${within.toFixed(0)} ms`);
      assert.equal(connectionsOf(arrivals).size, 40);
    }
    assert.equal(connectionsOf(target.arrivals).size, 40, "the second burst goes over the first one's connections");
    for (const line of lines.all) {
      if (line.type !== "answered") continue;
      assert.ok(Math.max(...Object.keys(line.latency).map(Number)) < bucketOf(600), "an answer was timed with others");
    }
  });

  // Would catch: a session whose return to the old version goes unseen, or that is told on every answer.
  it("tells whenever a session is answered by another version than before", async () => {
    const script = ["v1", "v1", "v2", "v2", "v1", "v2"];
    await using target = await Target.start((index) => ({ version: script[index] ?? "v2" }));
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    const session = client("session", { model: "closed", rate: null, vus: 1 });
    await using load = await start(kube, requestFor(target, { clients: [session], versions: ["v1", "v2"] }), lines);
    await lines.until("ten answers", () => lines.answered >= 10);
    const { end, summary } = await load.stop();
    assertAccounted(lines, end, summary);
    const switches = lines.all.filter((line) => line.type === "session");
    assert.deepEqual(
      switches.map(({ client, fromVersion, version }) => `${client}: ${fromVersion} to ${version}`),
      ["session: v1 to v2", "session: v2 to v1", "session: v1 to v2"],
    );
    for (const [index, arrival] of [2, 4, 5].entries()) {
      const lateMs = (target.arrivals[arrival]?.atMs ?? 0) - (switches[index]?.startMs ?? 0);
      assert.ok(
        lateMs > -1 && lateMs < 100,
        `switch ${String(index)} is dated ${lateMs.toFixed(1)} ms before its arrival`,
      );
    }
    assert.equal(connectionsOf(target.arrivals).size, 1, "a session keeps its connection");
  });

  // Would catch: applications of which one is left out, asked more often than the other, or whose answers are not looked at.
  it("asks several applications in turn, and looks at the answers of each", async () => {
    await using target = await Target.start((_index, path) =>
      path === "/second/stream" ? "short-stream" : path === "/second/large" ? "wrong-payload" : "answer",
    );
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    const clients = [
      client("steady", { vus: 1 }),
      client("burst", { rate: 8, requestsPerIteration: 4, vus: 1 }),
      client("large", { rate: 4, vus: 1 }),
      client("stream", { rate: 1, vus: 10, requestTimeoutMs: 5_000, holdsMs: 3_000 }),
    ];
    const { url, host } = requestFor(target).target;
    const routes = ["/", "/second/"];
    const request = requestFor(target, { clients, target: { url, ...(host !== undefined && { host }), routes } });
    await using load = await start(kube, request, lines);
    const failed = (kind: string) => lines.failed.filter((each) => each.client === kind);
    await lines.until("failures of both kinds, and answers", () => {
      return failed("large").length >= 2 && failed("stream").length >= 1 && lines.answeredBy({ client: "large" }) >= 2;
    });
    const { end, summary } = await load.stop();
    assertAccounted(lines, end, summary);
    assert.deepEqual([...new Set(lines.failed.map((each) => `${each.client}: ${each.message}`))].sort(), [
      "large: the payload does not match its checksum",
      "stream: the stream was truncated after 7 of 16 chunks",
    ]);
    const short = target.arrivals.filter(({ path }) => path === "/" || path === "/second/");
    const second = short.filter(({ path }) => path === "/second/").length;
    // Each VU asks in turn; of a burst as many go to either.
    assert.ok(Math.abs(short.length - 2 * second) <= 2, `${String(second)} of ${String(short.length)} to the second`);
  });

  const ways: readonly [kind: string, behaviour: Behaviour, message: RegExp][] = [
    ["stream", "short-stream", /^the stream was truncated after 7 of 16 chunks$/],
    ["stream", "broken-stream", /EOF/],
    ["large", "wrong-payload", /^the payload does not match its checksum$/],
    ["large", "cut-request", /^of 65536 bytes sent, 65535 were received$/],
    ["large", "no-json", /^the body is no JSON object$/],
    ["fresh", "reset", /EOF|reset/],
    ["burst", "status-503", /^status 503$/],
    ["long", "hang", /^request timeout$/],
  ];
  for (const [kind, behaviour, message] of ways) {
    // Would catch: an answer that is whole for HTTP, and not what was asked for, taken for good; or good ones taken for bad.
    it(`tells what is wrong with an answer of a ${kind} client: ${behaviour as string}`, async () => {
      await using target = await Target.start((index) => (index === 1 ? behaviour : "answer"));
      await using kube = await LocalKube.start(await programs());
      const lines = new Lines();
      const requestsPerIteration = kind === "burst" ? 4 : 1;
      const holdsMs = kind === "long" ? 6_000 : kind === "stream" ? 3_000 : 0;
      const only = client(kind, {
        rate: 4,
        requestsPerIteration,
        vus: 40,
        requestTimeoutMs: 2_000 + holdsMs,
        holdsMs,
      });
      await using load = await start(kube, requestFor(target, { clients: [only] }), lines);
      await lines.until("the failure, and answers", () => lines.failed.length > 0 && lines.answered >= 3);
      const { end, summary } = await load.stop();
      assertAccounted(lines, end, summary);
      const [failed] = lines.failed;
      assert.equal(lines.failed.length, 1);
      assert.match(failed?.message ?? "", message);
      assert.deepEqual([failed?.client, failed?.outcome], [kind, behaviour === "hang" ? "hanging" : "failed"]);
      // Who answered is known from a body that is whole in its first line.
      const whole = ["short-stream", "wrong-payload", "cut-request"].includes(behaviour as string);
      assert.deepEqual([failed?.cluster, failed?.version], whole ? ["app-v1", "v1"] : ["", ""]);
    });
  }
});

/** The ledger's histogram bucket of a latency, see orchestrator/history/ledger.ts. */
function bucketOf(ms: number): number {
  return Math.ceil(Math.log(ms) / Math.log(1.01 / 0.99));
}
