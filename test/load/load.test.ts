import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { thresholdsOf } from "../../orchestrator/history/k6-summary.ts";
import { beginSteady, stepSteady } from "../../orchestrator/load/steady.ts";
import { realClock } from "../../orchestrator/kube/clock.ts";
import { recordK6PodClock } from "../../orchestrator/record/clocks.ts";
import type { Unstamped } from "../../orchestrator/record/sink.ts";
import { DeadlineError, SetUpError } from "../../orchestrator/plan/errors.ts";
import { Lines } from "./lines.ts";
import { LocalKube } from "./local-kube.ts";
import { assertAccounted, client, requestFor, start } from "./observed-load.ts";
import { programs } from "./programs.ts";
import { Target, type Behaviour } from "./target.ts";

describe("a load of real k6 and real ledger holder", { timeout: 90_000 }, () => {
  // Would catch: anything between the scenario and the runner that loses, doubles or misdates a request.
  it("becomes steady at the planned rate, is stopped on purpose, and accounts for every request", async () => {
    await using target = await Target.start();
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    await using load = await start(kube, requestFor(target), lines);
    const client = { client: "steady", rate: 50, requestsPerIteration: 1, holdsMs: 0 };
    let steady = beginSteady({ clients: [client], consecutive: 3 });
    let seen = 0;
    await lines.until("three steady seconds", () => {
      for (; seen < lines.all.length; seen += 1) {
        const line = lines.all[seen];
        if (line !== undefined) steady = stepSteady(steady, line).state;
      }
      return steady.isSteady;
    });
    const { end, summary, exitCode } = await load.stop();

    assert.equal(exitCode, 103);
    const data = assertAccounted(lines, end, summary);
    assert.equal(end.failed + end.hanging + end.dropped, 0);
    assert.ok(end.answered > 150, `${String(end.answered)} answered`);
    assert.deepEqual(
      thresholdsOf(data).filter(({ ok }) => !ok),
      [],
    );
    assert.ok(target.arrivals.every(({ host }) => host === "app.example"));
    // Each VU opened one connection and kept it.
    const fresh = lines.answeredBy({ connection: "new" });
    assert.ok(fresh >= 1 && fresh <= 10, `${String(fresh)} new connections by 10 VUs`);
    for (const line of lines.all) {
      if (line.type === "answered")
        assert.deepEqual([line.client, line.cluster, line.version], ["steady", "app-v1", "v1"]);
    }
    // The pod completes by itself once it is acknowledged, and disposing takes everything away.
    await load[Symbol.asyncDispose]();
    assert.deepEqual(kube.deleted.toSorted(), ["ConfigMap", "Job"]);
    assert.equal(kube.applied.get("ConfigMap")?.metadata["ownerReferences"] instanceof Array, true);
  });

  // Would catch: a run that passes because a stop by REST hides crossed thresholds behind its own exit code.
  it("says 103 when stopped, and in the summary that a threshold was crossed", async () => {
    await using target = await Target.start((index) => (index === 20 ? "status-503" : "answer"));
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    await using load = await start(kube, requestFor(target, { versions: ["v1", "v2"] }), lines);
    await lines.until("the failure", () => lines.failed.length > 0 && lines.answered > 60);
    const { end, summary, exitCode } = await load.stop();

    assert.equal(exitCode, 103);
    const data = assertAccounted(lines, end, summary);
    const crossed = thresholdsOf(data)
      .filter(({ ok }) => !ok)
      .map(({ metric, expression }) => `${metric}: ${expression}`);
    assert.deepEqual(crossed, [
      "http_req_failed: rate<=0",
      // v2 never answered: a version that is misspelt would look the same.
      "zerodrop_answers{outcome:answered,version:v2}: count>0",
    ]);
    assert.deepEqual(
      lines.failed.map(({ status, errorCode, message }) => ({ status, errorCode, message })),
      [{ status: 503, errorCode: 1503, message: "status 503" }],
    );
    assert.match((await kube.logs({ container: "k6" })) ?? "", /CROSSED {2}http_req_failed: rate<=0/);
  });

  // Would catch: a failure taken for an answer, in whatever way it fails, or sent again unseen by k6's HTTP client; one
  // dated at its end; a client that spins.
  it("tells each kind of failure, dates it at its start, and pauses after it in the closed model", async () => {
    const failures = ["status-503", "redirect", "no-json", "no-replica", "truncated", "reset", "hang"] as const;
    const script: Behaviour[] = ["answer", ...failures.flatMap((failure) => [failure, "answer"] as const)];
    await using target = await Target.start((index) => script[index] ?? { delayMs: 50 });
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    const request = requestFor(target, {
      clients: [client("steady", { model: "closed", rate: null, vus: 1, requestTimeoutMs: 700 })],
    });
    await using load = await start(kube, request, lines);
    await lines.until("every kind of failure", () => lines.failed.length >= failures.length);
    const { end, summary } = await load.stop();

    assertAccounted(lines, end, summary);
    const told = lines.failed.map(
      ({ outcome, status, errorCode, connection, message }) =>
        `${outcome} ${String(status)} ${String(errorCode)} ${connection}: ${message}`,
    );
    const expected = [
      /^failed 503 1503 reused: status 503$/,
      /^failed 302 0 reused: status 302$/,
      /^failed 200 0 reused: the body is no JSON object$/,
      /^failed 200 0 reused: the body does not name version, cluster and replica$/,
      /^failed 0 1\d\d\d reused: .*EOF/,
      /^failed 0 1\d\d\d reused: .*(reset|EOF)/,
      /^hanging 0 1050 reused: request timeout$/,
    ];
    assert.equal(told.length, expected.length, told.join("\n"));
    for (const [index, pattern] of expected.entries()) assert.match(told[index] ?? "", pattern);

    for (const row of lines.failed) {
      const nearest = Math.min(...target.arrivals.map(({ atMs }) => Math.abs(atMs - row.startMs)));
      assert.ok(
        nearest < 10,
        `${row.message}: no request arrived within 10 ms of its start, the nearest at ${nearest.toFixed(1)} ms`,
      );
    }
    const hanging = lines.failed.at(-1);
    assert.ok(
      hanging !== undefined && hanging.durationMs >= 700 && hanging.durationMs < 900,
      `hung for ${String(hanging?.durationMs)} ms`,
    );
    for (const [index, { behaviour, atMs }] of target.arrivals.entries()) {
      const next = target.arrivals[index + 1];
      if (behaviour === "answer" || typeof behaviour === "object" || next === undefined) continue;
      assert.ok(
        next.atMs - atMs >= 99,
        `after ${behaviour} the next request came ${(next.atMs - atMs).toFixed(1)} ms later`,
      );
    }
  });

  // Would catch: requests in flight at the stop lost, or called failed, or waited for.
  it("counts what is in flight at the stop as interrupted, and does not wait for it", async () => {
    await using target = await Target.start((index) => (index < 20 ? "answer" : "hang"));
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    await using load = await start(
      kube,
      requestFor(target, { clients: [client("steady", { vus: 5, requestTimeoutMs: 30_000 })] }),
      lines,
    );
    await lines.until("five hanging requests and dropped iterations", () => {
      const last = lines.all.at(-1);
      return last?.type === "heartbeat" && last.inFlight === 5 && last.dropped > 0;
    });
    const oldest = lines.all.findLast((line) => line.type === "heartbeat")?.oldestStartMs;
    const hungAt = target.arrivals[20]?.atMs;
    assert.ok(
      typeof oldest === "number" && hungAt !== undefined && Math.abs(oldest - hungAt) < 10,
      "the oldest in flight is the first that hung",
    );
    const begunMs = performance.now();
    const { end, summary, exitCode } = await load.stop();
    assert.ok(performance.now() - begunMs < 5_000, "the stop waited for requests in flight");
    assert.equal(exitCode, 103);
    assertAccounted(lines, end, summary);
    assert.deepEqual([end.interrupted, end.failed, end.hanging], [5, 0, 0]);
    assert.equal(end.answered, 20);
    assert.ok(end.dropped > 0);
  });

  // Would catch: a follower that trusts the way between: it may lose an answer after the holder has given it.
  it("loses and doubles no line over a proxy that loses answers", async () => {
    await using target = await Target.start();
    await using kube = await LocalKube.start(await programs());
    let calls = 0;
    kube.fault = async ({ path }, forward) => {
      const answer = await forward();
      calls += 1;
      if (path.startsWith("/rows") && calls % 3 === 0) throw new Error("socket hang up");
      if (path.startsWith("/rows") && calls % 3 === 1)
        return { status: 200, body: answer.body.slice(0, answer.body.length * 0.7) };
      return answer;
    };
    const lines = new Lines();
    await using load = await start(kube, requestFor(target), lines);
    await lines.until("200 answers", () => lines.answered >= 200);
    const { end, summary } = await load.stop();
    assertAccounted(lines, end, summary);
  });

  // Would catch: a ledger that slows down the load it observes.
  it("goes on at its rate while nobody reads its samples, and loses none", async () => {
    await using target = await Target.start();
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    await using load = await start(
      kube,
      requestFor(target, { clients: [client("steady", { rate: 400, vus: 20 })] }),
      lines,
    );
    await lines.until("400 answers", () => lines.answered >= 400);
    kube.kill("ledger", "SIGSTOP");
    const before = target.arrivals.length;
    // The pipe holds about 0.7 s of this; k6 has to keep the rest.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const during = target.arrivals.length - before;
    kube.kill("ledger", "SIGCONT");
    const { end, summary } = await load.stop();
    assert.ok(during > 3 * 400 * 0.9, `${String(during)} requests in 3 s without a reader, of 1200`);
    assertAccounted(lines, end, summary);
  });

  // Would catch: the clock of anything else than the holder, which is the one that dates heartbeats, or one told in other units.
  it("tells the time that its ledger goes by, or says why it does not", async () => {
    await using target = await Target.start();
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    await using load = await start(kube, requestFor(target), lines);
    const signal = AbortSignal.timeout(20_000);
    const measured: Unstamped[] = [];
    await recordK6PodClock("load-0", (within) => load.nowMs(within), {
      sink: (line) => {
        measured.push(line);
      },
      clock: realClock,
      signal,
    });
    // On this machine both clocks are the same one.
    const [line] = measured;
    assert.ok(line?.type === "clock" && line.of === "k6-pod" && measured.length === 1, JSON.stringify(measured));
    assert.ok(Math.abs(line.offsetMs) <= line.uncertaintyMs && line.uncertaintyMs < 50, JSON.stringify(line));
    const before = await load.nowMs(signal);
    const beats = (): number[] => lines.all.flatMap((each) => (each.type === "heartbeat" ? [each.atMs] : []));
    const count = beats().length;
    await lines.until("a heartbeat more", () => beats().length > count);
    assert.ok((beats().at(-1) ?? 0) <= (await load.nowMs(signal)) && (beats().at(-1) ?? 0) >= before - 1_000);

    kube.fault = ({ path, timeoutMs }, forward) => {
      if (path !== "/clock") return forward();
      assert.ok(timeoutMs <= 2_000, "a late answer tells nothing");
      return Promise.resolve({ status: 503, body: "no endpoints" });
    };
    await assert.rejects(load.nowMs(signal), /does not tell its time: status 503 \(no endpoints\)/);
  });

  // Would catch: waiting for the end of a load that can no longer be told.
  it("gives up on a ledger whose holder is gone", async () => {
    await using target = await Target.start();
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    await using load = await start(kube, requestFor(target), lines, 1_000);
    kube.kill("ledger", "SIGKILL");
    await assert.rejects(load.ended, (error) => error instanceof DeadlineError && error.message.includes("ledger"));
    await assert.rejects(load.stop(), DeadlineError);
  });

  // Would catch: a load that is over before it is stopped waited for, or told to have been stopped.
  it("tells the end of a k6 that ended by itself", async () => {
    await using target = await Target.start();
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    await using load = await start(kube, requestFor(target, { maxSeconds: 3 }), lines);
    const unasked = await load.ended;
    const { end, summary, exitCode } = await load.stop();
    assert.deepEqual(end, unasked);
    assert.equal(exitCode, 0);
    assertAccounted(lines, end, summary);
    assert.ok(end.issued >= 149 && end.issued <= 151, `${String(end.issued)} requests in 3 s at 50 a second`);
  });

  // Would catch: the ledger of a k6 that was killed passed off as whole.
  it("tells of a k6 that was killed that its ledger was cut short, and keeps what it has", async () => {
    await using target = await Target.start();
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    await using load = await start(kube, requestFor(target), lines);
    await lines.until("50 answers", () => lines.answered >= 50);
    kube.kill("k6", "SIGKILL");
    await assert.rejects(load.ended, /the ledger was cut short: k6 ended without closing it/);
    await assert.rejects(load.stop(), /the ledger was cut short/);
    assert.ok(lines.all.every((line, index) => line.seq === index + 1 && line.type !== "end"));
  });

  // Would catch: a load that cannot run reported as a deadline, without k6's own words.
  it("says why k6 cannot run, and leaves nothing", async () => {
    await using target = await Target.start();
    await using kube = await LocalKube.start(await programs());
    await assert.rejects(
      start(kube, requestFor(target, { versions: ["v 1"] }), new Lines()),
      (error) => error instanceof SetUpError && /ZERODROP_VERSIONS: .*v 1.* has characters/.test(error.message),
    );
    assert.deepEqual(kube.deleted.toSorted(), ["ConfigMap", "Job"]);
  });
});
