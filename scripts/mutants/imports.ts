/** Which module loads which, as it was seen while they were loaded. Modules go by their URLs without what follows a `?`. */
export class Imports {
  readonly #of = new Map<string, Set<string>>();

  saw(parent: string, child: string): void {
    const children = this.#of.get(bare(parent)) ?? new Set();
    this.#of.set(bare(parent), children.add(bare(child)));
  }

  /** Whether loading `from` loads `to` as well. True also where `from` was never seen to load anything: it may. */
  reaches(from: string, to: string): boolean {
    if (!this.#of.has(bare(from))) return true;
    const reached = new Set([bare(from)]);
    // A set is walked to its end with what is added meanwhile.
    for (const module of reached) for (const child of this.#of.get(module) ?? []) reached.add(child);
    return reached.has(bare(to));
  }
}

function bare(url: string): string {
  return url.replace(/\?.*$/, "");
}
