import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FaultyApiServer, lists, pod, watches } from "../kube/testing/api-server.ts";
import { saveDepartingLogs } from "./departing-logs.ts";

test("the log of a head is saved when it begins to go, without what no log may show (defect: a password in the run's folder)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "zerodrop-departing-"));
  try {
    const asked = Promise.withResolvers<undefined>();
    const ending = pod("head", "2");
    Object.assign(ending.metadata, { deletionTimestamp: "2026-01-01T00:00:00Z" });
    await using server = await FaultyApiServer.start(
      lists("pods", { version: "1", items: [pod("head", "1")] }),
      watches("pods", (response) => {
        response.writeHead(200);
        response.write(`${JSON.stringify({ type: "MODIFIED", object: ending })}\n`);
      }),
      ({ url }, response) => {
        if (!url.pathname.endsWith("/pods/head/log")) return false;
        response.end("ready\nredis password: hunter2secret\n");
        asked.resolve(undefined);
        return true;
      },
    );
    const saving = saveDepartingLogs(await server.connect(), folder, { namespace: "ns", secrets: ["hunter2secret"] });
    await asked.promise;
    await saving[Symbol.asyncDispose]();
    assert.deepEqual(await readdir(folder), ["head.ray-head.departing.log"]);
    const saved = await readFile(join(folder, "head.ray-head.departing.log"), "utf8");
    assert.equal(saved, "ready\nredis password: ***\n");
  } finally {
    await rm(folder, { recursive: true });
  }
});
