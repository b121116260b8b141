import { ledgerLineSchema, type LedgerLine } from "../../history/ledger.ts";
import type { Recording } from "../../recording/writer.ts";
import { through } from "./through.ts";

/** A recording to which every `every`-th line of the ledger does not come, as when rows are lost on their way out of k6's pod. `lost` is told of each. */
export function losingRows(recording: Recording, every: number, lost: () => void): Recording {
  let seen = 0;
  return through(recording, {
    ledger: (line) => {
      seen += 1;
      if (seen % every !== 0) return line;
      lost();
      return undefined;
    },
  });
}

/** A recording whose ledger's stamps are `ms` later than its pod's clock said, as when that clock is wrong. `shifted` is told of each line. */
export function shiftingStamps(recording: Recording, ms: number, shifted: () => void): Recording {
  return through(recording, {
    ledger: (line) => {
      shifted();
      return shiftedLine(line, ms);
    },
  });
}

/** Fields of a ledger's line that tell a time by the pod's clock. */
const STAMPS: ReadonlySet<string> = new Set(["atMs", "binMs", "startMs", "settledMs", "oldestStartMs"]);

/** The line with all of its stamps `ms` later. */
export function shiftedLine(line: LedgerLine, ms: number): LedgerLine {
  const later = (key: string, value: unknown): unknown =>
    STAMPS.has(key) && typeof value === "number" ? value + ms : value;
  return ledgerLineSchema.parse(JSON.parse(JSON.stringify(line), later));
}
