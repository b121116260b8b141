import type { Failed, LedgerLine } from "../../orchestrator/history/ledger.ts";

/** The lines of a ledger so far, and a way to wait for what they should come to hold. */
export class Lines {
  readonly all: LedgerLine[] = [];
  readonly #waiting = new Set<() => void>();

  readonly onLine = (line: LedgerLine): void => {
    this.all.push(line);
    for (const look of this.#waiting) look();
  };

  get failed(): Failed[] {
    return this.all.filter((line) => line.type === "failed");
  }

  get answered(): number {
    return this.answeredBy({});
  }

  /** Answers in rows with these fields. */
  answeredBy({ client, connection }: { readonly client?: string; readonly connection?: string }): number {
    return this.all.reduce(
      (sum, line) =>
        line.type === "answered" &&
        (client === undefined || line.client === client) &&
        (connection === undefined || line.connection === connection)
          ? sum + line.count
          : sum,
      0,
    );
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`${what}: not within 20 s; last line ${JSON.stringify(this.all.at(-1))}`));
      }, 20_000);
      const look = (): void => {
        if (!holds()) return;
        clearTimeout(late);
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}
