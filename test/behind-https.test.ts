import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { X509Certificate, createPrivateKey } from "node:crypto";
import { cp, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { promisify } from "node:util";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { readService } from "../orchestrator/cli/service-files.ts";
import { parseConfig } from "../orchestrator/plan/config.ts";
import { APPLICATION_NAMESPACE } from "../orchestrator/plan/make-plan.ts";
import type { OwnService } from "../orchestrator/plan/own-service.ts";
import { ADDRESSES } from "../orchestrator/target/embedded/layout.ts";
import { CHECKOUT } from "../scripts/artefacts/cache.ts";
import { loadArgumentsIn } from "./testing/example.ts";

/** A copy of the examples, in which the certificate is made as the README says. */
const copy = await mkdtemp(join(tmpdir(), "zerodrop-front-"));
after(() => rm(copy, { recursive: true }));
await cp(join(CHECKOUT, "examples"), join(copy, "examples"), { recursive: true });
const folder = join(copy, "examples/behind-https");
await rm(join(folder, "ca.pem"), { force: true });
const { stdout: secretText, stderr } = await promisify(execFile)("sh", ["examples/behind-https/certificate.sh"], {
  cwd: copy,
});
const readme = await readFile(join(folder, "README.md"), "utf8");

const frontSchema = z.tuple([
  z.looseObject({ kind: z.literal("Namespace"), metadata: z.object({ name: z.string() }) }),
  z.looseObject({ kind: z.literal("EnvoyProxy") }),
  z.looseObject({
    kind: z.literal("Gateway"),
    spec: z.looseObject({
      addresses: z.tuple([z.object({ type: z.literal("IPAddress"), value: z.string() })]),
      listeners: z.tuple([
        z.looseObject({
          protocol: z.string(),
          hostname: z.string(),
          tls: z.looseObject({ certificateRefs: z.tuple([z.object({ kind: z.string(), name: z.string() })]) }),
        }),
      ]),
    }),
  }),
  z.looseObject({
    kind: z.literal("HTTPRoute"),
    spec: z.looseObject({
      hostnames: z.array(z.string()),
      rules: z.tuple([
        z.looseObject({
          matches: z.tuple([z.object({ headers: z.tuple([z.looseObject({ name: z.string(), value: z.string() })]) })]),
          backendRefs: z.tuple([z.object({ name: z.string(), namespace: z.string(), port: z.number() })]),
        }),
      ]),
    }),
  }),
  z.looseObject({
    kind: z.literal("Service"),
    metadata: z.object({ name: z.string(), namespace: z.string() }),
    spec: z.looseObject({
      selector: z.record(z.string(), z.string()),
      ports: z.tuple([z.looseObject({ port: z.number() })]),
    }),
  }),
  z.looseObject({
    kind: z.literal("ReferenceGrant"),
    metadata: z.looseObject({ namespace: z.string() }),
    spec: z.object({
      from: z.tuple([z.looseObject({ namespace: z.string() })]),
      to: z.tuple([z.looseObject({ name: z.string() })]),
    }),
  }),
]);
const [namespace, , gateway, route, backend, grant] = frontSchema.parse(
  parseAllDocuments(await readFile(join(folder, "front.yaml"), "utf8")).map((document) => document.toJS() as unknown),
);
const secret = z
  .object({
    apiVersion: z.literal("v1"),
    kind: z.literal("Secret"),
    metadata: z.object({ name: z.string(), namespace: z.string() }),
    type: z.literal("kubernetes.io/tls"),
    data: z.strictObject({ "tls.crt": z.base64(), "tls.key": z.base64() }),
  })
  .parse(parse(secretText));

async function serviceOf(name: string): Promise<OwnService> {
  const configFile = join(copy, "examples", name, "zerodrop.yaml");
  const config = parseConfig(await readFile(configFile, "utf8"), configFile, []).service;
  assert.ok(config !== undefined);
  return readService(config, { configFile, cwd: copy }, () => assert.fail("nothing runs"));
}
const own = await serviceOf("behind-https");

describe("the example behind HTTPS", () => {
  test("is http-model's service and upgrade, by another entry and with one header more (defect: a copy that is left behind)", async () => {
    const { service, ...rest } = own;
    const { service: model, ...other } = await serviceOf("http-model");
    const headers = { "X-Model": "spam" };
    const requests = model.requests.map((each) => ({ ...each, headers: { ...each.headers, ...headers } }));
    assert.deepEqual(service, { ...model, requests, entry: service.entry });
    assert.deepEqual({ ...rest, requests: [] }, { ...other, requests: [] });
    assert.deepEqual(loadArgumentsIn(readme), ["--config", "examples/behind-https/zerodrop.yaml"]);
  });

  test("clients come in where the front listens, and ask by what it routes (defect: 404 for every request)", () => {
    const { entry, requests } = own.service;
    const { hostname, pathname, port, protocol } = new URL(entry?.url ?? "");
    const [listener] = gateway.spec.listeners;
    assert.deepEqual([protocol, hostname, port, pathname], ["https:", listener.hostname, "", "/"]);
    assert.equal(listener.protocol, "HTTPS");
    assert.deepEqual(route.spec.hostnames, [listener.hostname]);
    assert.equal(entry?.address, gateway.spec.addresses[0].value);
    const [
      {
        headers: [{ name, value }],
      },
    ] = route.spec.rules[0].matches;
    for (const request of requests) assert.equal(request.headers[name], value, request.name);
  });

  test("its address is one of the embedded cluster's Services, of the part from which none is given by itself (defect: an address that is taken)", () => {
    // KEP-3070: of a range of 4,096 the first 256 are given last.
    assert.equal(ADDRESSES.services, "198.19.0.0/20");
    const { value } = gateway.spec.addresses[0];
    assert.match(value, /^198\.19\.0\.\d+$/);
    assert.ok(![...Object.values<string>(ADDRESSES), "198.19.0.20"].includes(value));
  });

  test("the route's backend is the Envoy of KubeRay's Gateway, and may be (defect: 500 for every request)", () => {
    const [{ name, namespace: where, port }] = route.spec.rules[0].backendRefs;
    assert.deepEqual(backend.metadata, { name, namespace: where });
    assert.equal(backend.spec.ports[0].port, port);
    assert.equal(grant.metadata.namespace, where);
    assert.deepEqual([grant.spec.from[0].namespace, grant.spec.to[0].name], [namespace.metadata.name, name]);
    const { selector } = backend.spec;
    assert.equal(selector["gateway.envoyproxy.io/owning-gateway-name"], `${own.name}-gateway`);
    assert.equal(selector["gateway.envoyproxy.io/owning-gateway-namespace"], APPLICATION_NAMESPACE);
  });

  test("the certificate is the host's, by the authority that is trusted, and no key is left (defect: a handshake that fails)", async () => {
    assert.equal(stderr, "");
    const [{ name }] = gateway.spec.listeners[0].tls.certificateRefs;
    assert.deepEqual(secret.metadata, { name, namespace: namespace.metadata.name });
    const certificate = new X509Certificate(Buffer.from(secret.data["tls.crt"], "base64"));
    const key = createPrivateKey(Buffer.from(secret.data["tls.key"], "base64"));
    const authority = new X509Certificate(own.service.entry?.authority ?? "");
    assert.ok(authority.ca && !certificate.ca);
    assert.ok(certificate.verify(authority.publicKey) && certificate.checkIssued(authority));
    assert.ok(certificate.checkPrivateKey(key));
    assert.equal(certificate.checkHost("models.zerodrop.test", { subject: "never" }), "models.zerodrop.test");
    const files = ["ca.pem", "certificate.sh", "front.yaml", "README.md", "zerodrop.yaml", ".gitignore"];
    assert.deepEqual((await readdir(folder)).sort(), files.sort());
    assert.doesNotMatch(await readFile(join(folder, "ca.pem"), "utf8"), /PRIVATE KEY/);
  });
});
