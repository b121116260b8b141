import assert from "node:assert/strict";
import { access, glob, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { z } from "zod";
import { parseCommand } from "../orchestrator/cli/args.ts";
import { FLAGS } from "../orchestrator/cli/flags.ts";
import { scenarioNames } from "../orchestrator/cli/scenario-files.ts";
import { CHECKOUT } from "../scripts/artefacts/cache.ts";

/** A text for people, by its path in the checkout. */
interface Page {
  readonly path: string;
  readonly text: string;
}

const pages: Page[] = [];
for await (const path of glob("{*.md,docs/**/*.md,examples/**/*.md,test/recordings/*.md}", { cwd: CHECKOUT })) {
  pages.push({ path, text: await readFile(join(CHECKOUT, path), "utf8") });
}
const { scripts } = z
  .looseObject({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile(join(CHECKOUT, "package.json"), "utf8")));
const markdown = new MarkdownIt();

/** Lines that a reader may type, without comments and what comes after a pipe. */
function commandsOf({ text }: Page): string[] {
  const tokens = markdown.parse(text, {}).flatMap((token) => [token, ...(token.children ?? [])]);
  return tokens
    .filter(({ type, info }) => type === "code_inline" || (type === "fence" && info === "sh"))
    .flatMap(({ content }) => content.replaceAll("\\\n", " ").split("\n"))
    .flatMap((line) => /\b(?:npm run|npx zerodrop) .*/.exec(line)?.[0].split(/ [#|>] ?/)[0] ?? [])
    .map((line) => line.trim());
}

/** Words that stand for what a reader puts there, and something that may stand there. */
const PLACEHOLDERS: Readonly<Record<string, string>> = { N: "2", OUTPUT: "json=x" };

/** The arguments after `--`, or after the package's command; of `a|b` the first. */
function argumentsOf(command: string): string[] {
  const [, rest = ""] = /(?: -- |^npx zerodrop [\w-]+ )(.*)$/.exec(command) ?? [];
  return rest
    .split(" ")
    .filter(Boolean)
    .map((word) => PLACEHOLDERS[word] ?? word.split("|")[0] ?? word);
}

for (const page of pages) {
  test(`every command in ${page.path} exists and takes its arguments (defect: a text that is left behind)`, async () => {
    const scenarios = await scenarioNames(CHECKOUT);
    for (const command of commandsOf(page)) {
      const [, starts = "", name = ""] = /^(npm run (?:--silent )?|npx zerodrop )([\w:-]+)/.exec(command) ?? [];
      const ofPackage = starts.startsWith("npx");
      if (ofPackage && (name === "--version" || name === "--help")) continue;
      assert.ok(
        name in (ofPackage ? FLAGS : scripts),
        `"${command}": ${ofPackage ? "zerodrop has no command" : "package.json has no script"} "${name}"`,
      );
      if (!(name in FLAGS)) continue;
      const given = argumentsOf(command);
      // Named in passing, a command that needs a folder has none.
      if (given.length === 0) continue;
      const parsed = parseCommand([name, ...given], {
        kubeContexts: () => ({ source: "", names: ["staging", "NAME", "kind-zerodrop"] }),
      });
      if (parsed.command !== "load") continue;
      const { scenario = "upgrade" } = parsed.request;
      assert.ok(scenario === "NAME" || scenarios.includes(scenario), `"${command}": no scenario "${scenario}"`);
    }
  });

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

test("commands are found in the texts (defect: a test that looks at nothing)", () => {
  const commands = pages.flatMap(commandsOf);
  assert.ok(commands.includes("npm run load -- --strategy aggressive"), commands.join("\n"));
});

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
