import { isOpen, type Fire, type FireRun, type ShotFacts } from "../report/fire/fire.ts";
import { problemsOf } from "../report/fire/problems.ts";
import { withRun } from "../report/matrix/matrix.ts";

/** A table that is changed by its runs, and by what each run finds of those before it: saved one change after another. */
export class FireTable {
  #fire: Fire;
  #saving: Promise<void> = Promise.resolve();

  constructor(
    fire: Fire,
    readonly write: (fire: Fire) => Promise<void>,
  ) {
    this.#fire = fire;
  }

  get fire(): Fire {
    return this.#fire;
  }

  save(): Promise<void> {
    const saved = this.#saving.then(() => this.write(this.#fire));
    // Whoever asked for it hears of a failure; the next is tried all the same.
    this.#saving = saved.catch(() => undefined);
    return saved;
  }

  async put(index: number, change: Partial<FireRun>): Promise<void> {
    this.#fire = withRun(this.#fire, index, change);
    await this.save();
  }

  /** The runs before `by`, of which nobody knows yet what is left, have left this. */
  async settle(
    by: string,
    leftOf: (runIds: readonly string[]) => Promise<ReadonlyMap<string, readonly string[]>>,
  ): Promise<void> {
    const open = this.#fire.runs.filter(isOpen);
    if (open.length === 0) return;
    const runIds = open.flatMap(({ outcome }) => outcome?.facts.recording.runId ?? []);
    const left = await leftOf(runIds);
    for (const { name, outcome } of open) {
      const runId = outcome?.facts.recording.runId ?? "";
      const own = runId === "" ? [] : (left.get(runId) ?? []);
      this.#next(name, { by, worked: true, why: null, left: [...own, ...(left.get("") ?? [])] });
    }
    await this.save();
  }

  /** The run after them could not be set up. */
  async settleFailed(by: string, why: string): Promise<void> {
    for (const { name } of this.#fire.runs.filter(isOpen)) this.#next(name, { by, worked: false, why, left: [] });
    await this.save();
  }

  #next(name: string, next: ShotFacts["next"]): void {
    const index = this.#fire.runs.findIndex((run) => run.name === name);
    const { outcome, shot } = this.#fire.runs[index] ?? {};
    if (outcome == null || shot === undefined) return;
    const facts = { ...outcome.facts, next };
    // How it ended is known since it did; that says no more now.
    const told = problemsOf(facts, { killed: true }).filter((problem) => !outcome.problems.includes(problem));
    this.#fire = withRun(this.#fire, index, { outcome: { problems: [...outcome.problems, ...told], facts } });
  }
}
