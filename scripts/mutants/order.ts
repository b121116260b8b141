import { dirname } from "node:path";

/** As many tests are tried first for having noticed the last mutants of a file: they mostly lie in the same function. */
const LATEST = 10;

/** So many tests of other files does a mutant meet that no test of its own notices. */
const MOST_OTHERS = 100;

/** A test, by its file and by what tells it apart from all others. */
interface Test {
  readonly id: string;
  readonly file: string;
}

/**
 * In which order a mutant meets tests: first those that noticed one of the same file lately, the latest first, then the module's own, its room's and
 * the others, of these the quickest first. Learns from what it is told, so that which of many tests are the first ones can differ from call to call.
 */
export class Order {
  readonly #noticed = new Map<string, readonly string[]>();
  readonly #took = new Map<string, number>();

  /** A test noticed a mutant of this file. */
  noticed(mutated: string, id: string): void {
    const others = (this.#noticed.get(mutated) ?? []).filter((other) => other !== id);
    this.#noticed.set(mutated, [id, ...others].slice(0, LATEST));
  }

  /** How long a test ran last, in ms. */
  took(id: string, ms: number): void {
    this.#took.set(id, ms);
  }

  /**
   * The tests that a mutant of this file meets, in their order: the module's own, and the first MOST_OTHERS of the others. A place in the middle of all
   * is reached by every test there is, and each survivor would cost them all.
   */
  tests<T extends Test>(tests: readonly T[], mutated: string): T[] {
    const rank = (id: string) => this.#rank(mutated, (noticed) => noticed === id);
    const sorted = sortedBy(tests, ({ id, file }) => [rank(id), distance(file, mutated), this.#took.get(id) ?? 0]);
    let others = 0;
    return sorted.filter(({ file }) => distance(file, mutated) === 0 || ++others <= MOST_OTHERS);
  }

  /** Files of tests in the order in which a mutant of this file should meet them, where all of a file is run. */
  files(files: readonly string[], mutated: string): string[] {
    const rank = (file: string) => this.#rank(mutated, (noticed) => noticed.startsWith(`${file} `));
    return sortedBy(files, (file) => [rank(file), distance(file, mutated)]);
  }

  #rank(mutated: string, is: (noticed: string) => boolean): number {
    const found = (this.#noticed.get(mutated) ?? []).findIndex(is);
    return found === -1 ? LATEST : found;
  }
}

/** The module's own tests, its room's, and the others: those that most likely notice first. */
function distance(file: string, mutated: string): number {
  if (file === mutated.replace(/\.ts$/, ".test.ts")) return 0;
  return dirname(file) === dirname(mutated) ? 1 : 2;
}

function sortedBy<T>(all: readonly T[], ranks: (one: T) => readonly number[]): T[] {
  return all
    .map((one) => ({ one, ranks: ranks(one) }))
    .sort((a, b) => a.ranks.map((rank, nth) => rank - (b.ranks[nth] ?? 0)).find((less) => less !== 0) ?? 0)
    .map(({ one }) => one);
}
