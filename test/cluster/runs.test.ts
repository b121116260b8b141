import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { judgeRecording } from "../../orchestrator/cli/judge-recording.ts";
import { runResultSchema } from "../../orchestrator/judge/run-result.ts";
import type { RunResult } from "../../orchestrator/judge/run-result.ts";
import { connect } from "../../orchestrator/kube/connect.ts";
import { existingCgroups } from "../../orchestrator/target/embedded/cgroups.ts";
import { status } from "../../orchestrator/target/embedded/embedded.ts";
import { HOST_INTERFACE, layoutOf } from "../../orchestrator/target/embedded/layout.ts";
import { markedProcesses } from "../../orchestrator/target/embedded/processes.ts";
import { temporaryFolder, zerodrop } from "./commands.ts";
import { assertUnnoticed } from "./unnoticed.ts";

/** These tests depend on each other's cluster and run in this order; a first build may be part of the first one. */
const layout = layoutOf();
const FIRST_BUILD = { timeout: 40 * 60_000 };
const RUN = { timeout: 12 * 60_000 };
/** Half of the default: these tests are about the chain, and a neighbour of the machine that is busy must not fail them. */
const RATE = ["--rate", "100"];

/** Ids of all network namespaces that a process of this host is in. */
async function networkNamespaces(): Promise<string[]> {
  const { stdout } = await promisify(execFile)("lsns", ["--type", "net", "--noheadings", "--output", "NS"]);
  return stdout.trim().split(/\s+/).sort();
}
let netnsBefore: string[] = [];

async function resultIn(folder: string): Promise<RunResult> {
  return runResultSchema.parse(JSON.parse(await readFile(join(folder, "run.json"), "utf8")));
}

/** Whether nothing but a step of the runner's wall clock is wrong with a run. */
function clockWasStepped({ checks }: RunResult): boolean {
  const broken = checks.filter(({ verdict }) => verdict !== "pass" && verdict !== "not-applicable");
  return broken.every(({ message }) =>
    /^The runner's wall clock was stepped by \d+ ms during the run\.$/.test(message),
  );
}

async function namespaces(): Promise<string[]> {
  const kube = await connect({ kubeconfigPath: layout.kubeconfig });
  return (await kube.list({ apiVersion: "v1", kind: "Namespace" })).map(({ metadata }) => metadata.name);
}

test("two ups at once wait for each other and end with one whole node", FIRST_BUILD, async () => {
  assert.equal((await zerodrop("cluster", "down").ended).code, 0);
  netnsBefore = await networkNamespaces();
  const ends = await Promise.all([zerodrop("cluster", "up").ended, zerodrop("cluster", "up").ended]);
  assert.deepEqual(
    ends.map(({ code }) => code),
    [0, 0],
  );
  const found = await status(layout);
  assert.equal(found.running, true);
  assert.equal(found.apiServerAnswers, true);
  const second = await zerodrop("cluster", "status").ended;
  assert.equal(second.code, 0);
  assert.match(second.stdout, /kubeconfig: /);
});

const CHANGES = [
  ["aggressive", ["--strategy", "aggressive"]],
  ["blue-green", ["--strategy", "blue-green"]],
  ["a rollback", ["--scenario", "rollback", "--strategy", "aggressive"]],
] as const;
for (const [name, flags] of CHANGES) {
  test(`${name} for real, and analyze gives the same bytes`, RUN, async () => {
    await using folder = await temporaryFolder();
    const run = async (to: string): Promise<{ out: string; code: number | null; stdout: string }> => {
      const out = join(folder.path, to);
      const { code, stdout } = await zerodrop("load", ...flags, ...RATE, "--out", out, "--json").ended;
      return { out, code, stdout };
    };
    let { out, code, stdout } = await run("recording");
    // A machine that sets its clock under way spoils the evidence, which the verdict says: no word on the chain, so once more.
    if (code === 2 && clockWasStepped(await resultIn(out))) ({ out, code, stdout } = await run("again"));
    const written = await readFile(join(out, "run.json"), "utf8");
    assert.equal(stdout, written, "--json prints run.json alone");
    const result = await resultIn(out);
    assertUnnoticed(result, code, { mayLoseRequests: name === "blue-green" });
    assert.deepEqual(Object.keys(result.load.perVersion).sort(), ["v1", "v2"]);
    const idle = result.checks.filter(({ verdict, required }) => verdict === "not-applicable" && required);
    assert.deepEqual(idle, [], "every required check had something to judge");
    const again = await zerodrop("analyze", out, "--json").ended;
    assert.equal(again.stdout, written);
    assert.equal(again.code, code);
    assert.equal(again.stderr, "", "nothing differs from what the run said");
    const files = await readdir(out);
    for (const report of ["junit.xml", "summary.md"]) assert.ok(files.includes(report), report);
    assert.ok(!(await namespaces()).includes("zerodrop"), "the application is removed");
    const logs = await readdir(join(out, "logs"));
    for (const part of ["kuberay-operator", "envoy-gateway", "ray-head", "k6.log"]) {
      assert.ok(
        logs.some((name) => name.includes(part)),
        `a log of ${part} among ${logs.join(", ")}`,
      );
    }
  });
}

test("a second run says who holds the cluster; Ctrl-C leaves a readable recording and nothing else", RUN, async () => {
  await using folder = await temporaryFolder();
  const [first, second] = [join(folder.path, "first"), join(folder.path, "second")];
  await mkdir(first);
  const run = zerodrop("load", "--out", first);
  await waitFor("warm-up", async () =>
    (await readFile(join(first, "history.ndjson"), "utf8")).includes("warm-up-reading"),
  );

  const refused = await zerodrop("load", "--out", second).ended;
  assert.equal(refused.code, 69);
  assert.match(refused.stderr, /held by run \S+-aggressive, process \d+/);

  run.kill("SIGINT");
  const { code } = await run.ended;
  assert.equal(code, 130);
  const judged = await judgeRecording(first);
  assert.equal(judged.verdict, "invalid");
  assert.ok(!(await namespaces()).includes("zerodrop"), "the application is removed");
});

test("after kill -9 of a daemon the next up recovers by itself", RUN, async () => {
  const state: unknown = JSON.parse(await readFile(layout.stateFile, "utf8"));
  assert.ok(typeof state === "object" && state !== null && "daemons" in state);
  const guardians = state.daemons as Record<string, number>;
  const guardian = guardians["kube-apiserver"] ?? 0;
  const { stdout } = await promisify(execFile)("ps", ["-o", "pid=", "--ppid", String(guardian)]);
  process.kill(Number(stdout.trim()), "SIGKILL");
  await waitFor("the daemon's end", async () => !(await status(layout)).running);
  assert.equal((await zerodrop("cluster", "up").ended).code, 0);
  assert.equal((await status(layout)).running, true);
});

test("down leaves no process, mount, interface, cgroup or namespace", RUN, async () => {
  assert.equal((await zerodrop("cluster", "down").ended).code, 0);
  assert.deepEqual(await markedProcesses(layout.state), []);
  assert.deepEqual(await existingCgroups(), []);
  const links = await promisify(execFile)("ip", ["-o", "link", "show"]);
  assert.ok(!links.stdout.includes(HOST_INTERFACE));
  const mounts = await readFile("/proc/self/mountinfo", "utf8");
  assert.ok(!mounts.includes(layout.cache));
  assert.deepEqual(await networkNamespaces(), netnsBefore, "network namespaces as before the first up");
  assert.equal((await zerodrop("cluster", "status").ended).code, 69);
});

async function waitFor(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 180_000;
  while (!(await holds().catch(() => false))) {
    assert.ok(Date.now() < deadline, `${what} was awaited for 180 s`);
    await delay(200);
  }
}
