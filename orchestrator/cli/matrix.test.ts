import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { withUnpacked } from "../../scripts/recordings.ts";
import { JUDGE_VERSION } from "../judge/judge.ts";
import { runResultSchema } from "../judge/run-result.ts";
import type { Verdict } from "../judge/verdict.ts";
import { SetUpError, UsageError } from "../plan/errors.ts";
import { assertOneSentence } from "../plan/testing/one-sentence.ts";
import { matrixSchema, type Matrix } from "../report/matrix/matrix.ts";
import { runJson } from "../report/run-json.ts";
import { parseCommand } from "./args.ts";
import { InterruptedError } from "./interrupt.ts";
import { loadSet, setNames } from "./matrix-files.ts";
import { runMatrix } from "./matrix.ts";
import type { runPlan } from "./run-plan.ts";
import { fakeRoot, leaveRun, quietProgress } from "./testing/fake-runs.ts";

const SET = `cells:
  - { scenario: upgrade, strategy: blue-green, repeat: 2 }
  - { scenario: rollback-early }
  - { scenario: in-place, clients: [fresh, long], serveIngress: proxy }
`;

let place: Awaited<ReturnType<typeof fakeRoot>>;
beforeEach(async () => {
  place = await fakeRoot();
  await writeFile(join(place.root, "mine.yaml"), SET);
});
afterEach(() => place[Symbol.asyncDispose]());

type End = Verdict | Error;

/** Time for a process to start and come to its second run. */
const HANGS_MS = 60_000;

/** Every command comes an hour after the one before. */
let wallMs = Date.UTC(2026, 2, 14);
const laterNow = (): (() => number) => {
  const at = (wallMs += 3_600_000);
  return () => at;
};

/** `npm run matrix` with these flags, with runs that end like this. */
async function matrix(flags: string, ends: readonly End[] = []) {
  const command = parseCommand(["matrix", ...flags.split(" ").filter(Boolean)], { kubeContexts: () => assert.fail() });
  assert.ok(command.command === "matrix");
  let stdout = "";
  const notes: string[] = [];
  const made: Parameters<typeof runPlan>[0][] = [];
  const run: typeof runPlan = async (planned) => {
    const end = ends[made.length] ?? assert.fail("one run too many");
    made.push(planned);
    if (end instanceof Error) {
      // A run that is cut short leaves what it has.
      await mkdir(planned.out);
      await writeFile(join(planned.out, "plan.json"), JSON.stringify(planned.plan));
      return { judged: undefined, error: end };
    }
    return leaveRun(planned, end);
  };
  const ended = runMatrix(command, {
    ...{
      root: place.root,
      cwd: place.root,
      home: place.root,
      env: {},
      colour: false,
      width: 100,
      run,
      now: laterNow(),
    },
    progress: quietProgress(notes),
    print: (text) => (stdout += text),
    signal: new AbortController().signal,
  });
  const code = await ended.then(
    (value) => value,
    (error: unknown) => error,
  );
  return { code, stdout, notes, made, folders: made.map(({ out }) => basename(out)) };
}

const onDisk = async (folder: string): Promise<Matrix> =>
  matrixSchema.parse(JSON.parse(await readFile(join(place.root, folder, "matrix.json"), "utf8")));

test("every cell is run as often as it says and as it says, and told in every file (defect: a flag of a cell that is lost)", async () => {
  const { code, stdout, made, folders } = await matrix("--set mine.yaml --out m --rate 50", [
    "pass",
    "known",
    "pass",
    "fail",
  ]);
  assert.equal(code, 1);
  assert.deepEqual(folders, [
    "01-upgrade-blue-green-1",
    "02-upgrade-blue-green-2",
    "03-rollback-early",
    "04-in-place-proxy-fresh-long",
  ]);
  assert.deepEqual(
    made.map(({ plan }) => [
      plan.scenario,
      plan.strategy.name,
      plan.serveIngress,
      plan.clients.length,
      plan.load.rate !== null,
    ]),
    [
      ["upgrade", "blue-green", "haproxy", 7, true],
      ["upgrade", "blue-green", "haproxy", 7, true],
      ["rollback-early", made[2]?.plan.strategy.name, "haproxy", 7, true],
      ["in-place", made[3]?.plan.strategy.name, "proxy", 2, true],
    ],
  );
  assert.equal(new Set(made.map(({ plan }) => plan.runId)).size, 4);
  const files = await readdir(join(place.root, "m"));
  for (const file of ["matrix.json", "matrix.md", "junit.xml", "index.html"]) assert.ok(files.includes(file), file);
  assert.ok(!files.some((file) => file.endsWith(".partial")));
  assert.match(stdout, /^Matrix mine: 1 fail, 1 known, 2 pass\n/);
  assert.match(await readFile(join(place.root, "m/index.html"), "utf8"), /href="\.\/03-rollback-early\/report\.html"/);
  assert.equal((await readFile(join(place.root, "m/junit.xml"), "utf8")).match(/<testsuite /g)?.length, 4);
});

test("an interrupted matrix is resumed where it was left, in a new folder for the run that was cut short", async () => {
  const interrupted = new InterruptedError("SIGTERM");
  const first = await matrix("--set mine.yaml --out m", ["pass", interrupted]);
  assert.equal(first.code, interrupted);
  assert.match(first.stdout, /^Matrix mine: 1 pass, 3 not run yet/);
  assert.ok(first.notes.some((note) => note.includes("npm run matrix -- --resume --out m")));
  const second = await matrix("--resume --out m", ["pass", new SetUpError("No."), "pass"]);
  assert.deepEqual(second.folders, ["02-upgrade-blue-green-2.2", "03-rollback-early", "04-in-place-proxy-fresh-long"]);
  assert.equal(second.code, 69);
  const third = await matrix("--resume --out m", ["pass"]);
  assert.deepEqual(third.folders, ["03-rollback-early.2"]);
  assert.equal(third.code, 0);
  assert.ok((await onDisk("m")).runs.every(({ status }) => status === "done"));
  // Checks of runs that were made by other processes are in junit.xml all the same.
  assert.equal((await readFile(join(place.root, "m/junit.xml"), "utf8")).match(/<testcase /g)?.length, 4 * 22);
});

test("what another judge said is judged again, and what cannot be keeps its verdict (defect: one table of two judges)", async () => {
  await matrix("--set mine.yaml --out m", ["pass", "pass", "pass", new InterruptedError("SIGINT")]);
  const path = (run: number): string => join(place.root, "m", folders[run] ?? "", "run.json");
  const folders = (await onDisk("m")).runs.map(({ folder }) => folder ?? "");
  // A real recording of a failure, of which another judge had said that it passed; and one of which nothing is left but that.
  const kept = join(import.meta.dirname, "../../test/recordings/stall-fails");
  await withUnpacked(kept, (unpacked) => cp(unpacked, join(place.root, "m", folders[0] ?? ""), { recursive: true }));
  for (const run of [0, 1]) {
    const told = runResultSchema.parse(JSON.parse(await readFile(path(run), "utf8")));
    await writeFile(path(run), runJson({ ...told, verdict: "pass", judge: { ...told.judge, version: "0" } }));
  }
  const { notes, code } = await matrix("--resume --out m", ["pass"]);
  const { runs } = await onDisk("m");
  assert.deepEqual(
    runs.map(({ outcome, exitCode }) => [outcome?.verdict, exitCode]),
    [
      ["fail", 1],
      ["pass", 0],
      ["pass", 0],
      ["pass", 0],
    ],
  );
  assert.equal(code, 1);
  assert.ok(notes.some((note) => note.endsWith(" was pass and is fail now.")));
  assert.ok(notes.some((note) => note.includes("keeps its verdict")));
  assert.equal(runResultSchema.parse(JSON.parse(await readFile(path(0), "utf8"))).judge.version, JUDGE_VERSION);
});

test("a matrix whose process was killed is resumed with the run that was under way (defect: running for ever)", async () => {
  await matrix("--set mine.yaml --out m", ["pass", new InterruptedError("SIGINT")]);
  const left = await onDisk("m");
  const runs = left.runs.map((run, index) =>
    index === 1 ? { ...run, status: "running", folder: "02-upgrade-blue-green-2" } : run,
  );
  await writeFile(join(place.root, "m/matrix.json"), JSON.stringify({ ...left, runs }));
  const { folders, code } = await matrix("--resume --out m", ["pass", "pass", "pass"]);
  assert.equal(folders.length, 3);
  assert.equal(code, 0);
});

test("kill -9 leaves a matrix that goes on, and until then nobody else can be at it (defect: two processes write one table)", async () => {
  const script = fileURLToPath(new URL("./testing/hanging-matrix.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, place.root, "--set", "mine.yaml", "--out", "m"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(child.stdout, "data", { signal: AbortSignal.timeout(HANGS_MS) })) as [Buffer];
    assert.equal(String(line), "hanging\n");
    const taken = await matrix("--resume --out m");
    assert.ok(taken.code instanceof SetUpError, String(taken.code));
    assert.match(taken.code.message, new RegExp(`process ${String(child.pid)}`));
  } finally {
    child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  assert.deepEqual(
    (await onDisk("m")).runs.map(({ status }) => status),
    ["done", "running", "planned", "planned"],
  );
  const { folders, code } = await matrix("--resume --out m", ["pass", "pass", "pass"]);
  assert.deepEqual(folders, ["02-upgrade-blue-green-2", "03-rollback-early", "04-in-place-proxy-fresh-long"]);
  assert.equal(code, 0);
});

test("without --out the latest matrix in results/ is resumed, and there must be one", async () => {
  const none = await matrix("--resume");
  assert.ok(none.code instanceof UsageError);
  assertOneSentence(none.code.message);
  await mkdir(join(place.root, "results/matrix-20200101-000000"));
  await matrix("--set mine.yaml --only in-place", [new SetUpError("No.")]);
  const { folders } = await matrix("--resume", ["pass"]);
  assert.deepEqual(folders, ["01-in-place-proxy-fresh-long.2"]);
});

test("another set, selection or rate is another matrix (defect: a table half of this and half of that)", async () => {
  await matrix("--set mine.yaml --only in-place --out m --rate 50", ["pass"]);
  for (const flags of ["--set default", "--only upgrade", "--rate 100", "--rate max"]) {
    const { code } = await matrix(`--resume --out m ${flags}`);
    assert.ok(code instanceof UsageError, flags);
    assertOneSentence(code.message);
    assert.ok(code.message.startsWith(flags.split(" ", 1)[0] ?? ""), code.message);
  }
  const same = await matrix("--resume --out m --set mine.yaml --only in-place --rate 50");
  assert.equal(same.code, 0);
});

test("what a set says of a finding by now is in the table of a matrix that is resumed (defect: a fail explained later stays unexplained)", async () => {
  await matrix("--set mine.yaml --out m --only in-place", ["fail"]);
  await writeFile(
    join(place.root, "mine.yaml"),
    SET.replace("scenario: in-place", "finding: found, scenario: in-place"),
  );
  await matrix("--resume --out m");
  assert.deepEqual(
    (await onDisk("m")).cells.map(({ finding }) => finding),
    ["found"],
  );
});

test("a matrix goes on without the file of its set (defect: hours of runs lost with a file that was moved)", async () => {
  await matrix("--set mine.yaml --out m --only in-place", [new SetUpError("No.")]);
  await rm(join(place.root, "mine.yaml"));
  const { code, folders } = await matrix("--resume --out m", ["pass"]);
  assert.deepEqual([code, folders], [0, ["01-in-place-proxy-fresh-long.2"]]);
});

test("every finding that a set names has its page", async () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  for (const set of await setNames(root)) {
    for (const { finding } of await loadSet(set, { root, cwd: root })) {
      if (finding !== undefined) await access(join(root, "docs/findings", `${finding}.md`));
    }
  }
});

test("--again makes what is no evidence again, and nothing else (defect: a table from which a fail was taken)", async () => {
  await matrix("--set mine.yaml --out m", ["pass", "invalid", "invalid", "fail"]);
  const { folders, code } = await matrix("--resume --out m --again upgrade,in-place", ["pass"]);
  assert.deepEqual(folders, ["02-upgrade-blue-green-2.2"]);
  assert.equal(code, 1);
  assert.deepEqual(
    (await onDisk("m")).runs.map(({ outcome }) => outcome?.verdict),
    ["pass", "pass", "invalid", "fail"],
  );
  for (const [flags, says] of [
    ["--again in-place", "an invalid run"],
    ["--again in-plac", "nearest is in-place"],
  ] as const) {
    const refused = await matrix(`--resume --out m ${flags}`);
    assert.ok(refused.code instanceof UsageError, flags);
    assertOneSentence(refused.code.message);
    assert.ok(refused.code.message.includes(says), refused.code.message);
  }
});

test("the table goes into a file of tables by command, with links that work from there", async () => {
  await mkdir(join(place.root, "docs"));
  await matrix("--set mine.yaml --only rollback-early --out m --results docs/results.md", ["pass"]);
  await writeFile(join(place.root, "other.yaml"), "cells: [{ scenario: in-place }]");
  await matrix("--set other.yaml --out o --results docs/results.md", ["pass"]);
  const text = await readFile(join(place.root, "docs/results.md"), "utf8");
  assert.match(text, /## mine\n\n```sh\nnpm run matrix -- --set mine.yaml --only rollback-early\n```/);
  assert.ok(text.includes("## other") && !text.includes("report.html"));
});

test("a cell's rate is that of its run, and --rate that of all (defect: a set over several rates that is run at one)", async () => {
  await writeFile(join(place.root, "rates.yaml"), "cells: [{ scenario: in-place, rate: 50 }, { scenario: in-place }]");
  const rates = async (flags: string): Promise<unknown[]> => {
    const { made, folders } = await matrix(`--set rates.yaml ${flags}`, ["pass", "pass"]);
    assert.deepEqual(folders, ["01-in-place-at-50", "02-in-place"]);
    return made.map(({ plan }) => plan.load.rate);
  };
  const [slow, usual] = await rates("--out m");
  assert.notEqual(slow, usual);
  assert.deepEqual(await rates("--out n --rate 50"), [slow, slow]);
});

test("--list and --dry-run say what there is and what would be done, and do nothing", async () => {
  const list = await matrix("--list");
  assert.match(list.stdout, /^default: 17 cells, 17 runs\n {2}upgrade-blue-green\n {6}\S/m);
  assert.match(list.stdout, /^flakes: 3 cells, 30 runs$/m);
  assert.match(list.stdout, /^ {2}upgrade-conservative-at-100$/m);
  const dry = await matrix("--set mine.yaml --out m --dry-run");
  const { runs } = JSON.parse(dry.stdout) as { runs: { name: string; plan: { seed: number } }[] };
  assert.deepEqual(
    runs.map(({ name }) => name),
    ["upgrade-blue-green 1/2", "upgrade-blue-green 2/2", "rollback-early", "in-place-proxy-fresh-long"],
  );
  assert.deepEqual((await readdir(place.root)).sort(), ["mine.yaml", "results", "scenarios", "versions.json"]);
});

/** Each: flags, and what the one sentence says. */
const bad: readonly (readonly [flags: string, ...says: string[]])[] = [
  ["--set defalt", '"defalt"', "nearest is default"],
  ["--set nowhere.yaml", "ENOENT", '"nowhere.yaml"'],
  ["--set mine.yaml --only upgrad", '"upgrad"', "nearest is upgrade"],
  ["--set mine.yaml --out mine.yaml", "--out"],
  ["--resume --out .", "matrix.json"],
  ["--set mine.yaml --out m --results nowhere/r.md", "--results", "ENOENT"],
  ["--set mine.yaml --out m --results results", "--results", "EISDIR"],
];
for (const [flags, ...says] of bad) {
  test(`matrix ${flags} is refused and creates nothing`, async () => {
    const { code } = await matrix(flags);
    assert.ok(code instanceof UsageError, String(code));
    assertOneSentence(code.message);
    for (const part of says) assert.ok(code.message.includes(part), code.message);
    assert.deepEqual((await readdir(place.root)).sort(), ["mine.yaml", "results", "scenarios", "versions.json"]);
    assert.deepEqual(await readdir(join(place.root, "results")), []);
  });
}
