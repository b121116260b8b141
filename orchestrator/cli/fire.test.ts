import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { UsageError } from "../plan/errors.ts";
import { assertOneSentence } from "../plan/testing/one-sentence.ts";
import { fireSchema, type Fire, type ShotFacts } from "../report/fire/fire.ts";
import { KILLED } from "../report/fire/testing/facts.ts";
import { parseCommand } from "./args.ts";
import { runFire } from "./fire.ts";
import type { ShotEnd, ShotParts, ShotRequest } from "./fire-shot.ts";
import { InterruptedError } from "./interrupt.ts";
import { pastRuns } from "./past-runs.ts";
import { fakeRoot, leaveRun, quietProgress } from "./testing/fake-runs.ts";

let place: Awaited<ReturnType<typeof fakeRoot>>;
beforeEach(async () => {
  place = await fakeRoot();
});
afterEach(() => place[Symbol.asyncDispose]());

let wallMs = Date.UTC(2026, 2, 14);
const laterNow = (): (() => number) => {
  const at = (wallMs += 3_600_000);
  return () => at;
};

/** What becomes of a run: its facts; an end before its moment; or nothing special for what it is. */
type FakeEnd = Partial<ShotFacts> | "too-fast" | "never-ready" | "interrupted" | undefined;

const CLEAN_ENDED: Partial<ShotFacts> = {
  hit: null,
  ended: { killed: false, exitCode: 0, seconds: 100, said: [], namesNext: false },
};

/** `npm run fire` with these flags, with runs that end like this by name (the first time, the second...), and what is left by run id. */
async function fire(
  flags: string,
  { ends = {}, left = {} }: { ends?: Record<string, FakeEnd[]>; left?: Record<string, string[]> } = {},
) {
  const command = parseCommand(["fire", ...flags.split(" ").filter(Boolean)], { kubeContexts: () => assert.fail() });
  assert.ok(command.command === "fire");
  let stdout = "";
  const made: { name: string; request: ShotRequest }[] = [];
  const asked: string[][] = [];
  const interrupt = new AbortController();
  const shoot = async (request: ShotRequest, parts: ShotParts): Promise<ShotEnd> => {
    const name = basename(request.folder)
      .replace(/^\d+-/, "")
      .replace(/\.\d+$/, "");
    const end = ends[name]?.[made.filter((one) => one.name === name).length];
    made.push({ name, request });
    await writeFile(request.log, "");
    if (end === "interrupted") {
      interrupt.abort(new InterruptedError("SIGINT"));
      throw new InterruptedError("SIGINT");
    }
    if (end === "never-ready") return { hit: false, ready: false, exitCode: 69, said: "zerodrop: It is there." };
    await mkdir(request.folder);
    await parts.onReady();
    if (end === "too-fast") return { hit: false, ready: true, exitCode: 0, said: "" };
    const recording = {
      runId: `run-${name}`,
      complete: request.shot.do === "nothing",
      verdict: request.shot.do === "nothing" ? "pass" : "none",
    };
    const clean = request.shot.do === "nothing" ? CLEAN_ENDED : {};
    const analysis = { ...KILLED.analysis, ...(request.shot.do === "nothing" ? { exitCode: 0, verdict: "pass" } : {}) };
    return { hit: true, facts: { ...KILLED, recording, analysis, ...clean, ...end, next: null } };
  };
  const code = await runFire(command, {
    ...{ root: place.root, cwd: place.root, home: place.root, env: {}, colour: false, width: 100, now: laterNow() },
    progress: quietProgress([]),
    print: (text) => (stdout += text),
    signal: interrupt.signal,
    shoot,
    acts: {
      left: (runIds) => {
        asked.push([...runIds]);
        return Promise.resolve(
          new Map(runIds.flatMap((id) => (left[id] === undefined ? [] : [[id, left[id]] as const]))),
        );
      },
      place: () => assert.fail(),
      strike: () => assert.fail(),
    },
  }).then(
    (value) => value,
    (error: unknown) => error,
  );
  return { code, stdout, made: made.map(({ name }) => name), requests: made.map(({ request }) => request), asked };
}

const onDisk = async (folder: string): Promise<Fire> =>
  fireSchema.parse(JSON.parse(await readFile(join(place.root, folder, "fire.json"), "utf8")));
const next = ({ runs }: Fire) => runs.map(({ name, outcome }) => [name, outcome?.facts.next?.by]);

test("kills are made one after another, each is settled by the run after it, and the last is a clean one (defect: nobody looks at what the last kill left)", async () => {
  const { code, made, stdout, requests, asked } = await fire("--kills 3 --only new-side,staging,drain --out f");
  assert.equal(code, 0, stdout);
  assert.equal(made.length, 4);
  assert.equal(made[3], "clean");
  const table = await onDisk("f");
  assert.deepEqual(next(table), [
    [made[0], made[1]],
    [made[1], made[2]],
    [made[2], "clean"],
    ["clean", "clean"],
  ]);
  assert.deepEqual(asked, [
    [`run-${made[0] ?? ""}`],
    [`run-${made[1] ?? ""}`],
    [`run-${made[2] ?? ""}`],
    ["run-clean"],
  ]);
  assert.ok(requests.every(({ args }) => args[0] === "--config" && args.length === 2));
  assert.deepEqual(
    [table.plan.load.warmUpSeconds, table.plan.load.graceMs, table.plan.strategy.name],
    [5, 2000, "aggressive"],
  );
  assert.match(stdout, /^Under fire: 4 held\n/);
  assert.match(await readFile(join(place.root, "f/fire.md"), "utf8"), /4 held/);
});

test("what a kill has left is its problem, not that of the run that finds it", async () => {
  const { code } = await fire("--kills 3 --only new-side,drain --out f", {
    left: { "run-new-side-1": ["Pod zerodrop/x"] },
  });
  assert.equal(code, 1);
  const { runs } = await onDisk("f");
  const broken = runs.filter(({ outcome }) => (outcome?.problems.length ?? 0) > 0);
  assert.deepEqual(
    broken.map(({ name }) => name),
    ["new-side-1"],
  );
  assert.match(broken[0]?.outcome?.problems[0] ?? "", /Pod zerodrop\/x/);
});

test("a run that cannot be set up is the problem of the kills before it (defect: held, as nobody came to look)", async () => {
  const order = (await fire("--kills 3 --only new-side,drain --out a")).made;
  const [first = "", second = ""] = order;
  await rm(join(place.root, "a"), { recursive: true });
  const { code } = await fire("--kills 3 --only new-side,drain --out f", { ends: { [second]: ["never-ready"] } });
  assert.equal(code, 1);
  const { runs } = await onDisk("f");
  assert.match(
    runs.find(({ name }) => name === first)?.outcome?.problems[0] ?? "",
    /must work without help: exit code 69/,
  );
  assert.equal(runs.find(({ name }) => name === second)?.status, "failed-to-run");
});

test("a kill for which the run was too fast is made again, sooner, and at last given up", async () => {
  const { made, requests } = await fire("--kills 12 --only judging --out f", { ends: { "judging-1": ["too-fast"] } });
  assert.deepEqual(made, ["judging-1", "judging-1", "clean"]);
  const [one, two] = requests.map(({ shot }) => (shot.do === "kill" ? shot.seconds : 0));
  assert.equal(two, (one ?? 0) / 2);
  const fast: FakeEnd[] = ["too-fast", "too-fast", "too-fast"];
  assert.equal((await fire("--kills 12 --only removal --out g", { ends: { "removal-1": fast } })).code, 2);
});

test("what has a result is not run again, here or elsewhere, but for a clean run at the end of what is new (defect: hours that are spent twice)", async () => {
  const first = await fire("--kills 3 --only new-side,drain --out results/fire-20260101-000000");
  assert.equal(first.made.length, 3);
  const again = await fire("--kills 3 --only new-side,drain --out results/fire-20260101-000001");
  assert.deepEqual([again.code, again.made], [0, []]);
  const more = await fire("--kills 3 --only new-side,drain,staging --out results/fire-20260101-000002");
  assert.deepEqual([more.code, more.made], [0, ["staging-1", "clean"]]);
  // Without its log a run has no result any more.
  await rm(join(place.root, "results/fire-20260101-000000/01-new-side-1.log"), { force: true });
  await rm(join(place.root, "results/fire-20260101-000000/02-new-side-1.log"), { force: true });
  const removed = await fire("--kills 3 --only new-side --out results/fire-20260101-000003");
  assert.deepEqual(removed.made, ["new-side-1", "clean"]);
  const { plan } = await onDisk("results/fire-20260101-000003");
  await leaveRun({ plan, out: join(place.root, "results/fire-20260101-000003/09-x") }, "pass");
  assert.deepEqual(await pastRuns(place.root), [], "what was done to them is in no plan");
});

test("an interruption leaves the rest for --resume, with the flags it was begun with", async () => {
  const { code, made } = await fire("--kills 3 --out f", {
    ends: { "disk-full": ["interrupted"] },
  });
  assert.ok(code instanceof InterruptedError, String(code));
  assert.deepEqual(made, ["api-server-gone-in-set-up", "api-server-gone-while-collecting", "disk-full"]);
  const other = await fire("--resume --out f --kills 4");
  assert.ok(other.code instanceof UsageError && other.code.message.includes("--kills must be"), String(other.code));
  const rest = await fire("--resume --out f");
  assert.equal(rest.made[0], "disk-full");
  assert.equal(rest.made.at(-1), "clean");
  assert.equal(rest.made.length, 3 + 3 + 1);
});

test("--list names every moment and trouble, and creates nothing", async () => {
  const { code, stdout } = await fire("--list");
  assert.equal(code, 0);
  assert.match(stdout, /^kills: 50 /);
  for (const name of ["new-side (35 s)", "kubeconfig-invalid", "disk-full", "clean"])
    assert.ok(stdout.includes(name), name);
  assert.deepEqual(await readdir(join(place.root, "results")), []);
});

/** Each: flags, and what the one sentence says. */
const bad: readonly (readonly [flags: string, ...says: string[]])[] = [
  ["--kills x", "--kills", '"x"'],
  ["--kills -1", "--kills", '"-1"'],
  ["--seed 1.5", "--seed", '"1.5"'],
  ["--only disk-ful", "disk-ful", "nearest is disk-full"],
  ["--resume", "--resume"],
];
for (const [flags, ...says] of bad) {
  test(`fire ${flags} is refused and creates nothing`, async () => {
    const before = await readdir(place.root, { recursive: true });
    const error: unknown = await fire(flags).then(
      ({ code }) => code,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof UsageError, String(error));
    assertOneSentence(error.message);
    for (const part of says) assert.ok(error.message.includes(part), error.message);
    assert.deepEqual(await readdir(place.root, { recursive: true }), before);
  });
}
