import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { Verdict } from "../judge/verdict.ts";
import { SetUpError, UsageError } from "../plan/errors.ts";
import type { Plan } from "../plan/plan.ts";
import { parseCommand } from "./args.ts";
import { InterruptedError } from "./interrupt.ts";
import { runRepeat } from "./repeat.ts";
import type { runPlan } from "./run-plan.ts";
import { fakeRoot, leaveRun, quietProgress } from "./testing/fake-runs.ts";

let place: Awaited<ReturnType<typeof fakeRoot>>;
beforeEach(async () => {
  place = await fakeRoot();
});
afterEach(() => place[Symbol.asyncDispose]());

type End = Verdict | Error;

/** Every command comes an hour after the one before. */
let wallMs = Date.UTC(2026, 2, 14);
const laterNow = (): (() => number) => {
  const at = (wallMs += 3_600_000);
  return () => at;
};

/** `npm run load -- --strategy blue-green` and these flags, with runs that end like this. */
async function repeat(flags: string, ends: readonly End[]) {
  const command = parseCommand(["load", "--strategy", "blue-green", ...flags.split(" ").filter(Boolean)], {
    kubeContexts: () => assert.fail(),
  });
  assert.ok(command.command === "load");
  let stdout = "";
  const notes: string[] = [];
  const plans: Plan[] = [];
  const folders: string[] = [];
  const run: typeof runPlan = async (planned) => {
    const end = ends[plans.length] ?? assert.fail("one run too many");
    plans.push(planned.plan);
    folders.push(planned.out);
    if (end instanceof Error) return { judged: undefined, error: end };
    return leaveRun(planned, end);
  };
  const parts = {
    root: place.root,
    cwd: place.root,
    home: place.root,
    env: {},
    colour: false,
    width: 100,
    run,
    now: laterNow(),
  };
  const made = runRepeat(command, {
    ...parts,
    progress: quietProgress(notes),
    print: (text) => (stdout += text),
    signal: new AbortController().signal,
  });
  const code = await made.then(
    (value) => value,
    (error: unknown) => error,
  );
  return { code, stdout: stdout.replaceAll(/\s+/g, " "), raw: stdout, notes, plans, folders };
}

test("N runs of the same plan but for id and time, each in a folder of its own, and their flake rate (defect: N runs told as one)", async () => {
  const { code, stdout, plans, folders } = await repeat("--repeat 3", ["pass", "fail", "pass"]);
  assert.equal(code, 1);
  assert.equal(new Set(folders).size, 3);
  assert.equal(new Set(plans.map(({ runId }) => runId)).size, 3);
  assert.equal(new Set(plans.map(({ runId: _id, createdAt: _at, ...rest }) => JSON.stringify(rest))).size, 1);
  assert.match(stdout, /^upgrade, blue-green: 3 runs asked for /);
  assert.match(
    stdout,
    /These runs 1 of 3 runs did not pass \(1 failed\): a flake rate of 33\.3 % \(95 %: 0\.84 % to 90\.6 %\)\./,
  );
  assert.match(stdout, /All on record 1 of 3 runs/);
});

test("results accumulate over calls; with --resume those on record count towards N (defect: a night's runs made again)", async () => {
  await repeat("--repeat 2", ["pass", "pass"]);
  const second = await repeat("--repeat 3", ["pass", "pass", "pass"]);
  assert.match(second.stdout, /These runs All of 3 runs passed; .* All on record All of 5 runs passed;/);
  const resumed = await repeat("--repeat 7 --resume", ["known", "invalid"]);
  assert.equal(resumed.plans.length, 2);
  assert.equal(resumed.code, 2);
  assert.match(resumed.stdout, /7 runs asked for, 5 of them on record already/);
  assert.match(
    resumed.stdout,
    /These runs 1 of 6 runs did not pass \(1 met a known upstream defect alone\).* 1 run was invalid and left out\./,
  );
  const enough = await repeat("--repeat 4 --resume", []);
  assert.equal(enough.plans.length, 0);
});

test("another rate, and a recording of another machine, do not count (defect: pears among the apples)", async () => {
  await repeat("--repeat 1 --rate 100", ["fail"]);
  const { stdout } = await repeat("--repeat 1 --resume", ["pass"]);
  assert.match(stdout, /All on record The one run that was judged passed/);
});

test("a run that could not be run ends no other, and is told (defect: nine runs lost for one image pull)", async () => {
  const { code, stdout, raw } = await repeat("--repeat 3", ["pass", new SetUpError("The image is not there."), "pass"]);
  assert.equal(code, 69);
  assert.match(raw, /^ {2}✘ could not be run .*\n {6}The image is not there\.$/m);
  assert.match(stdout, /These runs All of 2 runs passed/);
});

test("a scenario that the cluster has no room for is refused once, not N times (defect: ten folders of nothing)", async () => {
  const refused = new UsageError("Scenario upgrade needs the field spec.suspend of a RayService.");
  const { code, stdout, plans } = await repeat("--repeat 3", [refused]);
  assert.deepEqual([code, plans.length], [64, 1]);
  assert.match(stdout, /3 runs asked for, 2 not run/);
});

test("Ctrl-C ends all, after what was done was told (defect: the table is lost)", async () => {
  const interrupted = new InterruptedError("SIGINT");
  const { code, stdout, plans } = await repeat("--repeat 5", ["pass", interrupted]);
  assert.equal(code, interrupted);
  assert.equal(plans.length, 2);
  assert.match(stdout, /5 runs asked for, 4 not run/);
  assert.match(stdout, /These runs The one run that was judged passed/);
});

test("--accept known makes known runs a success, and --json is JSON alone", async () => {
  const { code, raw } = await repeat("--repeat 2 --accept known --json", ["known", "pass"]);
  assert.equal(code, 0);
  const { rate, runs } = JSON.parse(raw) as { rate: { known: number; flakes: number }; runs: unknown[] };
  assert.deepEqual([rate.known, rate.flakes, runs.length], [1, 1, 2]);
});

test("--out has a folder for each run, and must be new unless it is resumed (defect: a recording written over)", async () => {
  const { folders } = await repeat("--repeat 2 --out mine", ["pass", "pass"]);
  assert.deepEqual(folders, [join(place.root, "mine/1"), join(place.root, "mine/2")]);
  const again = await repeat("--repeat 2 --out mine", []);
  assert.ok(again.code instanceof UsageError);
  const resumed = await repeat("--repeat 3 --out mine --resume", ["pass"]);
  assert.deepEqual(resumed.folders, [join(place.root, "mine/3")]);
});

test("--dry-run creates nothing; a folder in results/ that is no run is passed over", async () => {
  await mkdir(join(place.root, "results/notes"));
  await writeFile(join(place.root, "results/notes/run.json"), "{");
  const { code, raw } = await repeat("--repeat 3 --resume --dry-run --json", []);
  assert.equal(code, 0);
  assert.equal((JSON.parse(raw) as { repeat: number }).repeat, 3);
  assert.deepEqual(await readdir(join(place.root, "results")), ["notes"]);
});
