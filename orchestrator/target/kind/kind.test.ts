import assert from "node:assert/strict";
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { parse } from "yaml";
import { SetUpError } from "../../plan/errors.ts";
import { assertOneSentence } from "../../plan/testing/one-sentence.ts";
import {
  isKindThere,
  KIND_CONTEXT,
  kindConfig,
  kindEnvironment,
  kindLayout,
  loadIntoKind,
  makeKind,
  removeKind,
  requireKind,
} from "./kind.ts";
import { FakePrograms } from "./testing/programs.ts";

const { signal } = new AbortController();
let programs: FakePrograms;
beforeEach(async () => {
  programs = await FakePrograms.start();
});
afterEach(() => programs[Symbol.asyncDispose]());

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SetUpError, String(error));
  return error.message;
}

test("without kind, without Docker, and with a Docker that does not answer, one sentence has the remedy (defect: a stack trace, or half a cluster)", async () => {
  const without = await refusal(requireKind(signal));
  assertOneSentence(without.replace("kind.sigs.k8s.io/", ""));
  assert.match(without, /needs the program kind .*install it/);
  await programs.put("kind", "exit 0");
  await programs.put("docker", 'echo "Cannot connect to the Docker daemon. Is it running?" >&2; exit 1');
  const silent = await refusal(requireKind(signal));
  assert.match(silent, /needs Docker, which does not answer \(Cannot connect .* Is it running\?\); start it/);
  assert.deepEqual(await programs.asked(), ["kind version", "docker info --format {{.ServerVersion}}"]);
  await programs.put("docker", "echo 28.0.1");
  await requireKind(signal);
});

test("a cluster is made once, with a kubeconfig of ours and never the user's own (defect: ~/.kube/config changed)", async () => {
  const layout = kindLayout(programs.home);
  await programs.put("kind", 'if [ "$2" = clusters ]; then echo other; echo zerodrop-2; fi');
  assert.equal(await isKindThere(signal), false);
  assert.equal(await makeKind(layout, signal), "made");
  const kubeconfig = join(programs.home, "kind", "kubeconfig");
  const [, , create] = await programs.asked();
  const config = join(programs.home, "kind", "cluster.yaml");
  assert.equal(create, `kind create cluster --name zerodrop --kubeconfig ${kubeconfig} --config ${config} --wait 120s`);
  assert.equal(await readFile(config, "utf8"), kindConfig());
  assert.deepEqual(kindEnvironment({ KUBECONFIG: "/theirs", HOME: "/home" }, layout), {
    ...{ KUBECONFIG: kubeconfig, HOME: "/home" },
  });

  await programs.put("kind", 'if [ "$2" = clusters ]; then echo zerodrop; fi');
  assert.equal(await makeKind(layout, signal), "there");
  assert.equal((await programs.asked()).at(-1), `kind export kubeconfig --name zerodrop --kubeconfig ${kubeconfig}`);
});

test("a cluster of that name that somebody else has made is neither used nor removed (defect: their cluster is gone)", async () => {
  const layout = kindLayout(programs.home);
  await programs.put("kind", 'if [ "$2" = clusters ]; then echo zerodrop; fi');
  for (const work of [() => makeKind(layout, signal), () => removeKind(layout, signal)]) {
    assert.match(await refusal(work()), /not made by zerodrop here.*left alone/);
  }
  assert.deepEqual(await programs.asked(), ["kind get clusters", "kind get clusters"]);
});

test("kind's configuration has one node and the name by which the context is found", () => {
  const config: unknown = parse(kindConfig());
  assert.deepEqual(config, {
    ...{ kind: "Cluster", apiVersion: "kind.x-k8s.io/v1alpha4", name: "zerodrop" },
    ...{ networking: { apiServerAddress: "127.0.0.1" }, nodes: [{ role: "control-plane" }] },
  });
  assert.equal(KIND_CONTEXT, "kind-zerodrop");
});

test("a creation that fails tells kind's last lines, and what it left is removed (defect: containers that nobody knows of)", async () => {
  const layout = kindLayout(programs.home);
  await programs.put(
    "kind",
    'if [ "$1" = create ]; then echo "ERROR: failed to create cluster: no space left" >&2; exit 1; fi',
  );
  const message = await refusal(makeKind(layout, signal));
  assert.match(
    message,
    /^kind create failed with exit code 1\.\n(?:.*\n)*ERROR: failed to create cluster: no space left\nWhole log: /,
  );
  assert.equal(
    (await programs.asked()).at(-1),
    `kind delete cluster --name zerodrop --kubeconfig ${layout.kubeconfig}`,
  );
  assert.ok(!(await readdir(programs.home)).includes("kind"));
});

test("an interrupted creation ends kind and removes what it left; the interruption is what is told", async () => {
  const layout = kindLayout(programs.home);
  await programs.put("kind", 'if [ "$1" = create ]; then sleep 60; fi');
  const interrupted = new AbortController();
  const making = makeKind(layout, interrupted.signal);
  // As soon as kind has been asked to create.
  for (;;) {
    if ((await programs.asked()).some((line) => line.startsWith("kind create"))) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  interrupted.abort(new Error("Interrupted by SIGINT."));
  await assert.rejects(making, /Interrupted by SIGINT/);
  assert.match((await programs.asked()).at(-1) ?? "", /^kind delete cluster --name zerodrop /);
});

test("the load's image goes to the nodes by its archive, and a failure of it is told", async () => {
  const layout = kindLayout(programs.home);
  await programs.put("kind", "exit 0");
  await loadIntoKind(layout, "/cache/a b/image.tar", signal);
  assert.deepEqual(await programs.asked(), ["kind load image-archive /cache/a b/image.tar --name zerodrop"]);
  await programs.put("kind", 'echo "ERROR: no nodes found for cluster" >&2; exit 1');
  assert.match(
    await refusal(loadIntoKind(layout, "image.tar", signal)),
    /^kind load failed .*\n(?:.*\n)*ERROR: no nodes found/,
  );
});

test("the end of a cluster takes its kubeconfig along; one that kind cannot end keeps it", async () => {
  const layout = kindLayout(programs.home);
  await programs.put("kind", 'if [ "$1" = delete ]; then echo "ERROR: permission denied" >&2; exit 1; fi');
  await makeKind(layout, signal);
  assert.match(await refusal(removeKind(layout, signal)), /permission denied/);
  assert.ok((await stat(layout.folder)).isDirectory());
  await programs.put("kind", "exit 0");
  await removeKind(layout, signal);
  await assert.rejects(stat(layout.folder));
});

test("kind that cannot list its clusters is an error, and no cluster that is not there (defect: a second one is made)", async () => {
  await programs.put("kind", 'echo "ERROR: failed to list clusters" >&2; exit 1');
  assert.match(await refusal(isKindThere(signal)), /^kind get clusters failed\.\nERROR: failed to list clusters/);
});
