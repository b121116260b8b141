import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { JUDGE_VERSION } from "../judge/judge.ts";
import { UsageError } from "../plan/errors.ts";
import { assertOneSentence } from "../plan/testing/one-sentence.ts";
import { proveSchema, type Prove } from "../report/prove/prove.ts";
import { parseCommand } from "./args.ts";
import { InterruptedError } from "./interrupt.ts";
import { pastRuns } from "./past-runs.ts";
import { runProve } from "./prove.ts";
import type { ProofJob } from "./prove-job.ts";
import { BROKE, endProof, NOT_DONE, type ProofEnd } from "./testing/fake-proofs.ts";
import { fakeRoot, quietProgress } from "./testing/fake-runs.ts";

/** Judged as expected by what every fake run leaves; not; and by what is left of one that was killed. */
const PROOFS: Readonly<Record<string, string>> = {
  caught: `{ description: It is stuck., group: operator, sabotage: { kind: operator-mutant, mutant: stuck },
    strategy: 25/3/50, rate: 90, deadlines: { converged: 33 }, expect: { verdict: fail, fails: [converged], not: [zero-failures] } }`,
  missed: `{ description: It hurts., group: clients, sabotage: { kind: operator-mutant, mutant: hurts },
    expect: { verdict: fail, fails: [zero-failures] } }`,
  spoiled: `{ description: It is killed., group: evidence, sabotage: { kind: runner-killed, when: trigger },
    expect: { verdict: invalid, invalid: [recording-complete] } }`,
};

let place: Awaited<ReturnType<typeof fakeRoot>>;
beforeEach(async () => {
  place = await fakeRoot();
  await mkdir(join(place.root, "proofs"));
  for (const [name, text] of Object.entries(PROOFS)) await writeProof(name, text);
});
afterEach(() => place[Symbol.asyncDispose]());

const writeProof = (name: string, text: string): Promise<void> =>
  writeFile(join(place.root, "proofs", `${name}.yaml`), text);

/** Every command comes an hour after the one before. */
let wallMs = Date.UTC(2026, 2, 14);
const laterNow = (): (() => number) => {
  const at = (wallMs += 3_600_000);
  return () => at;
};

/** `npm run prove` with these flags, with processes that end like this. */
async function prove(flags: string, ends: readonly ProofEnd[] = [], cores?: number) {
  const command = parseCommand(["prove", ...flags.split(" ").filter(Boolean)], { kubeContexts: () => assert.fail() });
  assert.ok(command.command === "prove");
  let stdout = "";
  const notes: string[] = [];
  const jobs: ProofJob[] = [];
  const interrupt = new AbortController();
  const ended = runProve(command, {
    ...{ root: place.root, cwd: place.root, home: place.root, env: {}, colour: false, width: 100, now: laterNow() },
    progress: quietProgress(notes),
    print: (text) => (stdout += text),
    signal: interrupt.signal,
    runProcess: (job) => {
      const end = ends[jobs.length] ?? assert.fail("one run too many");
      jobs.push(job);
      if (end === "interrupted") interrupt.abort(new InterruptedError("SIGINT"));
      return endProof(job, end, cores);
    },
  });
  const code = await ended.then(
    (value) => value,
    (error: unknown) => error,
  );
  return { code, stdout, notes, jobs, folders: jobs.map(({ out }) => basename(out)) };
}

const onDisk = async (folder: string): Promise<Prove> =>
  proveSchema.parse(JSON.parse(await readFile(join(place.root, folder, "prove.json"), "utf8")));
const came = ({ runs }: Prove) =>
  runs.map(({ proof, status, outcome, error }) => [proof.name, outcome?.came ?? status, outcome?.why ?? error]);

test("every proof is run as its record says, in a folder and a process of its own, and told in every file (defect: a key of a record that is lost)", async () => {
  const { code, stdout, jobs, folders } = await prove("--out p", ["done", "done", "kills-itself"]);
  assert.equal(code, 1);
  assert.deepEqual(folders, ["01-missed", "02-caught", "03-spoiled"], "clients, operator, evidence");
  assert.deepEqual(
    jobs.map(({ plan }) => [plan.scenario, plan.strategy.intervalSeconds, plan.load.rate, plan.deadlines["converged"]]),
    [
      ["upgrade", 2, jobs[0]?.plan.load.rate, jobs[0]?.plan.deadlines["converged"]],
      ["upgrade", 3, jobs[1]?.plan.load.rate, 33_000],
      ["upgrade", 2, jobs[2]?.plan.load.rate, jobs[2]?.plan.deadlines["converged"]],
    ],
  );
  assert.notEqual(jobs[1]?.plan.load.rate, jobs[0]?.plan.load.rate);
  assert.notEqual(jobs[0]?.plan.deadlines["converged"], 33_000);
  assert.equal(new Set(jobs.map(({ plan }) => plan.runId)).size, 3);
  assert.match(jobs[1]?.record ?? "", /"mutant":"stuck"/);
  assert.doesNotMatch(JSON.stringify(jobs.map(({ plan }) => plan)), /sabotage|stuck|hurts/, "the judge reads the plan");
  const table = await onDisk("p");
  assert.deepEqual(
    came(table).map(([name, how]) => [name, how]),
    [
      ["missed", "missed"],
      ["caught", "caught"],
      ["spoiled", "caught"],
    ],
  );
  assert.match(
    table.runs[0]?.outcome?.why ?? "",
    /^zero-failures must fail; it is pass: None of [\d,]+ requests failed/,
  );
  const { outcome } = table.runs[1] ?? assert.fail();
  assert.deepEqual([outcome?.done, outcome?.verdict], [{ what: "Something was done.", count: 7 }, "fail"]);
  assert.ok(outcome?.detectedSeconds !== null && (outcome?.detectedSeconds ?? 0) > 0);
  const files = await readdir(join(place.root, "p"));
  for (const file of ["prove.json", "prove.md", "junit.xml"]) assert.ok(files.includes(file), file);
  assert.ok(!files.some((file) => file.endsWith(".partial")));
  assert.match(stdout, /^Proofs: 1 missed, 2 caught\n/);
});

test("a run whose process the sabotage killed is judged by what it left, and has its reports (defect: the verdict dies with the runner)", async () => {
  const { code } = await prove("--out p --only spoiled", ["kills-itself"]);
  assert.equal(code, 0);
  const files = await readdir(join(place.root, "p/01-spoiled"));
  for (const file of ["run.json", "junit.xml", "summary.md", "report.html"]) assert.ok(files.includes(file), file);
});

/** Each: how its process ends, and why that proves nothing. */
const nothing: readonly (readonly [end: ProofEnd, why: string])[] = [
  ["not-done", NOT_DONE],
  ["broke", BROKE],
  ["killed", "The run's process was ended by SIGKILL, and not by the sabotage."],
];
for (const [end, why] of nothing) {
  test(`a run that is ${end} is no run with the sabotage, ends no other, and is run again (defect: nothing was broken, and the judge is blamed)`, async () => {
    const { code } = await prove("--out p --only spoiled,caught", [end, "kills-itself"]);
    assert.equal(code, 2);
    assert.deepEqual(came(await onDisk("p")), [
      ["caught", "failed-to-run", why],
      ["spoiled", "caught", null],
    ]);
    const again = await prove("--resume --out p", ["done"]);
    assert.deepEqual([again.code, again.folders], [0, ["01-caught.2"]]);
    assert.match(again.stdout, /^Proofs: 2 caught\n/);
  });
}

test("what was missed counts before what was not run", async () => {
  const { code } = await prove("--out p", ["done", "broke", "kills-itself"]);
  assert.equal(code, 1);
});

test("interrupted proofs are resumed where they were left, in a new folder for the run that was cut short", async () => {
  const first = await prove("--out p", ["done", "interrupted"]);
  assert.ok(first.code instanceof InterruptedError);
  assert.match(first.stdout, /^Proofs: 1 missed, 2 not run yet/);
  assert.ok(first.notes.some((note) => note.includes("npm run prove -- --resume --out p")));
  const second = await prove("--resume --out p", ["done", "kills-itself"]);
  assert.deepEqual(second.folders, ["02-caught.2", "03-spoiled"]);
  assert.equal(second.code, 1);
});

test("proofs whose process was killed are resumed with the one that was under way (defect: running for ever)", async () => {
  await prove("--out p", ["done", "interrupted"]);
  const left = await onDisk("p");
  const runs = left.runs.map((run, index) => (index === 1 ? { ...run, status: "running", folder: "02-caught" } : run));
  await writeFile(join(place.root, "p/prove.json"), JSON.stringify({ ...left, runs }));
  const { folders } = await prove("--resume --out p", ["done", "kills-itself"]);
  assert.deepEqual(folders, ["02-caught.2", "03-spoiled"]);
});

test("results accumulate over calls, missed ones too, and are told in the new table (defect: a night's runs made again, or until they please)", async () => {
  await prove("--only caught", ["done"]);
  const all = await prove("--out p", ["done", "kills-itself"]);
  assert.deepEqual(all.folders, ["01-missed", "03-spoiled"]);
  assert.match(all.stdout, /^Proofs: 1 missed, 2 caught\n/);
  const { runs } = await onDisk("p");
  assert.match(runs[1]?.folder ?? "", /^\.\.\/results\/prove-\d{8}-\d{6}\/01-caught$/);
  const resumed = await prove("--resume --out p");
  assert.deepEqual([resumed.folders, resumed.code], [[], 1]);
  const told = await prove("--group operator");
  assert.deepEqual([told.folders, told.code], [[], 0]);
});

test("another expectation, sabotage or plan is another proof, other words are not (defect: an expectation that is made to fit what was seen)", async () => {
  const record = PROOFS["caught"] ?? assert.fail();
  await prove("--only caught", ["done"]);
  await writeProof("caught", record.replace("It is stuck.", "It is stuck at half."));
  assert.deepEqual((await prove("--only caught")).folders, []);
  for (const [of, by] of [
    ["not: [zero-failures]", "not: [share-matches-weight]"],
    ["mutant: stuck", "mutant: skip-step"],
    ["rate: 90", "rate: 91"],
    ["strategy: 25/3/50", "strategy: 25/4/50"],
    ["converged: 33", "converged: 34"],
  ] as const) {
    assert.ok(record.includes(of));
    await writeProof("caught", record.replace(of, by));
    assert.deepEqual((await prove("--only caught", ["done"])).folders, ["01-caught"], by);
  }
});

test("a result of another machine, and one whose recording was taken away, do not count", async () => {
  await prove("--only caught", ["done"], 96);
  const own = await prove("--only caught --out results/own", ["done"]);
  assert.equal(own.folders.length, 1);
  await rm(join(place.root, "results/own/01-caught/run.json"));
  assert.equal((await prove("--only caught", ["done"])).folders.length, 1);
});

test("an earlier recording is judged by the judge of today, and stays as it is (defect: a judge that was mended is told by its old verdicts)", async () => {
  await prove("--only caught --out results/own", ["done"]);
  const file = join(place.root, "results/own/01-caught/run.json");
  const text = await readFile(file, "utf8");
  const old = text.replace(/"version": "[^"]*"/, '"version": "0"').replace('"verdict": "fail"', '"verdict": "pass"');
  assert.notEqual(old, text);
  await writeFile(file, old);
  const { code, folders } = await prove("--only caught --out p");
  assert.deepEqual([code, folders], [0, []]);
  assert.equal((await onDisk("p")).runs[0]?.outcome?.verdict, "fail");
  assert.equal(await readFile(file, "utf8"), old);
});

test("a sabotaged run is no run of its plan on record (defect: flakes of --repeat that were made on purpose)", async () => {
  await prove("--only missed", ["done"]);
  assert.deepEqual(await pastRuns(place.root), []);
});

test("the table goes into a file of tables, a section for what was asked for", async () => {
  await mkdir(join(place.root, "docs"));
  await prove("--group operator --results docs/detection.md", ["done"]);
  await prove("--results docs/detection.md", ["done", "kills-itself"]);
  const text = await readFile(join(place.root, "docs/detection.md"), "utf8");
  assert.match(text, /## proofs-operator\n\n```sh\nnpm run prove -- --group operator\n```/);
  assert.match(text, /## proofs\n\n```sh\nnpm run prove\n```/);
  assert.ok(!text.includes("report.html"));
});

test("--list and --dry-run say what there is and what would be done, and do nothing", async () => {
  const list = await prove("--list --group operator");
  assert.equal(list.stdout, "operator: 1\n  caught\n      It is stuck.\n");
  await prove("--only caught", ["done"]);
  const before = await readdir(place.root, { recursive: true });
  const dry = await prove("--out p --dry-run");
  const { runs, withResult } = JSON.parse(dry.stdout) as { runs: { name: string }[]; withResult: number };
  assert.deepEqual([runs.map(({ name }) => name), withResult], [["missed", "spoiled"], 1]);
  assert.deepEqual(await readdir(place.root, { recursive: true }), before);
});

test("--json is JSON alone", async () => {
  const { stdout } = await prove("--only caught --json", ["done"]);
  assert.deepEqual(came(proveSchema.parse(JSON.parse(stdout))), [["caught", "caught", null]]);
});

test("another selection is another table (defect: a table half of this and half of that)", async () => {
  await prove("--only caught --out p", ["done"]);
  for (const flags of ["--only missed", "--group clients"]) {
    const { code } = await prove(`--resume --out p ${flags}`);
    assert.ok(code instanceof UsageError, flags);
    assertOneSentence(code.message);
    assert.ok(code.message.startsWith(flags.split(" ", 1)[0] ?? ""), code.message);
  }
  assert.equal((await prove("--resume --out p --only caught")).code, 0);
});

/** Each: flags, and what the one sentence says. */
const bad: readonly (readonly [flags: string, ...says: string[]])[] = [
  ["--only cauht", '"cauht"', "nearest is caught"],
  ["--only caught --group clients", "--only and --group must leave a proof"],
  ["--out versions.json", "--out"],
  ["--resume", "--resume needs proofs that were begun"],
  ["--resume --out .", "prove.json"],
  ["--out p --results nowhere/r.md", "--results", "ENOENT"],
  ["--out p --results results", "--results", "EISDIR"],
];
for (const [flags, ...says] of bad) {
  test(`prove ${flags} is refused and creates nothing`, async () => {
    const before = await readdir(place.root, { recursive: true });
    const { code } = await prove(flags);
    assert.ok(code instanceof UsageError, String(code));
    assertOneSentence(code.message);
    for (const part of says) assert.ok(code.message.includes(part), code.message);
    assert.deepEqual(await readdir(place.root, { recursive: true }), before);
  });
}

/** Each: a record, and what the one sentence says. */
const wrong: readonly (readonly [record: string, ...says: string[]])[] = [
  ["{ group: clients", "Proof other", "neither"],
  [(PROOFS["missed"] ?? "").replace("zero-failures", "zero-failure"), "Proof other", "expect.fails.0"],
  [(PROOFS["missed"] ?? "").replace("expect:", "scenario: upgrad, expect:"), '"upgrad"', "nearest is upgrade"],
  [(PROOFS["caught"] ?? "").replace("25/3/50", "125/3/50"), '"125"', "strategy"],
];
for (const [record, ...says] of wrong) {
  test(`a record that is wrong is refused before any is run, asked for or not: ${says.join(", ")}`, async () => {
    await writeProof("other", record);
    const { code, jobs } = await prove("--only caught");
    assert.ok(code instanceof UsageError, String(code));
    assertOneSentence(code.message);
    for (const part of says) assert.ok(code.message.includes(part), code.message);
    assert.equal(jobs.length, 0);
    assert.deepEqual(await readdir(join(place.root, "results")), []);
  });
}

test("sizes that were found are in every table from then on, and to ask for them runs nothing (defect: a column that is lost by the next run)", async () => {
  await rm(join(place.root, "proofs"), { recursive: true });
  await mkdir(join(place.root, "proofs"));
  const expect = { verdict: "fail" as const, fails: ["zero-failures" as const], invalid: [], not: [] };
  await writeProof(
    "one-request-hangs",
    `{ description: It hangs., group: clients, sabotage: { kind: proxy, rules: [{ id: a, do: { kind: hang }, on: { times: 1 } }] },
      expect: { verdict: fail, fails: [zero-failures] } }`,
  );
  await writeFile(
    join(place.root, "proofs/smallest.json"),
    JSON.stringify({
      schemaVersion: 1,
      found: [
        {
          ...{ kind: "found", proof: "one-request-hangs", expect, unit: "request", of: "that hangs", own: 1 },
          ...{ missed: 0, why: null, caught: 1, by: ["zero-failures"], tried: 1, judge: JUDGE_VERSION },
          ...{ possible: { size: 1, because: "every request is on record" }, recording: "all-kinds-pass" },
        },
      ],
    }),
  );
  const asked = await prove("--smallest");
  assert.deepEqual([asked.code, asked.jobs.length], [0, 0]);
  assert.match(asked.stdout, /^ {2}one-request-hangs\n {6}smallest caught 1 request that hangs$/m);
  assert.ok(!(await readdir(join(place.root, "results"))).some((name) => name.startsWith("prove-")));
  const { stdout } = await prove("--out p", ["done"]);
  assert.match(stdout, /smallest caught 1 request that hangs/);
  const { runs } = await onDisk("p");
  assert.deepEqual([runs[0]?.smallest?.kind, runs[0]?.status], ["found", "done"]);
  assert.match(
    await readFile(join(place.root, "p/prove.md"), "utf8"),
    /\| smallest still caught \| smallest possible \|/,
  );
});
