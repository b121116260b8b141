import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { runResultSchema } from "../../orchestrator/judge/run-result.ts";
import { connect } from "../../orchestrator/kube/connect.ts";
import type { KubeObject } from "../../orchestrator/kube/kube.ts";
import { planSchema } from "../../orchestrator/plan/plan.ts";
import {
  addressIfProgrammed,
  describeGateway,
  describeRoute,
  routeIfAccepted,
} from "../../orchestrator/stage/ready.ts";
import { layoutOf } from "../../orchestrator/target/embedded/layout.ts";
import { CHECKOUT } from "../../scripts/artefacts/cache.ts";
import { loadArgumentsIn } from "../testing/example.ts";
import { temporaryFolder, zerodrop } from "./commands.ts";
import { assertUnnoticed } from "./unnoticed.ts";

/** A first build of the cluster may be part of it. */
const RUN = { timeout: 40 * 60_000 };
const WAIT_MS = 120_000;
const FOLDER = join(CHECKOUT, "examples/behind-https");
const GATEWAY_API = "gateway.networking.k8s.io/v1";

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
function objectsOf(text: string): KubeObject[] {
  return parseAllDocuments(text).map((document) => {
    // exactOptionalPropertyTypes: a namespace that is not there is left out.
    const { metadata, ...rest } = objectSchema.parse(document.toJS());
    const { namespace, ...named } = metadata;
    return { ...rest, metadata: namespace === undefined ? named : { ...named, namespace } };
  });
}

const summarySchema = z.looseObject({
  metrics: z.looseObject({
    http_req_tls_handshaking: z.looseObject({ values: z.looseObject({ "p(95)": z.number(), max: z.number() }) }),
  }),
});
const rowSchema = z.looseObject({
  type: z.string(),
  client: z.string().optional(),
  connection: z.string().optional(),
  count: z.number().optional(),
});

test(
  "behind-https: the command of its README upgrades it under load by TLS, host and header, and no client notices (defect: an entry that no client can come in by)",
  RUN,
  async () => {
    assert.equal((await zerodrop("cluster", "up").ended).code, 0);
    const kube = await connect({ kubeconfigPath: layoutOf().kubeconfig });
    await using folder = await temporaryFolder();
    await using undo = new AsyncDisposableStack();

    const front = objectsOf(await readFile(join(FOLDER, "front.yaml"), "utf8"));
    undo.defer(async () => {
      for (const { apiVersion, kind, metadata } of front.toReversed()) {
        const { name, namespace } = metadata;
        await kube.delete({ apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) });
      }
      // Its Envoy would take the CPU of whoever comes next.
      await kube.waitFor(
        { apiVersion: "v1", kind: "Pod" },
        { labelSelector: "gateway.envoyproxy.io/owning-gateway-namespace=front" },
        {
          what: "Removal of the front's Envoy",
          deadlineMs: WAIT_MS,
          predicate: (pods) => (pods.length === 0 ? true : undefined),
          describe: (pods) => pods.map(({ metadata }) => metadata.name).join(", "),
        },
      );
    });
    for (const object of front) await kube.apply(object);
    undo.defer(() => rm(join(FOLDER, "ca.pem"), { force: true }));
    const { stdout: secret } = await promisify(execFile)("sh", ["examples/behind-https/certificate.sh"], {
      cwd: CHECKOUT,
    });
    for (const object of objectsOf(secret)) await kube.apply(object);

    const address = await kube.waitFor(
      { apiVersion: GATEWAY_API, kind: "Gateway" },
      { namespace: "front" },
      {
        what: "The front's address",
        deadlineMs: WAIT_MS,
        predicate: ([gateway]) => addressIfProgrammed(gateway),
        describe: ([gateway]) => describeGateway(gateway),
      },
    );
    // Before there is a pod behind its backend.
    await kube.waitFor(
      { apiVersion: GATEWAY_API, kind: "HTTPRoute" },
      { namespace: "front" },
      {
        what: "The front's route accepted",
        deadlineMs: WAIT_MS,
        predicate: ([route]) => routeIfAccepted(route),
        describe: ([route]) => describeRoute(route),
      },
    );
    const configured = z
      .looseObject({ service: z.looseObject({ entry: z.looseObject({ address: z.string() }) }) })
      .parse(parse(await readFile(join(FOLDER, "zerodrop.yaml"), "utf8")));
    assert.equal(address, configured.service.entry.address, "the address that the README's configuration names");

    const out = join(folder.path, "recording");
    const args = loadArgumentsIn(await readFile(join(FOLDER, "README.md"), "utf8"));
    const { code, stderr } = await zerodrop("load", ...args, "--out", out).ended;
    const text = await readFile(join(out, "run.json"), "utf8").catch(() => assert.fail(stderr));
    const result = runResultSchema.parse(JSON.parse(text));
    assertUnnoticed(result, code);
    assert.deepEqual(Object.keys(result.load.perVersion).sort(), ["1.3.0", "1.4.0"]);

    const { service } = planSchema.parse(JSON.parse(await readFile(join(out, "plan.json"), "utf8")));
    assert.match(service?.entry?.url ?? "", /^https:/);
    // One in ten requests, the newcomers', begins with a handshake, and none does where TLS is not spoken.
    const summary = summarySchema.parse(JSON.parse(await readFile(join(out, "k6-summary.json"), "utf8")));
    const handshakes = summary.metrics.http_req_tls_handshaking.values;
    assert.ok(handshakes["p(95)"] > 0, `handshakes took ${JSON.stringify(handshakes)}`);
    const rows = (await readFile(join(out, "ledger.ndjson"), "utf8"))
      .split("\n")
      .filter(Boolean)
      .slice(1)
      .map((line) => rowSchema.parse(JSON.parse(line)));
    const answered = (client: string, connection: string): number =>
      rows
        .filter((row) => row.type === "answered" && row.client === client && row.connection === connection)
        .reduce((sum, { count = 0 }) => sum + count, 0);
    assert.ok(answered("newcomer", "new") > 200, "newcomers came on new connections");
    assert.equal(answered("newcomer", "reused"), 0);
    assert.ok(answered("classify", "reused") > answered("classify", "new"), "others kept theirs");
  },
);
