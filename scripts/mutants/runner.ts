/**
 * Runs the pure rooms' tests for Stryker, all in one process: a mutant costs the tests that reach it and nothing else. Stryker's own runner for
 * node:test starts a process for each file and mutant.
 */
import { registerHooks } from "node:module";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { INSTRUMENTER_CONSTANTS } from "@stryker-mutator/api/core";
import type { InstrumenterContext } from "@stryker-mutator/api/core";
import { PluginKind, declareClassPlugin } from "@stryker-mutator/api/plugin";
import {
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  determineHitLimitReached,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";
import type {
  DryRunResult,
  MutantRunOptions,
  MutantRunResult,
  TestResult,
  TestRunner,
  TestRunnerCapabilities,
} from "@stryker-mutator/api/test-runner";
import { Passed } from "./endless.ts";
import { Imports } from "./imports.ts";
import { collect } from "./node-test.ts";
import { Order } from "./order.ts";
import { testFiles } from "./scope.ts";

/** The name of the test that is loading its file. */
const LOADING = "(loading the file)";

interface Known {
  readonly id: string;
  readonly file: string;
  readonly name: string;
  readonly startPosition?: { line: number; column: number };
  readonly run: () => unknown;
}

/** What the instrumented code reads, and where it counts. */
type Instrumented = { [Key in keyof InstrumenterContext]: InstrumenterContext[Key] | undefined };

/** Stryker's runner of the tests of scope.ts. */
export class PureTestRunner implements TestRunner {
  readonly #stryker = instrumented();
  readonly #order = new Order();
  readonly #passed = new Passed();
  readonly #imports = new Imports();
  #files = new Map<string, Promise<readonly Known[]>>();
  /** Modules of another generation are other modules: what is loaded once cannot be loaded again under its name. */
  #generation = 0;

  capabilities(): TestRunnerCapabilities {
    return { reloadEnvironment: true };
  }

  init(): Promise<void> {
    this.#stryker.mutantCoverage = this.#passed.coverage;
    const collector = pathToFileURL(join(import.meta.dirname, "node-test.ts")).href;
    const sandbox = pathToFileURL(process.cwd()).href;
    registerHooks({
      resolve: (specifier, context, next) => {
        if (specifier === "node:test") return { url: collector, shortCircuit: true };
        const found = next(specifier, context);
        if (context.parentURL !== undefined) this.#imports.saw(context.parentURL, found.url);
        const renewed =
          this.#generation > 0 && found.url.startsWith(`${sandbox}/`) && !found.url.includes("/node_modules/");
        return renewed ? { ...found, url: `${found.url}?generation=${this.#generation}` } : found;
      },
    });
    return Promise.resolve();
  }

  async dryRun(): Promise<DryRunResult> {
    const result = await this.#untilOneFails(this.#testsWhileLoading(await testFiles(process.cwd())));
    // Reading it counts as well.
    this.#passed.begin();
    const { static: outside, perTest } = this.#passed.coverage;
    const mutantCoverage = { static: { ...outside }, perTest: { ...perTest } };
    return result.status === DryRunStatus.Complete ? { ...result, mutantCoverage } : result;
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, testFilter, hitLimit, mutantActivation, reloadEnvironment } = options;
    const mutated = relative(process.cwd(), options.sandboxFileName);
    if (reloadEnvironment) {
      this.#generation += 1;
      this.#files = new Map();
    }
    const stryker = this.#stryker;
    stryker.hitLimit = hitLimit;
    stryker.hitCount = hitLimit === undefined ? undefined : 0;
    stryker.activeMutant = undefined;
    // A mutant that acts when its module is loaded must be active by then, another one must not: its tests are loaded here.
    const asked =
      mutantActivation === "runtime"
        ? this.#order.tests(await this.#named(testFilter), mutated)
        : this.#testsWhileLoading(this.#order.files(await this.#reaching(mutated), mutated));
    stryker.activeMutant = activeMutant.id;
    const told = toMutantRunResult(await this.#untilOneFails(asked));
    if (told.status === MutantRunStatus.Killed) for (const id of told.killedBy) this.#order.noticed(mutated, id);
    return told;
  }

  /** The tests of these names, or all. Their files are loaded. */
  async #named(names?: readonly string[]): Promise<readonly Known[]> {
    const only = names && new Set(names);
    const files = await testFiles(process.cwd());
    const asked = only ? files.filter((file) => names.some((id) => id.startsWith(`${file} `))) : files;
    const tests: Known[] = [];
    for (const file of asked) tests.push(...(await this.#testsOf(file)));
    return only ? tests.filter(({ id }) => only.has(id)) : tests;
  }

  /**
   * The files of tests that a mutant meets which acts while its module is loaded: those of its room that load it, or that may, as what was not loaded
   * yet in this process is not known. Most of the code is loaded anew for each such mutant, and a survivor would cost all tests there are: what only
   * tests of another room notice counts as a survivor, so that the score is a lower bound.
   */
  async #reaching(mutated: string): Promise<readonly string[]> {
    const url = (file: string): string => pathToFileURL(join(process.cwd(), file)).href;
    const files = (await testFiles(process.cwd())).filter((file) => dirname(file) === dirname(mutated));
    return files.filter((file) => this.#imports.reaches(url(file), url(mutated)));
  }

  /** The tests of files, each file loaded when its turn has come. Loading it counts as a test: a mutant that makes it impossible is killed by that. */
  async *#testsWhileLoading(files: readonly string[]): AsyncGenerator<Known> {
    for (const file of files) {
      yield { id: `${file} ${LOADING}`, file, name: LOADING, run: () => this.#testsOf(file) };
      yield* await this.#testsOf(file);
    }
  }

  /** Runs tests up to the first that fails. */
  async #untilOneFails(asked: Iterable<Known> | AsyncIterable<Known>): Promise<DryRunResult> {
    const tests: TestResult[] = [];
    for await (const test of asked) {
      const result = await this.#result(test);
      tests.push(result);
      this.#order.took(test.id, result.timeSpentMs);
      const reached = determineHitLimitReached(this.#stryker.hitCount, this.#stryker.hitLimit);
      if (reached) return reached;
      if (this.#passed.isEndless) {
        return { status: DryRunStatus.Timeout, reason: `${test.id} does not end` };
      }
      if (result.status === TestStatus.Failed) break;
    }
    return { status: DryRunStatus.Complete, tests };
  }

  async #result(test: Known): Promise<TestResult> {
    const { id, name, file, startPosition } = test;
    // What happens while a file is loaded belongs to no test.
    // What is reached with a mutant is of no interest, and takes time.
    this.#stryker.currentTestId = name === LOADING || this.#stryker.activeMutant !== undefined ? undefined : id;
    this.#passed.begin();
    const before = performance.now();
    let failureMessage: string | undefined;
    try {
      await test.run();
    } catch (error) {
      failureMessage = messageOf(error);
    }
    this.#stryker.currentTestId = undefined;
    const timeSpentMs = performance.now() - before;
    const told = {
      id,
      name,
      fileName: join(process.cwd(), file),
      timeSpentMs,
      ...(startPosition && { startPosition }),
    };
    return failureMessage === undefined
      ? { ...told, status: TestStatus.Success }
      : { ...told, status: TestStatus.Failed, failureMessage };
  }

  #testsOf(file: string): Promise<readonly Known[]> {
    const known = this.#files.get(file) ?? load(file);
    this.#files.set(file, known);
    return known;
  }
}

function instrumented(): Instrumented {
  const all = globalThis as { [INSTRUMENTER_CONSTANTS.NAMESPACE]?: Instrumented };
  return (all[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {});
}

async function load(file: string): Promise<readonly Known[]> {
  const path = join(process.cwd(), file);
  const tests = await collect(path, () => import(pathToFileURL(path).href));
  const names = new Map<string, number>();
  return tests.map(({ name, run, line, column }) => {
    const nth = (names.get(name) ?? 0) + 1;
    names.set(name, nth);
    const id = `${file} ${name}${nth > 1 ? ` (${nth})` : ""}`;
    return { id, file, name: id.slice(file.length + 1), startPosition: { line, column }, run };
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "pure", PureTestRunner)];
