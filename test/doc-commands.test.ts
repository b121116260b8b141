import assert from "node:assert/strict";
import { access, readFile } from "node:fs/promises";
import { join, matchesGlob } from "node:path";
import { after, before, describe, test } from "node:test";
import { parseCommand } from "../orchestrator/cli/args.ts";
import { FLAGS } from "../orchestrator/cli/flags.ts";
import { planLoad } from "../orchestrator/cli/request.ts";
import { scenarioNames } from "../orchestrator/cli/scenario-files.ts";
import { CHECKOUT } from "../scripts/artefacts/cache.ts";
import { outcomeOf, placeOf } from "./testing/bad-inputs.ts";
import {
  commandsOf,
  filledIn,
  OLD_PAGES,
  PAGES,
  pagesOf,
  SCRIPTS,
  scriptOf,
  shapeOf,
  zerodropOf,
  type DocCommand,
  type Shape,
} from "./testing/doc-commands.ts";
import { kubectlFaults, knownObjects } from "./testing/doc-kubectl.ts";
import { docFiles, docPlace, type DocPlace, type Typed } from "./testing/doc-place.ts";
import { promisedCodes, RUN_BY_NOBODY, RUN_ELSEWHERE, typedHere } from "./testing/doc-runs.ts";

/** A command of the documentation with all that is known of it. */
interface Told extends Omit<DocCommand, "words"> {
  readonly words: readonly string[];
  readonly shape: Shape;
  /** What zerodrop is started with, where it is. */
  readonly argv: readonly string[] | undefined;
  /** `FILE:LINE`. */
  readonly where: string;
  /** Named in a sentence without the arguments that it takes. */
  readonly named: boolean;
}

const pages = await pagesOf(PAGES);
const told = pages.flatMap(commandsOf).map(toldOf);

function toldOf(command: DocCommand): Told {
  const words = filledIn(command);
  const argv = zerodropOf(words);
  const script = scriptOf(words);
  const bare = (argv?.length ?? (script?.args.length ?? 1) + 1) === 1;
  return {
    ...{ ...command, words, argv, shape: shapeOf(words), where: `${command.path}:${command.line}` },
    named: command.inSentence && bare && !(argv?.[0] ?? "").startsWith("--"),
  };
}

function dashed(option: string): string {
  return option.length === 1 ? `-${option}` : `--${option}`;
}

/** Each of its kind once: the first of those that differ in values alone. */
function oncePerShape(commands: readonly Told[]): Told[] {
  const seen = new Map<string, Told>();
  for (const one of commands) {
    const { subject, options } = one.shape;
    const key = JSON.stringify([subject, options]);
    if (!seen.has(key)) seen.set(key, one);
  }
  return [...seen.values()];
}

describe("every command of the documentation exists and takes its arguments (defect: a text that is left behind)", async () => {
  const scenarios = await scenarioNames(CHECKOUT);
  for (const page of [...pages, ...(await pagesOf(OLD_PAGES))]) {
    test(page.path, () => {
      for (const { text, where, argv, words, named } of commandsOf(page).map(toldOf)) {
        const script = scriptOf(words);
        assert.ok(
          script === undefined || script.name in SCRIPTS,
          `${where}: "${text}": package.json has no script "${script?.name ?? ""}".`,
        );
        const fromRegistry = words[0] === "npm" && words[1] === "install" && words.includes("zerodrop");
        assert.ok(!fromRegistry, `${where}: "${text}": no registry has zerodrop, only the file that npm pack makes.`);
        if (argv === undefined) continue;
        const [name = ""] = argv;
        assert.ok(name.startsWith("--") || name in FLAGS, `${where}: "${text}": zerodrop has no command "${name}".`);
        // Named in passing, a command that needs a folder has none.
        if (named) continue;
        let parsed;
        try {
          parsed = parseCommand(argv, { kubeContexts: () => ({ source: "", names: ["staging", "kind-zerodrop"] }) });
        } catch (error) {
          assert.fail(`${where}: "${text}" is refused: ${error instanceof Error ? error.message : String(error)}`);
        }
        if (parsed.command !== "load") continue;
        const { scenario = "upgrade" } = parsed.request;
        assert.ok(scenarios.includes(scenario), `${where}: "${text}": there is no scenario "${scenario}".`);
      }
    });
  }
});

test("commands are found in the texts: of blocks, of tables, of sentences, and with what their lines go on with (defect: a test that looks at nothing)", () => {
  const found = (path: string, words: string): boolean =>
    told.some((one) => one.path === path && one.words.join(" ") === words);
  assert.ok(found("README.md", "npm run load -- --strategy aggressive"));
  assert.ok(found("README.md", "npm run cluster -- reset"), "each of check|up|down|status|reset");
  assert.ok(found("CONTRIBUTING.md", "npm run format:fix"));
  assert.ok(found("docs/ci.md", `npm install --no-save ./tools/zerodrop-0.1.0.tgz`), "in a pipeline's script");
  const prometheus = told.find(({ path, shape }) => path === "docs/clients.md" && shape.options.includes("out-k6"));
  assert.deepEqual(Object.keys(prometheus?.env ?? {}), ["K6_PROMETHEUS_RW_SERVER_URL"]);
});

test("every command is typed by this test or run by another one that is named, or it is said why not (defect: a page's command that fails at its first reader's)", () => {
  const here = new Set(
    told.filter((one) => typedHere(one.words, one.shape) !== undefined).map((one) => one.shape.subject),
  );
  const uncovered = told.flatMap(({ where, text, words, shape }) => {
    const { subject, options } = shape;
    if (typedHere(words, shape) !== undefined || subject in RUN_BY_NOBODY) return [];
    const by = RUN_ELSEWHERE.filter((one) => one.subject === subject);
    // Without the arguments that it needs: others have them.
    if (by.length === 0 && options.length === 0 && here.has(subject)) return [];
    const given = new Set(by.flatMap((one) => one.options));
    const without = options.filter((option) => !given.has(option)).map(dashed);
    if (by.length > 0 && without.length === 0) return [];
    const lacks = by.length === 0 ? `is about ${subject}` : `has ${without.join(" and ")}`;
    return [`${where}: nobody runs "${text}": no line of test/testing/doc-runs.ts ${lacks}.`];
  });
  assert.deepEqual(uncovered, []);
});

test("what is said of other tests is so: they are run, start the command, and give it the options (defect: a table that outlives its test)", async () => {
  const ci = await readFile(join(CHECKOUT, ".ci/run"), "utf8");
  const verify = await readFile(join(CHECKOUT, "scripts/verify/steps.ts"), "utf8");
  const suites = Object.entries(SCRIPTS).filter(
    ([name]) => ci.includes(`npm run ${name}\n`) || verify.includes(`"${name}"`),
  );
  for (const { subject, options, file, says } of RUN_ELSEWHERE) {
    const text = await readFile(join(CHECKOUT, file), "utf8").catch(() => "");
    assert.notEqual(text, "", `${subject}: ${file} is not there.`);
    // However the formatter breaks its lines.
    const dense = (of: string): string => of.replaceAll(/\s+/g, "").replaceAll(",)", ")");
    assert.ok(dense(text).includes(dense(says)), `${subject}: ${file} does not say ${says}`);
    for (const option of options)
      assert.ok(text.includes(`"${dashed(option)}"`), `${subject}: ${file} does not give ${dashed(option)}.`);
    const run =
      !file.endsWith(".test.ts") ||
      suites.some(([, script]) =>
        [...script.matchAll(/"?([^\s"]*\.test\.ts)\b/g)].some(([, glob = ""]) => matchesGlob(file, glob)),
      );
    assert.ok(run, `${subject}: neither .ci/run nor npm run verify runs ${file}.`);
    const asked = told.some(({ shape }) => shape.subject === subject);
    assert.ok(asked, `${subject}: no page names it any more, so its line in test/testing/doc-runs.ts can go.`);
  }
  for (const subject of Object.keys(RUN_BY_NOBODY)) {
    assert.ok(
      told.some(({ shape }) => shape.subject === subject),
      `${subject}: no page names it any more.`,
    );
    assert.ok(!RUN_ELSEWHERE.some((one) => one.subject === subject), `${subject} is run by somebody.`);
  }
});

test("manifests that kubectl is given are there and are some, and so is what it asks for (defect: a renamed file or object)", async () => {
  const known = await knownObjects();
  const faults: string[] = [];
  for (const { words, where, text } of told.filter((one) => one.words[0] === "kubectl")) {
    for (const fault of await kubectlFaults(words, known)) faults.push(`${where}: "${text}": ${fault}`);
  }
  assert.deepEqual(faults, []);
});

test("every run that the documentation asks for can be planned: the same command with --dry-run (defect: a file, a name or a number that is refused only when it is read)", async () => {
  await using place = await placeOf({ files: await docFiles() });
  const distinct = new Map(told.map((one) => [JSON.stringify(one.argv), one] as const));
  for (const { argv, where, text, shape } of distinct.values()) {
    if (argv === undefined || !["load", "matrix", "prove"].includes(argv[0] ?? "")) continue;
    if (["help", "list", "smallest"].some((option) => shape.options.includes(option))) continue;
    if (shape.subject === "load on kind") {
      // --dry-run renders the manifests of what the cluster would get, which takes Go, and minutes the first time.
      const command = parseCommand(argv, { kubeContexts: () => assert.fail("no context is asked for") });
      assert.ok(command.command === "load", text);
      await assert.doesNotReject(planLoad(command, { ...place, home: place.root, now: new Date(), seed: 1 }), where);
      continue;
    }
    const { code, message, stdout } = await outcomeOf(
      [...argv.filter((word) => word !== "--dry-run"), "--dry-run"],
      place,
    );
    // Nothing was begun that could be resumed, and the cluster of the kubeconfig does not answer.
    const [expected, says] =
      argv[0] !== "load" && shape.options.includes("resume")
        ? [64, /that (?:was|were) begun/]
        : shape.options.includes("context")
          ? [69, /127\.0\.0\.1:9/]
          : [0, /^$/];
    assert.equal(code, expected, `${where}: "${text}" with --dry-run: ${message}`);
    assert.match(message, says, `${where}: "${text}" with --dry-run`);
    assert.ok(code !== 0 || stdout !== "", `${where}: "${text}" with --dry-run prints nothing.`);
  }
});

/** Of any command that is typed here. */
const LONGEST_MS = 120_000;

describe("commands that need no cluster and no minutes are typed as they stand in the documentation (defect: a command that ends otherwise than its page says)", () => {
  let place: DocPlace;
  before(async () => {
    const folders = told.flatMap(({ words }) =>
      words.map(inPlace).flatMap((word) => /^results\/([\w-]+)$/.exec(word)?.[1] ?? []),
    );
    place = await docPlace([...new Set([...folders, "latest", "before", "after"])]);
  });
  after(() => place[Symbol.asyncDispose]());

  const typed = oncePerShape(
    told.filter(
      ({ named, words, shape }) => !named || (shape.subject.startsWith("npm run ") && !needsArguments(words)),
    ),
  );
  const of = (how: ReturnType<typeof typedHere>): Told[] =>
    typed.filter(({ words, shape }) => typedHere(words, shape) === how);

  const reading = of("beside");
  // A process of each of zerodrop's commands shows that it starts and ends as one; what else a command may be given takes the same way within this one.
  const begun = new Set<string>();
  const [processes, others] = [[] as Told[], [] as Told[]];
  // --smallest is about the checkout's own files, which only a process takes for its own.
  for (const one of [...reading.filter(isSmallest), ...reading.filter((each) => !isSmallest(each))]) {
    const about = isForeword(one) ? "foreword" : one.shape.subject;
    (one.argv !== undefined && begun.has(about) ? others : processes).push(one);
    begun.add(about);
  }
  const [first, ...rest] = processes;

  describe("alone, to compile what others find compiled", () => {
    if (first !== undefined) test(first.words.join(" "), () => check(first, asProcess(first)));
  });
  describe("beside each other", { concurrency: true }, () => {
    // Two lanes for those that write nothing, one for those that do.
    const lanes = [rest.filter((_, at) => at % 2 === 0), rest.filter((_, at) => at % 2 === 1), of("alone")];
    for (const lane of lanes) {
      describe("one after another", { concurrency: 1 }, () => {
        for (const one of lane) test(one.words.join(" "), () => check(one, asProcess(one)));
      });
    }
  });
  describe("in this process", { concurrency: 1 }, () => {
    for (const one of others) test(one.words.join(" "), () => check(one, inThisProcess(one)));
  });
  describe("what changes the checkout's own package.json", { concurrency: 1 }, () => {
    for (const one of of("last")) {
      test(one.words.join(" "), async (t) => {
        const [program = "", verb = ""] = one.words;
        const { code } = await place.type([program, verb, "--help"], LONGEST_MS);
        if (code === 0) await check(one, asProcess(one));
        else t.skip(`this ${program} has no ${verb}`);
      });
    }
  });

  function asProcess({ words, env }: Told): Promise<Typed> {
    return place.type(words.map(inPlace), LONGEST_MS, env);
  }

  async function inThisProcess(one: Told): Promise<Typed> {
    const { argv = [] } = one;
    if (isForeword(one)) {
      const foreword = parseCommand(argv, { kubeContexts: () => assert.fail("no context is asked for") });
      return { code: 0, stdout: foreword.command === "help" ? foreword.text : assert.fail("no help"), stderr: "" };
    }
    const { code, stdout, message } = await outcomeOf(argv.map(inPlace), { root: place.folder, cwd: place.folder });
    return { code, stdout, stderr: message };
  }

  async function check({ words, where, text, shape, inSentence }: Told, ended: Promise<Typed>): Promise<void> {
    const { code, stdout, stderr } = await ended;
    const promised = promisedCodes(shape);
    assert.ok(
      code !== null && promised.includes(code),
      `${where}: "${text}" ended with ${code ?? "no exit code in time"}, not ${promised.join(" or ")}: ${stderr}`,
    );
    assert.doesNotMatch(stderr, /^\s+at .*:\d+:\d+\)?$/m, `${where}: "${text}" prints a stack`);
    // npm itself prints a heading where it is not told to be silent.
    if (code === 0 && shape.options.includes("json") && (words.includes("--silent") || !inSentence)) {
      assert.doesNotThrow(() => JSON.parse(stdout) as unknown, `${where}: "${text}" prints no JSON`);
    }
    const out = words.map(inPlace)[words.indexOf("--out") + 1];
    if (shape.options.includes("out")) await access(join(place.folder, out ?? ""));
  }
});

/** What is outside of the checkout on a reader's machine lies in it here. */
function inPlace(word: string): string {
  if (!word.startsWith("/")) return word;
  return word.endsWith("/results") ? "results" : `tmp/${word.split("/").at(-1) ?? ""}`;
}

/** Told by zerodrop before any command of it begins, whichever is asked about. */
function isForeword({ argv = [] }: Told): boolean {
  return argv.includes("--help") || argv.includes("--version");
}

function isSmallest({ shape }: Told): boolean {
  return shape.options.includes("smallest");
}

/** Named without what it cannot do without. */
function needsArguments(words: readonly string[]): boolean {
  return scriptOf(words)?.name === "recordings:keep" && scriptOf(words)?.args.length === 0;
}
