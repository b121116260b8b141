import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { EXIT, exitCodeOfError } from "../orchestrator/cli/exit.ts";
import { loadKubeconfig } from "../orchestrator/kube/kubeconfig.ts";
import { BAD_COMMAND_LINES } from "./testing/bad-command-lines.ts";
import { BAD_CONFIGURATIONS } from "./testing/bad-configurations.ts";
import { BAD_FILES } from "./testing/bad-files.ts";
import { outcomeOf, placeOf, type BadInput } from "./testing/bad-inputs.ts";
import { BAD_RECORDS } from "./testing/bad-records.ts";

const PROJECT = join(import.meta.dirname, "..");

/** One line with an end, and no second sentence in it but for what it quotes. */
function assertOneSentence(message: string): void {
  assert.match(message, /^[^\n\r\u001b]+\.$/, message);
  assert.doesNotMatch(message.replaceAll(/"[^"]*"|\([^)]*\)/g, "()"), /[.:] ?[.:]|\. [A-Z]| {2}/, message);
}

function assertSays(message: string, says: BadInput["says"]): void {
  assertOneSentence(message);
  for (const part of says) assert.match(message, part);
}

const wordsOf = ({ argv }: Pick<BadInput, "argv">): readonly string[] =>
  typeof argv === "string" ? argv.split(" ").filter(Boolean) : argv;

const TABLES: Readonly<Record<string, readonly BadInput[]>> = {
  "command lines": BAD_COMMAND_LINES,
  configurations: BAD_CONFIGURATIONS,
  "scenarios, proofs and sets": BAD_RECORDS,
  "recordings, tables and places": BAD_FILES,
};

for (const [name, rows] of Object.entries(TABLES)) {
  describe(`bad ${name} are refused with exit code 64 and one sentence, and leave nothing (defect: a crash, a riddle, or a folder)`, () => {
    for (const [index, row] of rows.entries()) {
      const argv = wordsOf(row);
      const shown = Object.values(row.records ?? row.files ?? {}).at(-1) ?? "";
      test(`${String(index + 1)}: ${JSON.stringify([argv.join(" "), shown.slice(0, 80)])}`, async () => {
        await using place = await placeOf(row);
        const before = await place.everything();
        const { code, error, message, stdout, notes } = await outcomeOf(argv, place);
        assert.equal(code, EXIT.usage, `${message}${error instanceof Error ? `\n${error.stack ?? ""}` : ""}`);
        assertSays(message, row.says);
        assert.deepEqual([stdout, notes], ["", []]);
        assert.deepEqual(await place.everything(), before);
      });
    }
  });
}

test("there are at least 100 bad inputs, of every command", () => {
  const all = Object.values(TABLES).flat();
  assert.ok(all.length >= 100, String(all.length));
  const commands = new Set(all.map((row) => wordsOf(row)[0]));
  for (const command of ["load", "matrix", "prove", "analyze", "report", "compare", "history", "cluster"]) {
    assert.ok(commands.has(command), command);
  }
});

const cluster = "clusters: [{ name: c, cluster: { server: 'https://10.0.0.1' } }]\n";
const user = "users: [{ name: u, user: {} }]\n";
const context = (name: string, to = "{ cluster: c, user: u }"): string => `{ name: ${name}, context: ${to} }`;

/** Each: a kubeconfig, the context that is asked for, and what must be said of it. */
const KUBECONFIGS: readonly (readonly [text: string, context: string | undefined, ...BadInput["says"]])[] = [
  ["contexts: [", undefined, /kubeconfig/, /usable/, /not YAML/],
  ["a: &a [*a]", undefined, /kubeconfig/, /usable/, /clusters|not YAML/],
  ["", undefined, /kubeconfig/, /usable/, /its top level/],
  [`${cluster}contexts: []\n${user}`, undefined, /kubeconfig/, /usable/, /contexts/],
  [`${cluster}contexts: [${context("a")}, ${context("b")}]\n${user}`, undefined, /2 contexts/, /name one of/, /a, b/],
  [`${cluster}contexts: [${context("a")}]\n${user}`, "b", /no context/, /there are: a/, /"b"/],
  [`${cluster}contexts: [${context("a", "{ cluster: d, user: u }")}]\n${user}`, "a", /"a"/, /cluster "d"/, /not hold/],
  [`${cluster}contexts: [${context("a", "{ cluster: c, user: v }")}]\n${user}`, "a", /"a"/, /user "v"/, /not hold/],
  [
    `clusters: [{ name: c, cluster: { server: nowhere } }]\ncontexts: [${context("a")}]\n${user}`,
    "a",
    /usable/,
    /URL/,
    /server/,
  ],
];

describe("bad kubeconfigs are refused with exit code 64 and one sentence (defect: another cluster than the one that was meant)", () => {
  for (const [text, name, ...says] of KUBECONFIGS) {
    test(JSON.stringify([text, name]), async () => {
      await using place = await placeOf({});
      const path = join(place.cwd, "kubeconfig");
      await writeFile(path, text);
      const error: unknown = await loadKubeconfig(path, name).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof Error);
      assert.equal(exitCodeOfError(error), EXIT.usage, error.stack);
      assertSays(error.message, says);
    });
  }
});

/** Time for a process to start on a busy machine. */
const STARTS_MS = 300_000;

/** What the real program says on its two outputs, and its exit code. */
function programOf(argv: readonly string[], cwd: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const args = ["--import", "tsx", join(PROJECT, "orchestrator/cli/main.ts"), ...argv];
  return new Promise((resolve) => {
    const env = { ...process.env, INIT_CWD: cwd };
    execFile(process.execPath, args, { cwd: PROJECT, env, timeout: STARTS_MS }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

const WIRED: readonly BadInput[] = [
  { argv: "load --strategy agressive", says: [/--strategy/, /nearest is aggressive/, /"agressive"/] },
  {
    argv: "load --config run.yaml",
    files: { "run.yaml": "load: 400" },
    says: [/load/, /a group of keys/, /received 400/],
  },
  {
    argv: "analyze rec",
    files: { "rec/plan.json": "{" },
    says: [/plan.json/, /expected JSON/, /received "{"/],
  },
];

for (const row of WIRED) {
  test(`the program itself says it on stderr alone: ${wordsOf(row).join(" ")} (defect: a sentence among results, or with a stack)`, async () => {
    await using place = await placeOf(row);
    const before = await place.everything();
    const { code, stdout, stderr } = await programOf(wordsOf(row), place.cwd);
    assert.deepEqual([code, stdout], [EXIT.usage, ""], stderr);
    assert.match(stderr, /^zerodrop: [^\n]+\n$/);
    assertSays(stderr.slice("zerodrop: ".length).trimEnd(), row.says);
    assert.deepEqual(await place.everything(), before);
  });
}
