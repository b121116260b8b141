import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { FLAGS } from "../../orchestrator/cli/flags.ts";
import { configKeys, configSchema } from "../../orchestrator/plan/config-schema.ts";
import { CHECKOUT } from "../artefacts/cache.ts";
import { versions } from "../artefacts/versions.ts";
import { COMMANDS } from "./commands.ts";
import { table } from "./markdown.ts";
import { REFERENCE_PAGE, referencePage } from "./page.ts";

const page = await readFile(join(CHECKOUT, REFERENCE_PAGE), "utf8");

/** The rows of all tables, each a list of what stands in its cells. */
function rowsOf(markdown: string): string[][] {
  const rows: string[][] = [];
  const tokens = new MarkdownIt().parse(markdown, {});
  for (const [index, token] of tokens.entries()) {
    if (token.type === "tr_open") rows.push([]);
    if (token.type !== "td_open") continue;
    const children = tokens[index + 1]?.children ?? [];
    rows.at(-1)?.push(children.map(({ content }) => content).join(""));
  }
  return rows.filter((row) => row.length > 0);
}

test("the page is what the code says (npm run reference writes it)", async () => {
  assert.ok(page === (await referencePage()), `${REFERENCE_PAGE} does not have what the code says: npm run reference`);
});

test("every flag of every command has a row of its own (defect: a flag that nobody can look up)", () => {
  const sections = page.split(/^### /m);
  for (const command of COMMANDS) {
    const section = sections.find((text) => text.startsWith(`${command}\n`)) ?? "";
    const terms = rowsOf(section).map(([term]) => term);
    for (const { name, value } of FLAGS[command]) {
      assert.ok(terms.includes(`--${name}${value === undefined ? "" : ` ${value}`}`), `${command} --${name}`);
    }
    assert.ok(terms.includes("0") && terms.includes("64"), `${command}: exit codes`);
  }
});

test("every key of a configuration has a row with all four cells (defect: a key without its range or default)", () => {
  const rows = rowsOf(page);
  for (const key of configKeys(configSchema(Object.keys(versions)))) {
    const row = rows.find(([term]) => term === key) ?? [];
    assert.equal(row.filter((cell) => cell !== "").length, 4, `${key}: ${row.join(" | ")}`);
  }
});

test("what a cell says cannot end it (defect: a column more for each | of a flag's value)", () => {
  assert.deepEqual(rowsOf(table(["flag", "meaning"], [["`--rate RPS|max`", "one\ntwo | three"]])), [
    ["--rate RPS|max", "one two | three"],
  ]);
});
