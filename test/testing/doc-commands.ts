/** For tests only: every command that the documentation tells a reader to type, and what it is about. */
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import MarkdownIt, { type Token } from "markdown-it";
import { z } from "zod";
import { CHECKOUT } from "../../scripts/artefacts/cache.ts";
import { shellCommands } from "./doc-shell.ts";

/** A text for people, by its path in the checkout. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** A command as a reader types it. */
export interface DocCommand {
  readonly path: string;
  /** Its first line in that file, from 1. */
  readonly line: number;
  readonly text: string;
  readonly env: Readonly<Record<string, string>>;
  /** Program and arguments, placeholders as they are written. */
  readonly words: readonly string[];
  /** In a sentence, where a command without its arguments is only named. */
  readonly inSentence: boolean;
}

const CONTAINERS = ["docker", "podman", "buildah", "skopeo"];
const PROGRAMS = ["npm", "npx", "node", "kubectl", "helm", "kind", "git", ...CONTAINERS, "go", "wrk"];
const SHELLS = ["sh", "bash", "shell", "console", ""];
const STARTS_AS_COMMAND = new RegExp(`^(?:[A-Z]\\w*=\\S* )*(?:${PROGRAMS.join("|")}) `);

/** Pages in which every command must be run: what a user or a contributor goes by. */
export const PAGES = "{README.md,CONTRIBUTING.md,docs/**/*.md,examples/**/*.md}";
/** Pages that tell what was. Their commands must still be ones. */
export const OLD_PAGES = "{CHANGELOG.md,results/README.md,test/recordings/*.md}";

export async function pagesOf(pattern: string): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const path of glob(pattern, { cwd: CHECKOUT })) {
    pages.push({ path, text: await readFile(join(CHECKOUT, path), "utf8") });
  }
  return pages.sort((a, b) => a.path.localeCompare(b.path));
}

export const { scripts: SCRIPTS, version: VERSION } = z
  .looseObject({ scripts: z.record(z.string(), z.string()), version: z.string() })
  .parse(JSON.parse(await readFile(join(CHECKOUT, "package.json"), "utf8")));

const markdown = new MarkdownIt();

/** Every command of a page: lines of shell blocks, of a pipeline's script in a YAML block, and what stands in a sentence as code. */
export function commandsOf({ path, text }: Page): DocCommand[] {
  const found: DocCommand[] = [];
  let line = 1;
  const add = (at: number, typed: string, inSentence: boolean): void => {
    for (const { env, words } of shellCommands(typed)) {
      for (const one of eachOf(words)) found.push({ path, line: at, text: typed.trim(), env, words: one, inSentence });
    }
  };
  for (const token of markdown.parse(text, {})) {
    // Cells of a table have no lines of their own, their row has.
    if (token.map !== null) line = token.map[0] + 1;
    if (token.type === "fence") for (const [at, typed] of linesOf(token)) add(line + 1 + at, typed, false);
    let at = line;
    for (const { type, content } of token.children ?? []) {
      if (type === "softbreak" || type === "hardbreak") at += 1;
      if (type === "code_inline" && STARTS_AS_COMMAND.test(content)) add(at, content, true);
    }
  }
  return found;
}

/** Lines of a block that are typed, each with its place in it; one that goes on in the next is one. */
function linesOf({ info, content }: Token): (readonly [at: number, typed: string])[] {
  const language = info.split(/\s/)[0] ?? "";
  const lines = content.split("\n");
  if (language === "yaml") {
    return lines.flatMap((typed, at) => {
      const item = /^\s*- (.*)$/.exec(typed)?.[1] ?? "";
      return STARTS_AS_COMMAND.test(item) ? [[at, item] as const] : [];
    });
  }
  if (!SHELLS.includes(language)) return [];
  return lines.flatMap((_, at) => {
    if (at > 0 && lines[at - 1]?.endsWith("\\") === true) return [];
    let end = at;
    while (lines[end]?.endsWith("\\") === true) end += 1;
    const typed = lines.slice(at, end + 1).map((part) => part.replace(/\\$/, " "));
    return [[at, typed.join("")] as const];
  });
}

/** Of `up|down` each. */
function eachOf(words: readonly string[]): string[][] {
  const at = words.findIndex((word) => /^[\w-]+(?:\|[\w-]+)+$/.test(word));
  if (at === -1) return [[...words]];
  return (words[at] ?? "").split("|").flatMap((word) => eachOf(words.with(at, word)));
}

/** Script and arguments of `npm run`, `npm test` and its like. */
export function scriptOf(words: readonly string[]): { readonly name: string; readonly args: string[] } | undefined {
  if (words[0] !== "npm") return undefined;
  const end = words.indexOf("--");
  const before = (end === -1 ? words : words.slice(0, end)).slice(1).filter((word) => word !== "--silent");
  const name = before[0] === "run" ? before[1] : before[0] === "test" ? "test" : undefined;
  return name === undefined ? undefined : { name, args: end === -1 ? [] : words.slice(end + 1) };
}

/** What zerodrop itself is started with; undefined for any other program. */
export function zerodropOf(words: readonly string[]): string[] | undefined {
  if (words[0] === "npx" && words[1] === "zerodrop") return words.slice(2);
  const script = scriptOf(words);
  if (script === undefined || SCRIPTS[script.name] !== `tsx orchestrator/cli/main.ts ${script.name}`) return undefined;
  return [script.name, ...script.args];
}

/** What a command is about, and its options: two commands of which both agree differ in values alone. */
export interface Shape {
  /** `load`, `load of an example`, `cluster up`, `cluster up on kind`, `npm run bench`, `docker build`, … */
  readonly subject: string;
  readonly options: readonly string[];
}

export function shapeOf(words: readonly string[]): Shape {
  const [zerodrop, script] = [zerodropOf(words), scriptOf(words)];
  const args = zerodrop?.slice(1) ?? script?.args ?? words.slice(1);
  const options = args.flatMap((word) => /^--?[a-z][\w-]*/.exec(word)?.[0].replace(/^-+/, "") ?? []).sort();
  if (zerodrop !== undefined) {
    const action = zerodrop[0] === "cluster" ? ` ${args[0] ?? ""}` : "";
    const given = (option: string): string => args[args.indexOf(option) + 1] ?? "";
    const onKind = args.includes("--target") && given("--target") === "kind";
    // Its test takes the name of the file out of the example's README.
    const ofExample = args.includes("--config") && given("--config").startsWith("examples/");
    const about = onKind ? " on kind" : ofExample ? " of an example" : "";
    const told = ofExample ? options.filter((option) => option !== "config") : options;
    return { subject: `${zerodrop[0] ?? ""}${action}${about}`.trim(), options: told };
  }
  if (script !== undefined) return { subject: script.name === "test" ? "npm test" : `npm run ${script.name}`, options };
  const verb = args.find((word, at) => !word.startsWith("-") && !/^-(?:n|l|-context)$/.test(args[at - 1] ?? ""));
  return { subject: `${words[0] ?? ""} ${verb ?? ""}`.trim(), options };
}

/** What may stand where a page says what belongs there, by the word before it. */
const PLACEHOLDERS: Readonly<Record<string, readonly (readonly [after: RegExp, filled: string])[]>> = {
  N: [[/./, "2"]],
  OUTPUT: [[/./, "json=x"]],
  FILE: [[/./, "orchestrator/plan/nearest.ts"]],
  IMAGE: [[/./, "registry.example/ray:2.60.0"]],
  DIR: [
    [/^results\//, "results/before"],
    [/^--out$/, "tmp/out"],
    [/./, "results/latest"],
  ],
  NAME: [
    [/^--context$/, "staging"],
    [/^--scenario$/, "upgrade"],
    [/./, "kept-by-a-test"],
  ],
  "NAME,...": [
    [/^--again$/, "upgrade"],
    [/./, "reference"],
  ],
};

/** The words with something where the placeholders are. Throws where it is not known what belongs there. */
export function filledIn({ path, line, text, words }: DocCommand): string[] {
  const filled: string[] = [];
  for (const word of words) {
    const before = filled.at(-1) ?? "";
    const known = PLACEHOLDERS[word]?.find(([after]) => after.test(before))?.[1];
    if (known === undefined && /^[A-Z]{2,}(?:,\.\.\.)?$/.test(word)) {
      throw new Error(`${path}:${line}: nobody knows what belongs in the place of ${word} in "${text}".`);
    }
    filled.push(known ?? word.replaceAll("VERSION", VERSION));
  }
  return filled;
}
