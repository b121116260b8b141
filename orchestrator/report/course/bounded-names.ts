/** Characters of a name; those of Kubernetes have at most 253. */
const LONGEST_NAME = 253;

/** Names up to a number of them: whatever comes beyond is one name, so that a ledger full of names makes no report of columns. */
export class BoundedNames {
  readonly #names = new Set<string>();

  /** `beyond`: what all further names are called. */
  constructor(
    private readonly most: number,
    private readonly beyond: string,
  ) {}

  /** What a name is called. */
  of(told: string): string {
    const name = told.slice(0, LONGEST_NAME);
    if (this.#names.has(name)) return name;
    if (this.#names.size >= this.most) return this.beyond;
    this.#names.add(name);
    return name;
  }
}
