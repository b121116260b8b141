import { ledgerLineSchema, type LedgerLine } from "../../history/ledger.ts";
import type { Recording } from "../../recording/writer.ts";

/** A recording to which every `every`-th line of the ledger does not come, as when rows are lost on their way out of k6's pod. */
export function losingRows(recording: Recording, every: number): Recording {
  let seen = 0;
  return withLedger(recording, (line) => {
    seen += 1;
    return seen % every === 0 ? undefined : line;
  });
}

/** A recording whose ledger's stamps are `ms` later than its pod's clock said, as when that clock is wrong. */
export function shiftingStamps(recording: Recording, ms: number): Recording {
  return withLedger(recording, (line) => shifted(line, ms));
}

/** The same recording, with each line of the ledger as `pass` lets it through. */
function withLedger(recording: Recording, pass: (line: LedgerLine) => LedgerLine | undefined): Recording {
  return {
    directory: recording.directory,
    observe: (observation) => {
      recording.observe(observation);
    },
    ledger: (line) => {
      const passed = pass(line);
      if (passed !== undefined) recording.ledger(passed);
    },
    writeText: (name, text) => recording.writeText(name, text),
    flush: () => recording.flush(),
    close: () => recording.close(),
    [Symbol.asyncDispose]: () => recording[Symbol.asyncDispose](),
  };
}

/** Fields of a ledger's line that tell a time by the pod's clock. */
const STAMPS: ReadonlySet<string> = new Set(["atMs", "binMs", "startMs", "settledMs", "oldestStartMs"]);

function shifted(line: LedgerLine, ms: number): LedgerLine {
  const later = (key: string, value: unknown): unknown =>
    STAMPS.has(key) && typeof value === "number" ? value + ms : value;
  return ledgerLineSchema.parse(JSON.parse(JSON.stringify(line), later));
}
