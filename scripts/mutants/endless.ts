import type { MutantCoverage } from "@stryker-mutator/api/core";

/** So many places of mutants may a test pass before it counts as one without an end. Without a mutant none passes more than 25.3 million. */
const MOST_PASSED = 40_000_000;

/** A test passed so many places of mutants that it will hardly end. */
export class Endless extends Error {
  override readonly name = "Endless";
}

/**
 * Counts the places of mutants that code passes, in all the code that Stryker instruments, and breaks a loop off that a mutant elsewhere has made
 * endless: Stryker itself counts the active mutant's own place alone, which such a loop may never pass again.
 */
export class Passed {
  #passed = 0;
  readonly #most: number;
  /** What instrumented code is to count in: it reads `static` for every place that it passes, also within a test. */
  readonly coverage: MutantCoverage;

  constructor(most = MOST_PASSED) {
    this.#most = most;
    const pass = (): void => {
      this.#passed += 1;
      if (this.#passed > this.#most) throw new Endless(`${this.#most} places of mutants passed in one test`);
    };
    const outside: MutantCoverage["static"] = {};
    this.coverage = {
      get static() {
        pass();
        return outside;
      },
      perTest: {},
    };
  }

  /** Begins to count for another test. */
  begin(): void {
    this.#passed = 0;
  }

  /** Whether the test that was begun last passed too many. */
  get isEndless(): boolean {
    return this.#passed > this.#most;
  }
}
