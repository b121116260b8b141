import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { access, chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { parseCommand } from "../orchestrator/cli/args.ts";
import { kubeContexts } from "../orchestrator/cli/kubeconfig.ts";
import { connect } from "../orchestrator/kube/connect.ts";
import { loadKubeconfig } from "../orchestrator/kube/kubeconfig.ts";
import { FaultyApiServer, json } from "../orchestrator/kube/testing/api-server.ts";
import { parseConfig } from "../orchestrator/plan/config.ts";
import { APPLICATION_NAMESPACE } from "../orchestrator/plan/make-plan.ts";
import { isOurs } from "../orchestrator/stage/labels.ts";
import { CHECKOUT } from "../scripts/artefacts/cache.ts";
import { versions } from "../scripts/artefacts/versions.ts";

const IMAGE = join(CHECKOUT, "images/runner");
const TOKEN = "a-token-nobody-may-see";
const IN_POD = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };

/** A folder with a service account and a zerodrop that tells how it was started, and then does as it is told by STUB. */
async function place() {
  const folder = await mkdtemp(join(tmpdir(), "zerodrop-runner-"));
  const [account, bin, tmp] = ["account", "bin", "tmp"].map((name) => join(folder, name)) as [string, string, string];
  for (const each of [account, bin, tmp]) await mkdir(each);
  await writeFile(join(account, "token"), TOKEN);
  await writeFile(join(account, "ca.crt"), "-----BEGIN CERTIFICATE-----\n");
  const stub =
    '#!/bin/sh\nfor it in "$@"; do printf "%s\\n" "[$it]"; done\necho "KUBECONFIG=${KUBECONFIG:-}"\neval "${STUB:-}"\n';
  await writeFile(join(bin, "zerodrop"), stub);
  await chmod(join(bin, "zerodrop"), 0o755);
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawn("/bin/sh", [join(IMAGE, "entrypoint.sh"), ...args], {
      env: { PATH: `${bin}:/usr/bin:/bin`, TMPDIR: tmp, ZERODROP_SERVICE_ACCOUNT: account, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const ran = async (args: readonly string[], env?: Readonly<Record<string, string>>) => {
    const child = start(args, env);
    const read = async (stream: AsyncIterable<unknown>): Promise<string> => {
      let text = "";
      for await (const chunk of stream) text += String(chunk);
      return text;
    };
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [stdout, stderr] = await Promise.all([read(child.stdout), read(child.stderr)]);
    return { code: await ended, stdout, stderr };
  };
  return {
    ...{ account, tmp, start, ran, kubeconfig: join(tmp, "zerodrop-kubeconfig") },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

test("a pod's service account is one context of a kubeconfig, by its files (defect: a token that is copied, and runs out)", async () => {
  await using here = await place();
  const args = ["load", "--context", "in-cluster", "--out", "/results/a b", "--config=*"];
  const { code, stdout, stderr } = await here.ran(args, IN_POD);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${args.map((it) => `[${it}]`).join("\n")}\nKUBECONFIG=${here.kubeconfig}\n`);
  assert.ok(!(await readFile(here.kubeconfig, "utf8")).includes(TOKEN));
  assert.deepEqual(kubeContexts({ KUBECONFIG: here.kubeconfig }).names, ["in-cluster"]);
  const loaded = await loadKubeconfig(here.kubeconfig, "in-cluster");
  assert.deepEqual([loaded.server, loaded.skipTlsVerify, loaded.proxied], ["https://10.96.0.1:443", false, false]);
  assert.equal(loaded.config.getCurrentCluster()?.caFile, join(here.account, "ca.crt"));
});

test("who asks by it is the service account (defect: requests of nobody)", async () => {
  await using here = await place();
  await using server = await FaultyApiServer.start(
    ({ url }, response) => url.pathname === "/version" && json(response, 200, { gitVersion: "v1.35.4" }),
  );
  await here.ran([], IN_POD);
  // The address alone is another: this API server speaks no TLS.
  const text = (await readFile(here.kubeconfig, "utf8"))
    .replace("https://10.96.0.1:443", server.address)
    .replace(/certificate-authority: .*/, "insecure-skip-tls-verify: true");
  await writeFile(here.kubeconfig, text);
  const kube = await connect({ kubeconfigPath: here.kubeconfig, context: "in-cluster" });
  await kube.serverVersion();
  assert.equal(server.received.at(-1)?.headers.authorization, `Bearer ${TOKEN}`);
});

test("an IPv6 address of the API server is a URL too", async () => {
  await using here = await place();
  await here.ran([], { ...IN_POD, KUBERNETES_SERVICE_HOST: "fd00::1" });
  assert.equal((await loadKubeconfig(here.kubeconfig)).server, "https://[fd00::1]:443");
});

test("what is passed through: the exit code, a signal, a KUBECONFIG of the user's own (defect: a verdict that is lost, a run that cannot be ended)", async () => {
  await using here = await place();
  assert.equal((await here.ran(["load"], { ...IN_POD, STUB: "exit 3" })).code, 3);
  const own = await here.ran(["load"], { ...IN_POD, KUBECONFIG: "/own/kubeconfig" });
  assert.match(own.stdout, /^KUBECONFIG=\/own\/kubeconfig$/m);
  await assert.rejects(access(join(here.tmp, "own")));
  // The stub is the process that was started: its handler alone makes 143 of the signal.
  const child = here.start(["load"], {
    ...IN_POD,
    STUB: "trap 'exit 143' TERM; echo ready; while :; do sleep 0.05; done",
  });
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve([code, signal])));
  for await (const chunk of child.stdout) {
    if (String(chunk).includes("ready")) break;
  }
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [143, null]);
});

test("without a service account zerodrop starts all the same, for what needs no cluster", async () => {
  await using here = await place();
  await rm(join(here.account, "token"));
  const { code, stdout } = await here.ran(["analyze", "/results/x"]);
  assert.deepEqual([code, stdout], [0, "[analyze]\n[/results/x]\nKUBECONFIG=\n"]);
  await assert.rejects(stat(here.kubeconfig));
});

test("a pod that is not as it must be is said in one sentence, with the exit code of a failed set-up (defect: the shell's own 1 or 2, which are verdicts)", async () => {
  await using here = await place();
  const cases: readonly (readonly [env: Record<string, string>, says: RegExp])[] = [
    [{}, /^zerodrop: KUBERNETES_SERVICE_HOST and .*not set\.\n$/],
    [{ KUBERNETES_SERVICE_HOST: "10.96.0.1" }, /not set\.\n$/],
    [{ ...IN_POD, TMPDIR: "/nowhere" }, /\nzerodrop: The folder \/nowhere must be writable; .*\n$/],
  ];
  for (const [env, says] of cases) {
    const { code, stdout, stderr } = await here.ran(["load"], env);
    assert.deepEqual([code, stdout], [69, ""], stderr);
    assert.match(stderr, says);
  }
  await rm(join(here.account, "ca.crt"));
  const { code, stderr } = await here.ran(["load"], IN_POD);
  assert.equal(code, 69);
  assert.match(stderr, /^zerodrop: .* ca\.crt .*\n$/);
});

const metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
});
const documentSchema = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata });
/** The restricted Pod Security Standard, and a read-only root file system beside it. */
const containerSchema = z.looseObject({
  image: z.string(),
  args: z.array(z.string()).default([]),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    privileged: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    runAsNonRoot: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal("ALL")]) }),
    seccompProfile: z.strictObject({ type: z.literal("RuntimeDefault") }),
  }),
  resources: z.looseObject({ requests: z.looseObject({}), limits: z.looseObject({ memory: z.string() }) }),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
});
const podSchema = z.looseObject({
  restartPolicy: z.literal("Never"),
  serviceAccountName: z.string().optional(),
  automountServiceAccountToken: z.boolean(),
  securityContext: z.strictObject({
    runAsNonRoot: z.literal(true),
    runAsUser: z.literal(65532),
    runAsGroup: z.literal(65532),
    fsGroup: z.literal(65532),
    seccompProfile: z.strictObject({ type: z.literal("RuntimeDefault") }),
  }),
  containers: z.tuple([containerSchema]),
  volumes: z.array(
    z.strictObject({
      name: z.string(),
      configMap: z.strictObject({ name: z.string() }).optional(),
      persistentVolumeClaim: z.strictObject({ claimName: z.string() }).optional(),
      emptyDir: z.strictObject({ sizeLimit: z.string() }).optional(),
    }),
  ),
});
const jobSchema = documentSchema.extend({
  spec: z.looseObject({ backoffLimit: z.literal(0), template: z.looseObject({ spec: podSchema }) }),
});
const configMapSchema = documentSchema.extend({ data: z.record(z.string(), z.string()) });
const bindingSchema = documentSchema.extend({
  roleRef: z.strictObject({
    apiGroup: z.literal("rbac.authorization.k8s.io"),
    kind: z.literal("ClusterRole"),
    name: z.string(),
  }),
  subjects: z.tuple([z.strictObject({ kind: z.literal("ServiceAccount"), name: z.string(), namespace: z.string() })]),
});

async function documentsOf(file: string) {
  const text = await readFile(join(CHECKOUT, file), "utf8");
  return parseAllDocuments(text).map((document) => documentSchema.parse(document.toJS()));
}
const documents = await documentsOf("manifests/runner/job.yaml");
const one = <S extends z.ZodType>(kind: string, schema: S, from = documents): z.infer<S> => {
  const [found, another] = from.filter((it) => it.kind === kind);
  assert.ok(found !== undefined && another === undefined, `${kind}: one is expected`);
  return schema.parse(found);
};
const pod = one("Job", jobSchema).spec.template.spec;
const [runner] = pod.containers;

test("the Job may do what a run does and no more (defect: a binding to a role that is not there)", async () => {
  const roles = (await documentsOf("manifests/rbac/runner.yaml")).map((it) => it.metadata.name);
  const { roleRef, subjects } = one("ClusterRoleBinding", bindingSchema);
  assert.ok(roles.includes(roleRef.name), roleRef.name);
  assert.equal(roleRef.name, "zerodrop-runner");
  const account = one("ServiceAccount", documentSchema).metadata;
  assert.deepEqual(subjects, [{ kind: "ServiceAccount", name: account.name, namespace: account.namespace }]);
  assert.equal(pod.serviceAccountName, account.name);
  assert.equal(pod.automountServiceAccountToken, true);
});

test("everything is in one namespace that no run removes (defect: a runner that deletes itself)", () => {
  const namespace = one("Namespace", documentSchema).metadata;
  assert.ok(![APPLICATION_NAMESPACE, "zerodrop-system"].includes(namespace.name));
  assert.equal(namespace.labels?.["pod-security.kubernetes.io/enforce"], "restricted");
  for (const document of documents) {
    assert.ok(!isOurs(document.metadata.labels ?? {}), document.kind);
    if (document.kind === "Namespace" || document.kind === "ClusterRoleBinding") continue;
    assert.equal(document.metadata.namespace, namespace.name, document.kind);
  }
});

test("there is no Secret, and none is named", async () => {
  for (const file of ["manifests/runner/job.yaml", "manifests/runner/results.yaml"]) {
    const text = JSON.stringify(await documentsOf(file));
    assert.doesNotMatch(text, /secret|password|"token"/i, file);
  }
});

test("what the container is told is a command that zerodrop takes, and every file of it is mounted", () => {
  const args = runner.args.map((argument) => argument.replace("$(POD_NAME)", "runner-x"));
  const command = parseCommand(args, { kubeContexts: () => ({ source: "", names: ["in-cluster"] }) });
  assert.ok(command.command === "load");
  assert.equal(command.context, "in-cluster");
  const mountOf = (path: string) => runner.volumeMounts.find(({ mountPath }) => mountPath === path);
  const volumeOf = (path: string) => pod.volumes.find(({ name }) => name === mountOf(path)?.name);
  const { configFile = "", out = "" } = command;
  const { metadata: named, data } = one("ConfigMap", configMapSchema);
  assert.equal(volumeOf(dirname(configFile))?.configMap?.name, named.name);
  assert.deepEqual(
    Object.keys(data).map((name) => join(dirname(configFile), name)),
    [configFile],
  );
  const config = parseConfig(data["zerodrop.yaml"] ?? "", "zerodrop.yaml", Object.keys(versions));
  assert.ok(config.images["k6"] !== undefined);
  assert.equal(
    volumeOf(dirname(out))?.persistentVolumeClaim?.claimName,
    one("PersistentVolumeClaim", documentSchema).metadata.name,
  );
  assert.ok(volumeOf("/tmp")?.emptyDir !== undefined);
});

test("the pod that hands the recordings out sees the same volume, as the same user, and has no token", async () => {
  const { spec } = one(
    "Pod",
    documentSchema.extend({ spec: podSchema }),
    await documentsOf("manifests/runner/results.yaml"),
  );
  assert.equal(spec.automountServiceAccountToken, false);
  assert.deepEqual(
    spec.volumes,
    pod.volumes.filter(({ name }) => name === "results"),
  );
  assert.deepEqual(spec.securityContext, pod.securityContext);
});

test("the image is built on Node that is new enough, and runs as the user of the manifest (defect: an image that the restricted standard refuses)", async () => {
  const text = await readFile(join(IMAGE, "Containerfile"), "utf8");
  const instructions = text.split("\n").filter((line) => /^[A-Z]+ /.test(line));
  assert.equal(instructions[0], "ARG NODE_IMAGE=node:24-slim");
  assert.deepEqual(
    instructions.filter((line) => line.startsWith("FROM")),
    ["FROM ${NODE_IMAGE} AS installed", "FROM ${NODE_IMAGE}"],
  );
  assert.equal(
    instructions.findLast((line) => line.startsWith("USER")),
    `USER ${pod.securityContext.runAsUser}:${pod.securityContext.runAsGroup}`,
  );
  assert.ok(instructions.includes('ENTRYPOINT ["/bin/sh", "/opt/zerodrop/entrypoint.sh"]'));
});
