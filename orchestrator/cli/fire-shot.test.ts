import assert from "node:assert/strict";
import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { planOf } from "../checks/testing.ts";
import { isAlive, until } from "../target/embedded/processes.ts";
import type { FireActs } from "./fire-acts.ts";
import { takeShot, type Shot, type ShotEnd } from "./fire-shot.ts";
import { InterruptedError } from "./interrupt.ts";

const MAIN = [process.execPath, fileURLToPath(new URL("./testing/fake-runner.ts", import.meta.url))] as const;
const PLAN = JSON.stringify({ ...planOf(), runId: "r" });

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "zerodrop-fire-"));
  await mkdir(join(root, "results"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A run of the fake runner in this mode, with what was called. */
async function shoot(shot: Shot, mode: string, more: { signal?: AbortSignal; onReady?: () => Promise<void> } = {}) {
  const calls: string[] = [];
  const acts: FireActs = {
    left: () => Promise.resolve(new Map()),
    place: (_trouble, folder) =>
      Promise.resolve({
        out: folder,
        [Symbol.asyncDispose]: () => {
          calls.push("place given back");
          return Promise.resolve();
        },
      }),
    strike: async (trouble) => {
      calls.push(trouble);
      await writeFile(join(root, "results", "elsewhere"), "");
      return {
        [Symbol.asyncDispose]: () => {
          calls.push("undone");
          return Promise.resolve();
        },
      };
    },
  };
  const end: ShotEnd = await takeShot(
    { shot, folder: join(root, "f", "01-x"), log: join(root, "01-x.log"), args: ["--config", "c"] },
    {
      main: MAIN,
      cwd: root,
      env: { ...process.env, FAKE_MODE: mode, FAKE_PLAN: PLAN },
      results: join(root, "results"),
      acts,
      signal: more.signal ?? new AbortController().signal,
      update: () => undefined,
      onReady: more.onReady ?? (() => Promise.resolve(void calls.push("ready"))),
    },
  );
  return { end, calls };
}

for (const group of [false, true]) {
  test(`a runner is killed ${group ? "with its group" : "alone"} so long after its phase began, and what it left is looked at (defect: facts of a run that goes on)`, async () => {
    const { end, calls } = await shoot({ do: "kill", phase: "new-side", seconds: 0.2, group }, "");
    assert.ok(end.hit);
    const { hit, ended, recording, analysis, processes, outside } = end.facts;
    assert.equal(hit?.phase, "new-side");
    assert.ok(hit.seconds >= 0.2);
    assert.deepEqual([ended.killed, ended.exitCode], [true, null]);
    assert.deepEqual(recording, { runId: "r", complete: false, verdict: "none" });
    assert.deepEqual([analysis.exitCode, analysis.verdict, analysis.said], [2, "invalid", "It was cut short."]);
    assert.deepEqual([processes, outside], [[], []]);
    assert.deepEqual(calls, ["ready", "place given back"]);
    assert.match(await readFile(join(root, "01-x.log"), "utf8"), /application: started/);
  });
}

test("a phase that never comes is no reason not to kill: the one after it counts (defect: a kill in the wait for a lease that nobody holds)", async () => {
  const { end } = await shoot({ do: "kill", phase: "lease", seconds: 0, group: false }, "");
  assert.ok(end.hit && end.facts.ended.killed);
});

test("a process that the runner leaves is found by its mark, named, and ended (defect: it disturbs the next run)", async () => {
  const { end } = await shoot({ do: "kill", phase: "new-side", seconds: 0.5, group: true }, "leaves-a-child");
  assert.ok(end.hit);
  const [left = "", ...more] = end.facts.processes;
  assert.deepEqual(more, []);
  assert.match(left, /^\d+: sleep 600$/);
  const pid = Number(left.split(":", 1)[0]);
  await until("the end of what was left", 10_000, async () => ((await isAlive(pid)) ? undefined : true));
});

test("a trouble is brought about, the run's own end is waited for, and then it is undone (defect: mended under the run)", async () => {
  const struck = join(root, "results", "elsewhere");
  const { end, calls } = await shoot({ do: "trouble", trouble: "kubeconfig-invalid" }, `fails-when-there-is ${struck}`);
  assert.ok(end.hit);
  const { hit, ended, outside } = end.facts;
  assert.ok((hit?.seconds ?? 0) >= 1);
  assert.equal(hit?.phase, "warm-up");
  assert.deepEqual([ended.killed, ended.exitCode, ended.namesNext], [false, 69, true]);
  assert.deepEqual(outside, ["elsewhere"]);
  assert.deepEqual(calls, ["ready", "kubeconfig-invalid", "undone", "place given back"]);
});

test("a run that is over before its moment is told as such (defect: a trouble that was never brought about)", async () => {
  const { end, calls } = await shoot({ do: "trouble", trouble: "disk-full" }, "fails");
  assert.deepEqual(end, { hit: false, ready: true, exitCode: 69, said: "zerodrop: The disk is full." });
  assert.deepEqual(calls, ["ready", "place given back"]);
});

test("a run that nothing is done to tells how it ended: last words, and whether they name the next command", async () => {
  const { end } = await shoot({ do: "nothing" }, "fails");
  assert.ok(end.hit);
  const { ended, hit } = end.facts;
  assert.equal(hit, null);
  assert.deepEqual([ended.exitCode, ended.said, ended.namesNext], [69, ["zerodrop: The disk is full."], true]);
});

test("an interruption is the runner's too, and is what is told (defect: a run that nobody waits for)", async () => {
  const interrupt = new AbortController();
  const shot: Shot = { do: "kill", phase: "removal", seconds: 60, group: false };
  const onReady = (): Promise<void> => {
    interrupt.abort(new InterruptedError("SIGINT"));
    return Promise.resolve();
  };
  await assert.rejects(shoot(shot, "", { signal: interrupt.signal, onReady }), InterruptedError);
});
