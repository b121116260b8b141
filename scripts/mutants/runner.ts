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
import { collect } from "./node-test.ts";
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
  #files = new Map<string, Promise<readonly Known[]>>();
  /** Modules of another generation are other modules: what is loaded once cannot be loaded again under its name. */
  #generation = 0;

  capabilities(): TestRunnerCapabilities {
    return { reloadEnvironment: true };
  }

  init(): Promise<void> {
    const collector = pathToFileURL(join(import.meta.dirname, "node-test.ts")).href;
    const sandbox = pathToFileURL(process.cwd()).href;
    registerHooks({
      resolve: (specifier, context, next) => {
        if (specifier === "node:test") return { url: collector, shortCircuit: true };
        const found = next(specifier, context);
        const renewed =
          this.#generation > 0 && found.url.startsWith(`${sandbox}/`) && !found.url.includes("/node_modules/");
        return renewed ? { ...found, url: `${found.url}?generation=${this.#generation}` } : found;
      },
    });
    return Promise.resolve();
  }

  async dryRun(): Promise<DryRunResult> {
    const result = await this.#run({ files: await testFiles(process.cwd()), mutant: false });
    const { mutantCoverage } = this.#stryker;
    return { ...result, ...(mutantCoverage && { mutantCoverage }) };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, testFilter, hitLimit, mutantActivation, reloadEnvironment, sandboxFileName } = options;
    if (reloadEnvironment) {
      this.#generation += 1;
      this.#files = new Map();
    }
    const stryker = this.#stryker;
    stryker.hitLimit = hitLimit;
    stryker.hitCount = hitLimit === undefined ? undefined : 0;
    stryker.activeMutant = undefined;
    const only = testFilter && new Set(testFilter);
    const files = nearestFirst(await testFiles(process.cwd()), relative(process.cwd(), sandboxFileName)).filter(
      (file) => !only || [...only].some((id) => id.startsWith(`${file} `)),
    );
    // A mutant that acts when its module is loaded must be active by then, another one must not.
    if (mutantActivation === "runtime") for (const file of files) await this.#testsOf(file);
    stryker.activeMutant = activeMutant.id;
    return toMutantRunResult(await this.#run({ files, only, mutant: true }));
  }

  /**
   * Runs the files' tests, those asked for, and of a mutant no more than the first that fails. A file is loaded when its turn has come. Loading
   * it is reported as a test too: a mutant that makes it impossible is killed by that.
   */
  async #run(asked: {
    files: readonly string[];
    only?: Set<string> | undefined;
    mutant: boolean;
  }): Promise<DryRunResult> {
    const tests: TestResult[] = [];
    for (const file of asked.files) {
      const loading: Known = { id: `${file} ${LOADING}`, file, name: LOADING, run: () => this.#testsOf(file) };
      const loaded = await this.#result(loading);
      if (!asked.mutant || loaded.status === TestStatus.Failed) tests.push(loaded);
      if (loaded.status === TestStatus.Failed) break;
      for (const test of await this.#testsOf(file)) {
        if (asked.only && !asked.only.has(test.id)) continue;
        const result = await this.#result(test);
        tests.push(result);
        const reached = determineHitLimitReached(this.#stryker.hitCount, this.#stryker.hitLimit);
        if (reached) return reached;
        if (asked.mutant && result.status === TestStatus.Failed) return { status: DryRunStatus.Complete, tests };
      }
    }
    return { status: DryRunStatus.Complete, tests };
  }

  async #result(test: Known): Promise<TestResult> {
    const { id, name, file, startPosition } = test;
    // What happens while a file is loaded belongs to no test.
    this.#stryker.currentTestId = name === LOADING ? undefined : id;
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

/** The module's own tests, its room's, and the others: those that most likely notice first. */
function nearestFirst(files: readonly string[], mutated: string): string[] {
  const own = mutated.replace(/\.ts$/, ".test.ts");
  const distance = (file: string) => (file === own ? 0 : dirname(file) === dirname(mutated) ? 1 : 2);
  return [...files].sort((a, b) => distance(a) - distance(b));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "pure", PureTestRunner)];
