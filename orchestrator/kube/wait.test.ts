import assert from "node:assert/strict";
import { test } from "node:test";
import { DeadlineError } from "../plan/errors.ts";
import type { KubeObject } from "./kube.ts";
import { FaultyApiServer, lists, pod, watches } from "./testing/api-server.ts";

const PODS = { apiVersion: "v1", kind: "Pod" };
const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;
const names = (objects: KubeObject[]): string => objects.map((object) => object.metadata.name).join(" ");

void test("the predicate sees whole states: never half a list, and after a relist nothing that is gone", async () => {
  const seen: string[] = [];
  await using server = await FaultyApiServer.start(
    lists(
      "pods",
      { version: "10", items: [pod("a", "1"), pod("b", "2")] },
      { version: "20", items: [pod("b", "2"), pod("c", "19")] },
    ),
    watches("pods", (response) => {
      response.end(line("ERROR", { kind: "Status", code: 410, reason: "Expired" }));
    }),
  );
  const kube = await server.connect();
  const value = await kube.waitFor(
    PODS,
    {},
    {
      what: "pod c",
      deadlineMs: 5_000,
      predicate: (objects) => {
        seen.push(names(objects));
        return objects.find((object) => object.metadata.name === "c")?.metadata.resourceVersion;
      },
      describe: names,
    },
  );
  assert.equal(value, "19");
  assert.deepEqual(seen, ["a b", "b c"]);
});

void test("a passed deadline names what was awaited and what was last seen", async () => {
  await using server = await FaultyApiServer.start(
    lists("pods", { version: "10", items: [pod("a", "1")] }),
    watches("pods", (response) => {
      response.write(line("ADDED", pod("b", "11")));
    }),
  );
  const kube = await server.connect();
  const waiting = kube.waitFor(
    PODS,
    {},
    {
      what: "pod z",
      deadlineMs: 400,
      predicate: () => undefined,
      describe: names,
    },
  );
  await assert.rejects(waiting, (error: unknown) => {
    assert.ok(error instanceof DeadlineError);
    assert.equal(error.what, "pod z");
    assert.equal(error.lastSeen, "a b");
    return true;
  });
});

void test("an aborted wait rejects with the abort's reason, not with a deadline", async () => {
  await using server = await FaultyApiServer.start(lists("pods", { version: "10", items: [] }), watches("pods"));
  const kube = await server.connect();
  const stop = new AbortController();
  setTimeout(() => {
    stop.abort(new Error("Ctrl-C"));
  }, 100);
  const wait = { what: "x", deadlineMs: 5_000, predicate: () => undefined, describe: names, signal: stop.signal };
  await assert.rejects(kube.waitFor(PODS, {}, wait), /Ctrl-C/);
});
