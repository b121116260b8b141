import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { realClock } from "../../kube/clock.ts";
import type { Kube, WatchEvent } from "../../kube/kube.ts";
import { FaultyApiServer, lists, pod, watches } from "../../kube/testing/api-server.ts";
import { deafened } from "./deaf-watch.ts";

const POD = { apiVersion: "v1", kind: "Pod" };
const SELECTOR = { namespace: "ns" };

const tell = (response: ServerResponse, type: string, object: unknown): void => {
  response.write(`${JSON.stringify({ type, object })}\n`);
};
const open = (response: ServerResponse): void => {
  response.writeHead(200);
  response.flushHeaders();
};

/** The events of a watch up to the one that says enough. */
async function heard(
  kube: Kube,
  enough: (events: readonly WatchEvent[]) => boolean,
  then?: (event: WatchEvent) => void,
) {
  const events: WatchEvent[] = [];
  const done = new AbortController();
  const over = AbortSignal.any([done.signal, AbortSignal.timeout(10_000)]);
  const onEvent = (event: WatchEvent): void => {
    events.push(event);
    then?.(event);
    if (enough(events)) done.abort();
  };
  await kube.watch(POD, SELECTOR, onEvent, { signal: over });
  assert.ok(done.signal.aborted, `only ${JSON.stringify(events)}`);
  return events;
}

const synced = (times: number) => (events: readonly WatchEvent[]) =>
  events.filter(({ type }) => type === "synced").length === times;
/** What a listener can tell apart, without how long a gap was and what ended the watch. */
const shape = (events: readonly WatchEvent[]) =>
  events.map((event) => {
    if (event.type === "gap") return `gap ${event.how}`;
    return event.type === "synced" ? `synced ${event.resourceVersion}` : `${event.type} ${event.object.metadata.name}`;
  });

const PAGES = [
  { version: "5", items: [pod("a", "4")] },
  { version: "9", items: [pod("a", "4"), pod("b", "8")] },
];

void test("a deaf watch looks as one that was listed anew because the server had forgotten its version (defect: a sabotage that the recorder can tell from an accident)", async () => {
  await using forgetful = await FaultyApiServer.start(
    lists("pods", ...PAGES),
    watches("pods", (response) => {
      open(response);
      tell(response, "MODIFIED", pod("a", "6"));
      tell(response, "ERROR", { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" });
      response.end();
    }),
  );
  const relisted = await heard(await forgetful.connect(), synced(2));

  const watching = watches("pods", (response) => {
    open(response);
    tell(response, "MODIFIED", pod("a", "6"));
  });
  await using server = await FaultyApiServer.start(lists("pods", ...PAGES), watching);
  const deaf = deafened(await server.connect(), "Pod", realClock);
  const events = await heard(deaf.kube, synced(2), ({ type }) => {
    if (type === "modified") deaf.goDeaf(200);
  });
  assert.deepEqual(shape(events), shape(relisted));
  assert.deepEqual(shape(events).slice(2, 4), ["modified a", "gap relisted"]);
  const gap = events.find((event) => event.type === "gap");
  assert.ok(gap?.type === "gap" && (gap.forMs ?? 0) >= 200, "the gap is as long as the watch was deaf");
});

void test("nothing is told while it is deaf, and other kinds are (defect: the transition that was to be hidden is told)", async () => {
  let stream: ServerResponse | undefined;
  await using server = await FaultyApiServer.start(
    lists("pods", { version: "5", items: [] }),
    watches("pods", (response) => {
      open(response);
      stream = response;
      tell(response, "ADDED", pod("a", "6"));
    }),
  );
  const kube = await server.connect();
  const deaf = deafened(kube, "Pod", realClock);
  const events = await heard(deaf.kube, synced(2), ({ type }) => {
    if (type !== "added") return;
    deaf.goDeaf(200);
    if (stream !== undefined) tell(stream, "MODIFIED", pod("a", "7"));
  });
  assert.deepEqual(shape(events), ["synced 5", "added a", "gap relisted", "synced 5"]);
  // Of another kind it is not deaf, and all else of an API server is there.
  const other = deafened(kube, "RayService", realClock);
  other.goDeaf(10_000);
  assert.deepEqual(shape(await heard(other.kube, synced(1))), ["synced 5"]);
  assert.equal(other.kube.server, kube.server);
  assert.deepEqual(await other.kube.list(POD, SELECTOR), []);
});

void test("a watch that is given up while it is deaf ends (defect: a run that waits for the end of its sabotage)", async () => {
  await using server = await FaultyApiServer.start(lists("pods", { version: "5", items: [] }), watches("pods"));
  const deaf = deafened(await server.connect(), "Pod", realClock);
  const over = new AbortController();
  const began = performance.now();
  await deaf.kube.watch(
    POD,
    SELECTOR,
    () => {
      deaf.goDeaf(60_000);
      setImmediate(() => {
        over.abort();
      });
    },
    { signal: over.signal },
  );
  assert.ok(performance.now() - began < 10_000);
});
