import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import type { LoadRequest } from "../../orchestrator/load/job.ts";
import { startLoad, type Load } from "../../orchestrator/load/start-load.ts";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import { outputsOf, secretsOf, withoutSecrets } from "../../orchestrator/plan/out-k6.ts";
import { Lines } from "./lines.ts";
import { LocalKube } from "./local-kube.ts";
import { programs } from "./programs.ts";
import { Target } from "./target.ts";

/** Takes what Prometheus remote write sends, as a store behind a token does; `status` is its answer. */
class Receiver implements AsyncDisposable {
  readonly requests: { readonly authorization: string; readonly bytes: number }[] = [];
  readonly #server = http.createServer();

  private constructor(status: number) {
    this.#server.on("request", (request, response) => {
      let bytes = 0;
      request.on("data", (chunk: Buffer) => (bytes += chunk.length));
      request.on("end", () => {
        const { authorization = "" } = request.headers;
        this.requests.push({ authorization, bytes });
        response.writeHead(status).end(status === 204 ? "" : `no write for ${authorization}`);
      });
    });
  }

  static async start(status: number): Promise<Receiver> {
    const receiver = new Receiver(status);
    await new Promise<void>((resolve) => receiver.#server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/api/v1/write`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function start(kube: LocalKube, target: Target, lines: Lines, outK6: LoadRequest["outK6"]): Promise<Load> {
  const request: LoadRequest = {
    runId: "20260423-221530-aggressive",
    namespace: "zerodrop",
    image: "zerodrop-k6:test",
    target: { url: target.url },
    clients: [
      {
        client: "steady",
        model: "open",
        rate: 50,
        requestsPerIteration: 1,
        vus: 5,
        requestTimeoutMs: 2_000,
        holdsMs: 0,
      },
    ],
    ...(outK6 === undefined ? {} : { outK6 }),
    versions: ["v1"],
    maxSeconds: 60,
  };
  return startLoad(kube, request, {
    onLine: lines.onLine,
    deadlines: { loadRunning: 20_000, loadStops: 20_000, filesLeave: 10_000 },
    signal: AbortSignal.timeout(60_000),
  });
}

const TOKEN = "glc_swordfish0123456789";
const writingTo = (receiver: Receiver): ReturnType<typeof outputsOf> =>
  outputsOf(["experimental-prometheus-rw"], {
    K6_PROMETHEUS_RW_SERVER_URL: receiver.url,
    K6_PROMETHEUS_RW_BEARER_TOKEN: TOKEN,
    K6_PROMETHEUS_RW_PUSH_INTERVAL: "1s",
  });

describe("a load with a further output of k6", { timeout: 90_000 }, () => {
  // Would catch: an output that k6 never gets, or gets without its token; a token that anyone who may read Jobs can read.
  it("writes there with its token, which no object but the Secret holds, and the ledger stays whole", async () => {
    await using target = await Target.start();
    await using receiver = await Receiver.start(204);
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    await using load = await start(kube, target, lines, writingTo(receiver));
    await lines.until("answers", () => lines.answered >= 100);
    const { end, exitCode } = await load.stop();
    assert.equal(exitCode, 103);
    assert.equal(end.issued, end.answered + end.interrupted);
    assert.ok(receiver.requests.length >= 1);
    for (const { authorization, bytes } of receiver.requests) {
      assert.equal(authorization, `Bearer ${TOKEN}`);
      assert.ok(bytes > 0);
    }
    assert.equal(kube.created.length, 1);
    const open = JSON.stringify([kube.created, kube.applied.get("ConfigMap")]);
    for (const secret of [TOKEN, Buffer.from(TOKEN).toString("base64"), receiver.url])
      assert.ok(!open.includes(secret));
    const secret = kube.applied.get("Secret");
    assert.equal(secret?.metadata["ownerReferences"] instanceof Array, true);
    assert.deepEqual(secret?.metadata.labels, kube.applied.get("ConfigMap")?.metadata.labels);
    await load[Symbol.asyncDispose]();
    assert.deepEqual(kube.deleted.toSorted(), ["ConfigMap", "Job", "Secret"]);
  });

  // Would catch: a store's refusal that ends the load, or whose words carry the token into the run's folder.
  it("goes on when it is refused there, and its log tells so without the token", async () => {
    await using target = await Target.start();
    await using receiver = await Receiver.start(401);
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    const outputs = writingTo(receiver);
    await using load = await start(kube, target, lines, outputs);
    await lines.until("answers", () => lines.answered >= 150 && receiver.requests.length >= 2);
    const { exitCode } = await load.stop();
    assert.equal(exitCode, 103);
    const log = (await kube.logs({ container: "k6" })) ?? "";
    assert.match(log, /level=error/);
    const clean = withoutSecrets(log, secretsOf(outputs));
    assert.ok(!clean.includes(TOKEN) && !clean.includes(receiver.url));
    assert.match(clean, /level=error/);
  });

  // Would catch: k6's last words, which repeat an argument that it cannot read, told on the terminal and kept in the record.
  it("that k6 cannot read is refused in k6's own words, without the password in it", async () => {
    await using target = await Target.start();
    await using kube = await LocalKube.start(await programs());
    const outputs = outputsOf(["influxdb=http://me:sword%zzfish@db.example/k6"], {});
    await assert.rejects(start(kube, target, new Lines(), outputs), (error) => {
      assert.ok(error instanceof SetUpError);
      assert.match(error.message, /k6 said: .*influxdb/);
      assert.ok(!error.message.includes("sword"), error.message);
      return true;
    });
    assert.match((await kube.logs({ container: "k6" })) ?? "", /sword%zzfish/);
  });
});
