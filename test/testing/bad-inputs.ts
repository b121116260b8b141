/** For tests only: what a command does about its input, in folders of its own, and without a cluster. */
import assert from "node:assert/strict";
import { lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runAnalyze } from "../../orchestrator/cli/analyze.ts";
import { parseCommand } from "../../orchestrator/cli/args.ts";
import { runCompare } from "../../orchestrator/cli/compare.ts";
import { runDoctor } from "../../orchestrator/cli/doctor.ts";
import { runFire } from "../../orchestrator/cli/fire.ts";
import { exitCodeOfError, rootError } from "../../orchestrator/cli/exit.ts";
import { runHistory } from "../../orchestrator/cli/history.ts";
import { kubeContexts } from "../../orchestrator/cli/kubeconfig.ts";
import { runLoad } from "../../orchestrator/cli/load.ts";
import { runMatrix } from "../../orchestrator/cli/matrix.ts";
import { runProve } from "../../orchestrator/cli/prove.ts";
import { runRepeat } from "../../orchestrator/cli/repeat.ts";
import { runReport } from "../../orchestrator/cli/report.ts";
import { quietProgress } from "../../orchestrator/cli/testing/fake-runs.ts";
import { planOf } from "../../orchestrator/checks/testing.ts";

const PROJECT = join(import.meta.dirname, "../..");

/** A bad input: a command line, the files that it finds, and what its one sentence must say. */
export interface BadInput {
  /** After the program's name. */
  readonly argv: string | readonly string[];
  /** By path, below the folder in which the user stands. A text of null is a folder. */
  readonly files?: Readonly<Record<string, string | null>>;
  /** Records by path, below a checkout that has no others but `upgrade` and `rollback`. */
  readonly records?: Readonly<Record<string, string>>;
  readonly says: readonly [what: RegExp, expected: RegExp, received: RegExp];
}

/** Where a command is typed: a checkout, and a folder beside it in which the user stands. */
export interface Place extends AsyncDisposable {
  readonly root: string;
  readonly cwd: string;
  /** Every file and folder with its content, sorted. */
  readonly everything: () => Promise<string[]>;
}

const OWN_RECORDS = ["scenarios/upgrade.yaml", "scenarios/rollback.yaml"];

export async function placeOf({ files = {}, records }: Pick<BadInput, "files" | "records">): Promise<Place> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "zerodrop-bad-input-")));
  const [root, cwd] = [join(base, "checkout"), join(base, "here")];
  for (const folder of [join(root, "results"), cwd]) await mkdir(folder, { recursive: true });
  const linked = records === undefined ? ["versions.json", "scenarios", "proofs"] : ["versions.json"];
  for (const name of linked) await symlink(join(PROJECT, name), join(root, name));
  for (const name of records === undefined ? [] : OWN_RECORDS) {
    await put(join(root, name), await readFile(join(PROJECT, name), "utf8"));
  }
  for (const [name, text] of Object.entries(records ?? {})) await put(join(root, name), text);
  for (const [name, text] of Object.entries(files)) await put(join(cwd, name), text);
  const everything = async (): Promise<string[]> => {
    const names = await readdir(base, { recursive: true });
    const told = names.sort().map(async (name) => {
      const path = join(base, name);
      const kind = await lstat(path);
      return kind.isFile() ? `${name}: ${await readFile(path, "base64")}` : name;
    });
    return await Promise.all(told);
  };
  return { root, cwd, everything, [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }) };
}

async function put(path: string, text: string | null): Promise<void> {
  await mkdir(text === null ? path : dirname(path), { recursive: true });
  if (text !== null) await writeFile(path, text);
}

/** What became of a command: its exit code, and all that it said. */
export interface Outcome {
  readonly code: number;
  readonly error: unknown;
  readonly message: string;
  readonly stdout: string;
  readonly notes: readonly string[];
}

/** A command line as its program goes through it, up to where a run, a process or a cluster would be started: that is an error of the test. */
export async function outcomeOf(argv: readonly string[], { root, cwd }: Pick<Place, "root" | "cwd">): Promise<Outcome> {
  let stdout = "";
  const notes: string[] = [];
  const started = (): never => assert.fail("something was started");
  const print = (text: string): void => {
    stdout += text;
  };
  const note = (text: string): void => {
    notes.push(text);
  };
  const { signal } = new AbortController();
  const told = {
    root,
    cwd,
    home: root,
    print,
    note,
    colour: false,
    width: 100,
    env: { KUBECONFIG: join(cwd, "kubeconfig") },
    signal,
  };
  const parts = { ...told, progress: quietProgress(notes), run: started, runProcess: started };
  const run = async (): Promise<number> => {
    const command = parseCommand(argv, { kubeContexts: () => kubeContexts({ KUBECONFIG: join(cwd, "kubeconfig") }) });
    switch (command.command) {
      case "load":
        return command.repeat === undefined ? runLoad(command, parts) : runRepeat(command, parts);
      case "matrix":
        return runMatrix(command, parts);
      case "prove":
        return runProve(command, parts);
      case "analyze":
        return runAnalyze(command, parts);
      case "report":
        return runReport(command, parts);
      case "compare":
        return runCompare(command, parts);
      case "history":
        return runHistory(command, parts);
      case "fire":
        return runFire(command, { ...parts, shoot: started });
      case "doctor":
        return runDoctor(command, parts);
      case "cluster":
      case "help":
        return started();
    }
  };
  try {
    return { code: await run(), error: undefined, message: "", stdout, notes };
  } catch (error) {
    const first = rootError(error);
    const message = first instanceof Error ? first.message : String(first);
    return { code: exitCodeOfError(error), error: first, message, stdout, notes };
  }
}

/** The files of a recording in a folder, of a run that saw nothing; those given instead, or none where they are undefined. */
export function recordingIn(
  folder: string,
  instead: Readonly<Record<string, string | null | undefined>> = {},
): Record<string, string | null> {
  const plan = planOf();
  const header = (file: string): string =>
    `${JSON.stringify({ schemaVersion: plan.schemaVersion, runId: plan.runId, file })}\n`;
  const files: Readonly<Record<string, string | null | undefined>> = {
    "plan.json": JSON.stringify(plan),
    "history.ndjson": header("history"),
    "ledger.ndjson": header("ledger"),
    ...instead,
  };
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, text]) => (text === undefined ? [] : [[`${folder}/${name}`, text]])),
  );
}
