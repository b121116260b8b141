import assert from "node:assert/strict";
import { test } from "node:test";
import { DOWNSTREAM, HOST, UPSTREAM } from "../history/gateway-stats.ts";
import { serveServiceOf } from "../history/httproute.ts";
import { LedgerAccount } from "../history/ledger-account.ts";
import type { Observation } from "../history/observation.ts";
import { GatewayReconciliation, type Reconciliation } from "./gateway-reconcile.ts";
import {
  aggressiveUpgrade,
  findingOf,
  NEW,
  OLD,
  START_MS,
  timelineOfStory,
  withoutAction,
  type Story,
} from "./testing.ts";

/** Addresses of an endpoint of either side. */
const [OLD_HOST, NEW_HOST] = ["10.1.0.1", "10.1.0.2"];

interface Told {
  readonly pod?: string;
  readonly uptimeSeconds?: number;
  readonly tookMs?: number;
  readonly downstream?: Partial<Record<(typeof DOWNSTREAM)[number], number>>;
  readonly upstream?: Partial<Record<(typeof UPSTREAM)[number], number>>;
  /** Failed attempts by address. */
  readonly errors?: Readonly<Record<string, number>>;
}

const zeros = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 0]));

/** A poll of the data plane's pod whose answer arrived at this second; every count not named is 0. */
function told(
  second: number,
  { pod = "envoy-1", uptimeSeconds, tookMs, downstream, upstream, errors }: Told,
): Observation {
  const hosts = Object.entries(errors ?? {}).map(([address, count]) => ({
    address,
    health: "HEALTHY",
    counts: { ...zeros(HOST), rq_error: count },
  }));
  return poll(second, pod, true, {
    tookMs: tookMs ?? 60,
    uptimeSeconds: uptimeSeconds ?? 100 + Math.floor(second),
    downstream: { ...zeros(DOWNSTREAM), ...downstream },
    upstream: { ...zeros(UPSTREAM), ...upstream },
    hosts,
  });
}

function poll(second: number, subject: string, ok: boolean, data: unknown): Observation {
  const monoMs = second * 1000;
  return { type: "poll", poll: "gateway-stats", subject, ok, data, monoMs, wallMs: START_MS + monoMs };
}

const refused = (second: number, subject = "envoy-1") => poll(second, subject, false, { error: "not yours" });

/** The story with what the gateway told. */
function asked(story: Story, ...polls: Observation[]): Story {
  const observations = [...story.observations, ...polls].toSorted((a, b) => a.monoMs - b.monoMs);
  return { ...story, observations };
}

/** An upgrade whose endpoints are known; its clients sent 7,800 requests. */
function upgrade() {
  const story = aggressiveUpgrade();
  for (const [cluster, address] of [
    [OLD, OLD_HOST],
    [NEW, NEW_HOST],
  ] as const) {
    story.at(0).object("EndpointSlice", `${cluster}-address`, {
      metadata: { labels: { "kubernetes.io/service-name": serveServiceOf(cluster) } },
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
    });
  }
  return story;
}

const BEFORE = told(0.5, { downstream: { rq_total: 5, rq_5xx: 2 } });
const after = (rq_total: number, rq_5xx = 0, rest: Told = {}) =>
  told(80.5, { ...rest, downstream: { rq_total: 5 + rq_total, rq_5xx: 2 + rq_5xx } });
const judged = (story: Story) => findingOf("recording-complete", story);
const gatewayOf = (story: Story): unknown => judged(story).figures["gateway"];
const problem = (story: Story): string => {
  const { verdict, message } = judged(story);
  assert.equal(verdict, "invalid");
  return message;
};

// Would catch: counts from before the load taken for the load's, attempts of a retried request taken for requests, and backends mixed up.
test("a gateway that counted what the clients sent agrees, and tells what no client noticed", () => {
  const middle = told(40, {
    downstream: { rq_total: 3905, rq_5xx: 2 },
    upstream: { rq_total: 3950, rq_retry: 50, rq_retry_success: 50, cx_destroy_remote_with_active_rq: 4 },
    errors: { [OLD_HOST]: 48, [NEW_HOST]: 2 },
  });
  const last = after(7800, 0, {
    upstream: { rq_total: 7860, rq_retry: 60, rq_retry_success: 60, cx_destroy_remote_with_active_rq: 5 },
    errors: { [OLD_HOST]: 48, [NEW_HOST]: 12, "10.9.9.9": 1 },
  });
  const story = asked(upgrade().finish(), BEFORE, middle, last);
  const finding = judged(story);
  assert.equal(finding.verdict, "pass");
  assert.equal(finding.message, "History, ledger, k6's summary and the gateway are whole and agree.");
  assert.deepEqual(finding.figures["gateway"], {
    requests: 7800,
    answers5xx: 0,
    failedAttemptsByBackend: { [OLD]: 48, [NEW]: 12, "10.9.9.9": 1 },
    retries: 60,
    retrySuccess: 60,
    upstreamResets: 5,
    connectFailures: 0,
  });
});

// Would catch: a request that clients and gateway do not both know of, one too many or too few.
test("the gateway's requests lie between those that got an answer and those that were sent", () => {
  const counting = (requests: number) => asked(upgrade().finish(), BEFORE, after(requests));
  assert.equal(judged(counting(7800)).verdict, "pass");
  assert.match(problem(counting(7799)), /^The gateway counts 7,799 requests, clients had an answer to 7,800\.$/);
  assert.match(problem(counting(7801)), /^The gateway counts 7,801 requests, clients sent 7,800\.$/);
});

// Would catch: requests without a status held to have reached the gateway, or held not to have.
test("what was interrupted, hung or broke off may have reached the gateway or not", () => {
  const counting = (requests: number, answers5xx = 0) => {
    const story = upgrade().at(35).failed({ status: 0, outcome: "failed" }).failed({ status: 0, outcome: "hanging" });
    story.interrupted = 3;
    return asked(story.finish(), BEFORE, after(requests, answers5xx));
  };
  for (const requests of [7800, 7803, 7805]) assert.equal(judged(counting(requests)).verdict, "pass", `${requests}`);
  assert.match(problem(counting(7806)), /clients sent 7,805/);
  assert.equal(judged(counting(7805, 5)).verdict, "pass");
  assert.match(
    problem(counting(7805, 6)),
    /^The gateway counts 6 answers with a 5xx, clients saw 0, and 5 requests ended without a status\.$/,
  );
});

// Would catch: a 5xx that only one of both saw, other failures (4xx, a wrong body) taken for one, and rows of several failures counted as one.
test("a 5xx is seen by both or by neither", () => {
  const seeing = (answers5xx: number) => {
    const story = upgrade().at(35).failed().failed({ status: 404 }).failed({ status: 200, message: "no JSON" });
    return asked(story.finish(), BEFORE, after(7803, answers5xx));
  };
  assert.equal(judged(seeing(1)).verdict, "pass");
  assert.match(problem(seeing(0)), /^The gateway counts 0 answers with a 5xx, clients saw 1\.$/);
  assert.match(
    problem(asked(upgrade().finish(), BEFORE, after(7800, 3))),
    /counts 3 answers with a 5xx, clients saw 0/,
  );

  const story = upgrade();
  const row = { type: "failures", binMs: START_MS + 35_000, client: "short", outcome: "failed", status: 503 } as const;
  const nobody = { errorCode: 1503, cluster: "", version: "", connection: "unknown", durationMs: 5 } as const;
  story.rows.push({ ...row, ...nobody, count: 4 });
  const { ledger, ...rest } = story.finish();
  const ended = ledger.map((line) => (line.type === "end" ? { ...line, failed: 4, issued: 7804 } : line));
  const problems = (answers5xx: number): unknown[] => {
    const { figures } = judged(asked({ ...rest, ledger: ended }, BEFORE, after(7804, answers5xx)));
    return (figures["problems"] as string[]).filter((text) => text.startsWith("The gateway"));
  };
  assert.deepEqual(problems(4), []);
  assert.deepEqual(problems(3), ["The gateway counts 3 answers with a 5xx, clients saw 4"]);
});

// Would catch: counts that begin anew (an endpoint that lost its weight, a route with one backend instead of two) taken as fewer than none.
test("counts of endpoints and of the route that begin anew go on adding up", () => {
  const story = asked(
    upgrade().finish(),
    BEFORE,
    told(30, { downstream: { rq_total: 2000 }, upstream: { rq_retry: 7 }, errors: { [OLD_HOST]: 7 } }),
    told(46, { downstream: { rq_total: 5000 }, upstream: { rq_retry: 2 }, errors: { [NEW_HOST]: 3 } }),
    told(60, { downstream: { rq_total: 6000 }, upstream: { rq_retry: 2 }, errors: { [OLD_HOST]: 9, [NEW_HOST]: 1 } }),
    after(7800, 0, { upstream: { rq_retry: 2 }, errors: { [OLD_HOST]: 9, [NEW_HOST]: 1 } }),
  );
  const { verdict, figures } = judged(story);
  assert.equal(verdict, "pass");
  const { failedAttemptsByBackend, retries } = figures["gateway"] as Record<string, unknown>;
  assert.deepEqual([failedAttemptsByBackend, retries], [{ [OLD]: 16, [NEW]: 4 }, 9]);
});

// Would catch: errors of a pod that is gone put down to the one that got its address.
test("an address that goes to another RayCluster takes no errors along", () => {
  const story = upgrade().at(50);
  story.object("EndpointSlice", `${NEW}-address`, {
    metadata: { labels: { "kubernetes.io/service-name": serveServiceOf(NEW) } },
    endpoints: [{ addresses: [OLD_HOST], conditions: { ready: true } }],
  });
  const early = told(40, { downstream: { rq_total: 3000, rq_5xx: 2 }, errors: { [OLD_HOST]: 6 } });
  const recording = asked(story.finish(), BEFORE, early, after(7800, 0, { errors: { [OLD_HOST]: 8 } }));
  const { failedAttemptsByBackend } = gatewayOf(recording) as Record<string, unknown>;
  assert.deepEqual(failedAttemptsByBackend, { [OLD]: 6, [NEW]: 2 });
});

// Would catch: a verdict from counts of another Envoy, of a part of the load, or from an answer asked for while requests were in flight.
test("nothing is concluded where the gateway did not count the whole load, and it is said why", () => {
  const story = upgrade().finish();
  const cases: [why: string, ...polls: Observation[]][] = [
    ["envoy-1 was first asked when the load had begun", told(0.9, {}), after(1)],
    ["envoy-1 gave no answer after the load", BEFORE, told(79, { downstream: { rq_total: 5 } })],
    ["envoy-1 gave no answer after the load", BEFORE, told(80.5, { downstream: { rq_total: 5 }, tookMs: 600 })],
    ["envoy-1 gave no answer after the load: not yours", BEFORE, refused(80.5)],
    ["envoy-1 began to count anew", BEFORE, told(40, { downstream: { rq_total: 1 } }), after(7800)],
    ["envoy-1 began to count anew", BEFORE, told(40, { uptimeSeconds: 1, downstream: { rq_total: 9 } }), after(7800)],
    ["envoy-2 was first asked when the load had begun", BEFORE, after(7000), told(80.5, { pod: "envoy-2" })],
    ["envoy-1 could not be asked: not yours", refused(0.5), refused(80.5)],
    ["the gateway's pods could not be listed: not yours", refused(0.5, "")],
    [
      "envoy-1 could not be asked: tookMs: Invalid input: expected number, received undefined",
      poll(1, "envoy-1", true, {}),
    ],
  ];
  for (const [unreconciled, ...polls] of cases) {
    const recording = asked(story, ...polls);
    assert.deepEqual([judged(recording).verdict, gatewayOf(recording)], ["pass", { unreconciled }], unreconciled);
  }
  const endless = asked(withoutAction(story, "load-ended"), BEFORE, after(1));
  assert.deepEqual(gatewayOf(endless), { unreconciled: "the load's end was not recorded" });
  const short = asked({ ...story, ledger: story.ledger.slice(0, -1) }, BEFORE, after(1));
  assert.deepEqual(gatewayOf(short), { unreconciled: "the ledger is no whole account" });
});

// Would catch: pods of the data plane that are not added up.
test("the counts of all pods of the data plane add up", () => {
  const second = told(0.5, { pod: "envoy-2" });
  const story = (requests: number) =>
    asked(
      upgrade().finish(),
      BEFORE,
      second,
      after(7000),
      told(80.5, { pod: "envoy-2", downstream: { rq_total: requests } }),
    );
  assert.equal(judged(story(800)).verdict, "pass");
  assert.match(problem(story(801)), /counts 7,801 requests/);
});

// Would catch: recordings of gateways that nobody asked judged otherwise than before.
test("a recording without what the gateway counted is judged as it is", () => {
  const { verdict, message, figures } = judged(upgrade().finish());
  assert.deepEqual([verdict, message], ["pass", "History, ledger and k6's summary are whole and agree."]);
  assert.ok(!("gateway" in figures));
});

/** What the two accounts of a story come to, by themselves. */
function reconciled({ plan, observations, ledger }: Story): Reconciliation {
  const gateway = new GatewayReconciliation();
  for (const line of observations) gateway.observe(line);
  const account = new LedgerAccount();
  for (const line of ledger) {
    account.observe(line);
    gateway.onLedger(line);
  }
  return gateway.finish(account, timelineOfStory({ plan, observations }));
}

const NOTHING = {
  requests: 0,
  answers5xx: 0,
  failedAttemptsByBackend: {},
  retries: 0,
  retrySuccess: 0,
  upstreamResets: 0,
  connectFailures: 0,
};

test("a reconciliation tells its problems, whether there was one, and the gateway's own figures", () => {
  const story = upgrade().finish();
  assert.deepEqual(reconciled(story), { problems: [], compared: false, figures: null });
  assert.deepEqual(reconciled(asked(story, BEFORE, refused(80.5))), {
    problems: [],
    compared: false,
    figures: { unreconciled: "envoy-1 gave no answer after the load: not yours" },
  });
  assert.deepEqual(reconciled(asked(story, BEFORE, after(7800))), {
    problems: [],
    compared: true,
    figures: { ...NOTHING, requests: 7800 },
  });
  assert.deepEqual(reconciled(asked(story, BEFORE, after(1, 1))), {
    problems: [
      "The gateway counts 1 request, clients had an answer to 7,800",
      "The gateway counts 1 answer with a 5xx, clients saw 0",
    ],
    compared: true,
    figures: { ...NOTHING, requests: 1, answers5xx: 1 },
  });
});

test("all that the gateway counted beside requests is added up over its pods", () => {
  const counts = (factor: number): Told => ({
    upstream: {
      rq_retry: 2 * factor,
      rq_retry_success: 3 * factor,
      rq_rx_reset: 5 * factor,
      cx_destroy_remote_with_active_rq: 7 * factor,
      cx_connect_fail: 11 * factor,
      rq_tx_reset: 100,
    },
    errors: { [OLD_HOST]: 13 * factor },
  });
  const last = told(80.5, { pod: "envoy-2", downstream: { rq_total: 800 }, ...counts(10) });
  const story = asked(upgrade().finish(), BEFORE, told(0.5, { pod: "envoy-2" }), after(7000, 0, counts(1)), last);
  assert.deepEqual(reconciled(story).figures, {
    ...NOTHING,
    requests: 7800,
    failedAttemptsByBackend: { [OLD]: 143 },
    retries: 22,
    retrySuccess: 33,
    upstreamResets: 132,
    connectFailures: 121,
  });
});

test("a status of 500 is a 5xx, one of 499 is none", () => {
  const seeing = (status: number, answers5xx: number): readonly string[] =>
    reconciled(asked(upgrade().at(35).failed({ status }).finish(), BEFORE, after(7801, answers5xx))).problems;
  assert.deepEqual([seeing(500, 1), seeing(499, 0)], [[], []]);
  assert.deepEqual(seeing(499, 1), ["The gateway counts 1 answer with a 5xx, clients saw 0"]);
  assert.deepEqual(seeing(500, 0), ["The gateway counts 0 answers with a 5xx, clients saw 1"]);
});

test("a request that failed with a status was answered (defect: a gateway that does not know of it agrees)", () => {
  const counting = (requests: number): readonly string[] => {
    const story = upgrade().at(35).failed({ status: 404 }).failures(4, { status: 404 });
    return reconciled(asked(story.finish(), BEFORE, after(requests))).problems;
  };
  assert.deepEqual(counting(7805), []);
  assert.deepEqual(counting(7804), ["The gateway counts 7,804 requests, clients had an answer to 7,805"]);
});

test("the first answer must have come before the first request by what clocks may differ by", () => {
  const first = (second: number): unknown =>
    reconciled(asked(upgrade().finish(), told(second, {}), after(7800))).compared;
  // The first request is of second 1.
  assert.deepEqual([first(0.75), first(0.751)], [true, false]);
});

test("what was not asked, or refused without a word, is told so (defect: a refusal in another form stops the judge)", () => {
  const story = upgrade().finish();
  for (const [data, said] of [
    [{ error: "not yours" }, "not yours"],
    [{ error: 5 }, "no reason given"],
    [{}, "no reason given"],
    ["not yours", "no reason given"],
    [null, "no reason given"],
  ] as const) {
    const listed = reconciled(asked(story, poll(0.5, "", false, data)));
    assert.deepEqual(listed.figures, { unreconciled: `the gateway's pods could not be listed: ${said}` });
    const answered = reconciled(asked(story, poll(0.5, "envoy-1", false, data)));
    assert.deepEqual(answered.figures, { unreconciled: `envoy-1 could not be asked: ${said}` });
  }
  // Pods that could be listed later on are asked all the same.
  const late = reconciled(asked(story, refused(0.4, ""), BEFORE, after(7800)));
  assert.deepEqual(late.figures, { ...NOTHING, requests: 7800 });
});

test("a load without a request is no account to compare", () => {
  const story = upgrade();
  story.rows.length = 0;
  assert.deepEqual(reconciled(asked(story.finish(), BEFORE, after(0))).figures, {
    unreconciled: "the ledger is no whole account",
  });
});

test("an address that is known to be a RayCluster's only after its attempts failed is told by it all the same", () => {
  const story = aggressiveUpgrade().at(50);
  story.object("EndpointSlice", `${NEW}-address`, {
    metadata: { labels: { "kubernetes.io/service-name": serveServiceOf(NEW) } },
    endpoints: [{ addresses: [NEW_HOST], conditions: { ready: false } }],
  });
  const failing = told(40, { downstream: { rq_total: 3000, rq_5xx: 2 }, errors: { [NEW_HOST]: 3 } });
  const last = after(7800, 0, { errors: { [NEW_HOST]: 4 } });
  assert.deepEqual(reconciled(asked(story.finish(), BEFORE, failing, last)).figures, {
    ...NOTHING,
    requests: 7800,
    failedAttemptsByBackend: { [NEW]: 4 },
  });
});

test("only endpoints of serve services are a RayCluster's, and one that cannot be read is nobody's", () => {
  const story = aggressiveUpgrade().at(0);
  story.object("EndpointSlice", "head", {
    metadata: { labels: { "kubernetes.io/service-name": `${OLD}-head-svc` } },
    endpoints: [{ addresses: [OLD_HOST], conditions: { ready: true } }],
  });
  story.object("EndpointSlice", "broken", { metadata: "none" });
  const last = after(7800, 0, { errors: { [OLD_HOST]: 4 } });
  assert.deepEqual(reconciled(asked(story.finish(), BEFORE, last)).figures, {
    ...NOTHING,
    requests: 7800,
    failedAttemptsByBackend: { [OLD_HOST]: 4 },
  });
});

test("what was polled of others, and other actions, are no counts of the gateway", () => {
  const story = aggressiveUpgrade().at(1).k6Cgroup(3).platform().finish();
  assert.deepEqual(reconciled(story), { problems: [], compared: false, figures: null });
});

test("only an EndpointSlice tells whose an address is, whatever other objects have the same fields", () => {
  const story = aggressiveUpgrade().at(0);
  story.object("Event", "alike", {
    metadata: { labels: { "kubernetes.io/service-name": serveServiceOf(OLD) } },
    endpoints: [{ addresses: [OLD_HOST], conditions: { ready: true } }],
  });
  const { figures } = reconciled(asked(story.finish(), BEFORE, after(7800, 0, { errors: { [OLD_HOST]: 4 } })));
  assert.deepEqual(figures, { ...NOTHING, requests: 7800, failedAttemptsByBackend: { [OLD_HOST]: 4 } });
});

test("a failure with a status is an answer that the gateway must have counted", () => {
  const story = upgrade().at(35).failed({ status: 404 }).finish();
  assert.deepEqual(reconciled(asked(story, BEFORE, after(7800))).problems, [
    "The gateway counts 7,800 requests, clients had an answer to 7,801",
  ]);
});
