import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeFaults } from "../change/faults/fault.ts";
import { telling } from "../change/testing/telling.ts";
import type { TamperedRun } from "../cli/tampering.ts";
import { realClock } from "../kube/clock.ts";
import type { KubeObject } from "../kube/kube.ts";
import { FaultyApiServer, json, lists, watches, type Handler } from "../kube/testing/api-server.ts";
import { DeadlineError, SetUpError } from "../plan/errors.ts";
import { parseProof } from "./proof.ts";
import { sabotageFactsSchema, sabotageOf, type Sabotage, type SabotageFacts } from "./sabotage.ts";
import { action, KeptRecording, LOAD, moved, tamperedRun } from "./testing/tampered-run.ts";

const spoken: SabotageFacts[] = [];
const killed: string[] = [];

/** The sabotage of a record with these keys. */
function sabotage(keys: string): Sabotage {
  const text = `{ description: d, group: evidence, sabotage: ${keys}, expect: { verdict: invalid } }`;
  return sabotageOf(parseProof(text, "p"), {
    images: { mutants: "mutants:1", saboteur: "saboteur:1" },
    clock: realClock,
    lastWords: (facts) => {
      spoken.push(facts);
      return Promise.resolve();
    },
    kill: () => killed.push("me"),
  });
}

/** Puts a sabotage into a run of a load that is steady and changed, and ends it then. */
async function underLoad(
  { tampering }: Sabotage,
  run: TamperedRun,
  { actions = ["warm-up-steady", "trigger"], when = () => Promise.resolve() }: Parts = {},
): Promise<void> {
  const recording = tampering.recording?.(new KeptRecording());
  await using _beside = tampering.underLoad?.(LOAD, run);
  for (const name of actions) recording?.observe(action(name));
  await when();
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

/** Resolves when a sabotage has been done, or is known not to be. */
async function settled(it: Sabotage): Promise<void> {
  for (;;) {
    const said = await it.done().then(
      () => "done",
      (error: unknown) => String(error),
    );
    if (!said.includes("ended before it began")) return;
    await new Promise(setImmediate);
  }
}

interface Parts {
  readonly actions?: readonly ("warm-up-steady" | "trigger")[];
  readonly when?: () => Promise<unknown>;
}

/** k6's REST API, which is told to stop; resolves then. */
function k6() {
  const stopped = Promise.withResolvers<string>();
  const handler: Handler = ({ method, url, body }, response) => {
    if (!url.pathname.endsWith("/pods/load-0:6565/proxy/v1/status")) return false;
    stopped.resolve(`${method} ${body}`);
    return json(response, 200, {});
  };
  return { handler, stopped: stopped.promise };
}

const notDone = (says: RegExp) => (error: unknown) =>
  error instanceof SetUpError && error.message.startsWith("The sabotage was not done: ") && says.test(error.message);

void test("each moment is waited for by what the runner records and by the RayService (defect: a sabotage before its time)", async () => {
  for (const [when, states] of [
    ["start", []],
    ["steady", [moved(null)]],
    ["trigger", [moved(null)]],
    ["{ at: trigger, after: 0.05 }", [moved(null)]],
    ["{ traffic: [25, 75] }", [moved(50)]],
    ["{ traffic: [25, 75], after: 0.05 }", [moved(75)]],
  ] satisfies [string, KubeObject[]][]) {
    const rest = k6();
    await using server = await FaultyApiServer.start(
      rest.handler,
      lists("rayservices", { version: "1", items: states }),
    );
    const it = sabotage(`{ kind: load-stopped, when: ${when} }`);
    await underLoad(it, tamperedRun(await server.connect()), {
      when: () => rest.stopped.then(() => it.done().catch(() => undefined)),
    });
    assert.match(await rest.stopped, /^PATCH .*"stopped":true/, when);
  }
});

void test("the promotion is another active RayCluster than before (defect: the state before the change is taken for the one after it)", async () => {
  const rest = k6();
  let active = "c1";
  let listed = 0;
  let stream: ((text: string) => void) | undefined;
  const state: Handler = ({ url }, response) => {
    if (!url.pathname.endsWith("/rayservices") || url.searchParams.has("watch")) return false;
    listed += 1;
    stream = undefined;
    return json(response, 200, { metadata: { resourceVersion: "1" }, items: [moved(null, active)] });
  };
  const watching = watches(
    "rayservices",
    ...Array.from({ length: 8 }, () => (response: Parameters<Handler>[1]) => {
      response.writeHead(200);
      response.flushHeaders();
      stream = (text) => response.write(text);
    }),
  );
  await using server = await FaultyApiServer.start(rest.handler, state, watching);
  const it = sabotage("{ kind: load-stopped, when: promoted }");
  let early = false;
  void rest.stopped.then(() => (early = active === "c1"));
  await underLoad(it, tamperedRun(await server.connect()), {
    when: async () => {
      // The second list and watch are those by which the promotion is awaited.
      await until(() => listed === 2 && stream !== undefined);
      active = "c2";
      stream?.(`${JSON.stringify({ type: "MODIFIED", object: moved(null, "c2") })}\n`);
      await rest.stopped;
    },
  });
  assert.equal(early, false);
});

void test("a moment that never comes, or is missed, leaves a sabotage that was not done (defect: an honest run is judged for a sabotaged one)", async () => {
  await using quiet = await telling(moved(null));
  for (const [keys, actions, says] of [
    ["{ kind: load-stopped }", [], /the load ended before its moment came/],
    ["{ kind: runner-killed, when: trigger }", ["warm-up-steady"], /the load ended before its moment came/],
    ["{ kind: watch-deaf, watched: Pod, seconds: 1, when: promoted }", ["warm-up-steady", "trigger"], /the load ended/],
  ] as const) {
    const it = sabotage(keys);
    await underLoad(it, tamperedRun(await quiet.connect()), { actions });
    await assert.rejects(it.done(), notDone(says));
  }
  await using past = await telling(moved(90));
  const missed = sabotage("{ kind: load-stopped, when: { traffic: [25, 75] } }");
  await underLoad(missed, tamperedRun(await past.connect()), { when: () => settled(missed) });
  await assert.rejects(
    missed.done(),
    notDone(/25 to 75 % of the traffic on the pending side was never seen; the traffic went on to 90 %/),
  );
  // Its deadline is the plan's for the warm-up: 120 s, times the factor.
  const late = sabotage("{ kind: load-stopped }");
  const run = tamperedRun(await quiet.connect(), { factor: 0.005 });
  await underLoad(late, run, { actions: [], when: () => settled(late) });
  await assert.rejects(
    late.done(),
    (error) =>
      notDone(/the end of the warm-up was awaited for 0\.6 s/)(error) &&
      (error as Error).cause instanceof DeadlineError,
  );
});

void test("a sabotage that was never put into a run, or that found nothing to do, was not done", async () => {
  await assert.rejects(sabotage("{ kind: ledger-rows-lost, every: 100 }").done(), notDone(/ended before it began/));
  await assert.rejects(sabotage("{ kind: operator-mutant, mutant: m }").done(), notDone(/ended before it began/));
});

void test("what was done is told whole", async () => {
  const it = sabotage("{ kind: ledger-rows-lost, every: 2 }");
  const kept = new KeptRecording();
  const recording = it.tampering.recording?.(kept);
  const line = {
    type: "session",
    startMs: 1,
    client: "s",
    session: 1,
    fromCluster: "a",
    fromVersion: "v1",
    cluster: "b",
    version: "v2",
  } as const;
  for (const seq of [1, 2, 3]) recording?.ledger({ ...line, seq });
  assert.equal(kept.lines.length, 2);
  const facts = sabotageFactsSchema.parse(await it.done());
  assert.deepEqual(
    { what: facts.what, count: facts.count },
    { what: "Of every 2 lines of the ledger one did not reach the recording.", count: 1 },
  );
  assert.ok(facts.begunMs !== null);
});

void test("the runner says what it does before it ends itself (defect: nobody knows why it is gone)", async () => {
  await using server = await telling(moved(50));
  const it = sabotage("{ kind: runner-killed, when: { traffic: [25, 75] } }");
  await underLoad(it, tamperedRun(await server.connect()), { when: () => until(() => killed.length > 0) });
  assert.deepEqual([spoken.length, killed], [1, ["me"]]);
  assert.match(spoken[0]?.what ?? "", /SIGKILL at 25 to 75 % of the traffic/);
  await assert.rejects(it.done(), notDone(/still there/));
});

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "load-0", namespace: "ns", uid: "uid-0" },
  status: {
    containerStatuses: [
      { name: "ledger", containerID: "containerd://other" },
      { name: "k6", containerID: "containerd://its-own" },
    ],
  },
};

/** A node on which a container can be starved; `throttled` periods it then waits in. */
function starving(done: string[], throttled: number): NodeFaults {
  const never = () => Promise.reject(new Error("nothing else is to be done"));
  return {
    ...{ stopApiServer: never, startApiServer: never, cutNetwork: never, fillMemory: never },
    limitCpu: ({ uid, containerId }, percent) => {
      done.push(`limit ${uid} ${containerId} ${String(percent)}`);
      const undo = () => Promise.resolve(void done.push("undone"));
      return Promise.resolve({ throttledPeriods: () => Promise.resolve(throttled), [Symbol.asyncDispose]: undo });
    },
  };
}

void test("k6's container is starved for its time, or until the load ends, and what it waited is counted (defect: the holder is starved, or nobody)", async () => {
  for (const [seconds, throttled] of [
    [0.05, 7],
    [60, 7],
    [60, 0],
  ] as const) {
    const get: Handler = ({ url }, response) => url.pathname.endsWith("/pods/load-0") && json(response, 200, pod);
    await using server = await FaultyApiServer.start(get, lists("rayservices", { version: "1", items: [moved(null)] }));
    const done: string[] = [];
    const it = sabotage(`{ kind: load-starved, percent: 5, seconds: ${String(seconds)} }`);
    const run = tamperedRun(await server.connect(), { node: starving(done, throttled) });
    await underLoad(it, run, { when: () => until(() => done.length > (seconds < 1 ? 1 : 0)) });
    assert.deepEqual(done, ["limit uid-0 its-own 5", "undone"]);
    if (throttled === 0) await assert.rejects(it.done(), notDone(/nothing that it could be done to/));
    else assert.equal((await it.done()).count, 7);
  }
  const elsewhere = sabotage("{ kind: load-starved, percent: 5, seconds: 1 }");
  await using server = await telling(moved(null));
  await underLoad(elsewhere, tamperedRun(await server.connect()));
  await assert.rejects(elsewhere.done(), notDone(/only the embedded cluster's node/));
});
