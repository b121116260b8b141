import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { CHECKOUT } from "../artefacts/cache.ts";
import { MUTANTS_PAGE, withMutants } from "./page.ts";
import { isAbout, readReasons, staleReasons, type Reason } from "./reasons.ts";
import { reportedSchema, toldOf } from "./reported.ts";
import { mutatedFiles } from "./scope.ts";
import { scoreOf, survivorsOf, together, triedIn, triedText } from "./tried.ts";

const FILE = "orchestrator/plan/half.ts";
const SOURCE = `export function half(n: number): number {\n  if (n === 0) return 0;\n  return n / 2;\n}\n`;

/** A mutant of the text that is found first in SOURCE. */
function mutantOf(text: string, mutatorName: string, replacement: string, status: string) {
  const before = SOURCE.slice(0, SOURCE.indexOf(text)).split("\n");
  const [line, column] = [before.length, (before.at(-1) ?? "").length + 1];
  const lines = text.split("\n");
  const last = lines.at(-1) ?? "";
  const end = { line: line + lines.length - 1, column: lines.length === 1 ? column + last.length : last.length + 1 };
  return { mutatorName, replacement, status, location: { start: { line, column }, end } };
}

const MUTANTS = [
  mutantOf("n / 2", "ArithmeticOperator", "n * 2", "Killed"),
  mutantOf("n === 0", "ConditionalExpression", "true", "Timeout"),
  mutantOf("n === 0", "ConditionalExpression", "false", "Survived"),
  mutantOf("{\n  if (n === 0) return 0;\n  return n / 2;\n}", "BlockStatement", "{}", "NoCoverage"),
];
const reported = (mutants = MUTANTS, source = SOURCE) =>
  reportedSchema.parse({ files: { [FILE]: { source, mutants } } });
const TRIED = triedIn(reported());
const REASON: Reason = {
  file: FILE,
  line: "if (n === 0) return 0;",
  mutator: "ConditionalExpression",
  replacement: "false",
  reason: "Half of 0 is 0 without being asked.",
};
const EMPTY = "# Mutants\n\n<!-- mutants: begin -->\n<!-- mutants: end -->\n";

test("the score counts what no test reaches (defect: untested code is left out of the score)", () => {
  assert.equal(scoreOf(TRIED), 50);
  assert.equal(scoreOf([]), null);
});

test("a mutant is told by its line, its code and what becomes of it, over lines too", () => {
  const [block, ...conditions] = toldOf(reported());
  assert.deepEqual(block, {
    file: FILE,
    line: "export function half(n: number): number {",
    number: 1,
    mutator: "BlockStatement",
    original: "{ if (n === 0) return 0; return n / 2; }",
    replacement: "{}",
    status: "NoCoverage",
  });
  assert.deepEqual(
    conditions.map(({ original }) => original),
    ["n === 0", "n === 0", "n / 2"],
  );
});

test("a reason is about its own mutant alone (defect: one excuse for all mutants of a line)", () => {
  assert.deepEqual(
    toldOf(reported())
      .filter((mutant) => isAbout(REASON, mutant))
      .map(({ status }) => status),
    ["Survived"],
  );
});

test("a reason is stale once a test kills its mutant or its line is another, and not for a file that was not tried", () => {
  const killed = { ...REASON, replacement: "true" };
  const changed = { ...REASON, line: "if (n === 1) return 0;" };
  const elsewhere = { ...REASON, file: "orchestrator/plan/third.ts" };
  assert.deepEqual(staleReasons([REASON, killed, changed, elsewhere], TRIED), [killed, changed]);
});

test("the page has each survivor once, with its reason or among those without", () => {
  const page = withMutants(EMPTY, { tried: TRIED, reasons: [REASON], files: [FILE, "orchestrator/plan/third.ts"] });
  assert.ok(page.includes("| plan | 1 of 2 | 4 | 1 | 1 | 1 | 1 | 50.0 % |"), page);
  assert.ok(page.includes("| checks | 0 of 0 | 0 | 0 | 0 | 0 | 0 |  |"), page);
  const [, excused = "", open = ""] = page.split(/^## .*$/m);
  assert.ok(
    excused.includes("| 2 | ConditionalExpression | `n === 0` | `false` | Half of 0 is 0 without being asked. |"),
  );
  assert.ok(open.includes("| 1 | BlockStatement | `{ if (n === 0) return 0; return n / 2; }` | `{}` |"), open);
  assert.ok(!open.includes("ConditionalExpression"), open);
});

test("a file counts when all of its mutants were tried (defect: the score of an interrupted call)", () => {
  assert.equal(TRIED.length, 1);
  assert.deepEqual(triedIn(reported([...MUTANTS, mutantOf("2;", "NumericLiteral", "3;", "Pending")])), []);
});

test("only files of this call count (defect: survivors that an earlier call's record lacks, as they are to be tried again, vanish from the score)", () => {
  const earlier = "orchestrator/plan/third.ts";
  const report = { files: { ...reported().files, [earlier]: { source: SOURCE, mutants: MUTANTS.slice(0, 2) } } };
  const both = reportedSchema.parse(report);
  assert.deepEqual(triedIn(both, [FILE]), TRIED);
  assert.deepEqual(triedIn(both, []), []);
  assert.equal(triedIn(both).length, 2);
});

test("what was tried is kept as it was, a survivor on each line (defect: a commit of thousands of lines for one survivor)", () => {
  const text = triedText([...TRIED, ...TRIED]);
  assert.deepEqual(JSON.parse(text), [...TRIED, ...TRIED]);
  assert.equal(text.split("\n").filter((line) => line.startsWith('{"line":')).length, 2 * survivorsOf(TRIED).length);
  assert.deepEqual(JSON.parse(triedText([])), []);
});

test("what was tried of another text counts no more, the latest try of the same does (defect: the score of code that is gone)", () => {
  const [again] = triedIn(reported(MUTANTS.slice(0, 2)));
  assert.ok(again);
  const today = new Map([[FILE, SOURCE]]);
  assert.deepEqual(together(TRIED, [], today), TRIED);
  assert.deepEqual(together(TRIED, [again], today), [again]);
  assert.deepEqual(together(TRIED, triedIn(reported(MUTANTS, `${SOURCE}//`)), today), TRIED);
  assert.deepEqual(together(TRIED, [], new Map([[FILE, `${SOURCE}//`]])), []);
  assert.deepEqual(together(TRIED, [], new Map()), []);
  assert.equal(survivorsOf(TRIED).length, 2);
});

test("every reason given is about a line that is there, and stands on the page (npm run mutants writes it)", async () => {
  const page = await readFile(join(CHECKOUT, MUTANTS_PAGE), "utf8");
  const files = await mutatedFiles();
  for (const { file, line, reason } of await readReasons()) {
    assert.ok(files.includes(file), `${file} has no mutants.`);
    const lines = (await readFile(join(CHECKOUT, file), "utf8")).split("\n").map((text) => text.trim());
    assert.ok(lines.includes(line), `${file} has no line "${line}" any more: the reason for it must go.`);
    assert.ok(page.replaceAll("\\", "").includes(reason), `${MUTANTS_PAGE} does not say: ${reason}`);
  }
});

test("what is tried is the rooms' code and none of its tests' (defect: a score made of helpers of tests)", async () => {
  const files = await mutatedFiles();
  assert.ok(files.includes("orchestrator/checks/zero-failures.ts"));
  assert.deepEqual(
    files.filter((file) => /\.test\.ts$|testing|story-writer/.test(file)),
    [],
  );
  assert.deepEqual(await mutatedFiles(["orchestrator/plan/quan*.ts"]), ["orchestrator/plan/quantity.ts"]);
});
