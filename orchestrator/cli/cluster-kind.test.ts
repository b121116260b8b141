import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { SetUpError } from "../plan/errors.ts";
import { FakePrograms } from "../target/kind/testing/programs.ts";
import { runKindCluster } from "./cluster-kind.ts";
import { createProgress } from "./progress.ts";

let programs: FakePrograms;
let cache: string | undefined;
beforeEach(async () => {
  programs = await FakePrograms.start();
  cache = process.env["ZERODROP_CACHE"];
  process.env["ZERODROP_CACHE"] = programs.home;
});
afterEach(async () => {
  if (cache === undefined) delete process.env["ZERODROP_CACHE"];
  else process.env["ZERODROP_CACHE"] = cache;
  await programs[Symbol.asyncDispose]();
});

async function cluster(action: "up" | "down" | "status"): Promise<{ code: number; printed: string }> {
  let printed = "";
  using progress = createProgress({ stream: { write: () => true }, now: () => 0, live: false });
  const code = await runKindCluster(
    { action, configFile: undefined },
    {
      ...{ progress, signal: new AbortController().signal, env: {} },
      ...{ root: new URL("../..", import.meta.url).pathname, cwd: programs.home },
      print: (text) => (printed += text),
    },
  );
  return { code, printed };
}

test("up without Docker is refused before anything is built or made (defect: minutes of builds for a sentence)", async () => {
  await programs.put("kind", "exit 0");
  await assert.rejects(cluster("up"), (error) => error instanceof SetUpError && error.message.includes("needs Docker"));
  assert.deepEqual(await programs.asked(), ["kind version"]);
});

test("the status tells whether there is a cluster, and whether its API server answers", async () => {
  await programs.put("docker", "echo 28.0.1");
  await programs.put("kind", "exit 0");
  const none = await cluster("status");
  assert.equal(none.code, 69);
  assert.match(none.printed, /^There is no kind cluster zerodrop; npm run cluster -- up --target kind makes it\.$/m);
  await programs.put("kind", 'if [ "$2" = clusters ]; then echo zerodrop; fi');
  const silent = await cluster("status");
  assert.equal(silent.code, 69);
  assert.match(
    silent.printed,
    /is there\.\n {2}✗ API server does not answer\nkubeconfig: .*\/kind\/kubeconfig, context kind-zerodrop\n$/,
  );
});

test("down removes the cluster by its name, and says so", async () => {
  await programs.put("docker", "echo 28.0.1");
  await programs.put("kind", "exit 0");
  const { code, printed } = await cluster("down");
  assert.deepEqual([code, printed], [0, "The kind cluster zerodrop is gone.\n"]);
  assert.match(
    (await programs.asked()).at(-1) ?? "",
    /^kind delete cluster --name zerodrop --kubeconfig .*\/kind\/kubeconfig$/,
  );
});
