import assert from "node:assert/strict";
import { access, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { z } from "zod";
import { scenarioNames } from "../orchestrator/cli/scenario-files.ts";
import { CHECKOUT } from "../scripts/artefacts/cache.ts";
import { pagesOf } from "./testing/doc-commands.ts";

const pages = await pagesOf("{*.md,docs/**/*.md,examples/**/*.md,test/recordings/*.md}");
const markdown = new MarkdownIt();

for (const page of pages) {
  test(`every file that ${page.path} links to is there (defect: a link to a page that was renamed)`, async () => {
    const links = markdown
      .parse(page.text, {})
      .flatMap(({ children }) => children ?? [])
      .flatMap(({ attrs }) => attrs ?? [])
      .flatMap(([name, value]) => (name === "href" || name === "src" ? String(value) : []));
    for (const link of links) {
      const [path = ""] = link.split("#");
      if (path === "" || /^[a-z]+:/.test(path)) continue;
      await access(join(CHECKOUT, dirname(page.path), path));
    }
  });
}

test("every scenario that README.md's table names is there (defect: one that was renamed)", async () => {
  const section = /^## What can be done to it$([^]*?)^## /m.exec(
    pages.find(({ path }) => path === "README.md")?.text ?? "",
  );
  const named = markdown
    .parse(section?.[1] ?? "", {})
    .filter((_token, index, all) => all[index - 1]?.type === "td_open")
    .flatMap(({ children }) => children ?? [])
    .flatMap(({ type, content }) => (type === "code_inline" ? content : []));
  assert.ok(named.length > 0, "no scenario to look for");
  const scenarios = await scenarioNames(CHECKOUT);
  for (const name of named) assert.ok(scenarios.includes(name), `there is no scenario "${name}"`);
});

const FINDINGS = "docs/findings";

test("every finding stands in the index, and every declared defect has a page (defect: one that nobody can look up)", async () => {
  const index = pages.find(({ path }) => path === `${FINDINGS}/README.md`)?.text ?? "";
  const { defects } = z
    .looseObject({ defects: z.array(z.looseObject({ page: z.string() })).min(1) })
    .parse(JSON.parse(await readFile(join(CHECKOUT, "orchestrator/judge/known-defects.json"), "utf8")));
  const written = pages.map(({ path }) => path).filter((path) => path.startsWith(`${FINDINGS}/`));
  for (const { page } of defects) assert.ok(written.includes(page), `${page} is declared and not written`);
  for (const path of written) {
    const name = path.slice(FINDINGS.length + 1);
    assert.ok(name === "README.md" || index.includes(`](${name})`), `${name} is not in the index`);
  }
});
