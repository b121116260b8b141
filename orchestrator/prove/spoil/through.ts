import type { LedgerLine } from "../../history/ledger.ts";
import type { NewObservation, Recording } from "../../recording/writer.ts";

/** What is done to the lines of a recording on their way into it. */
interface Spoiling {
  /** Told each observation. */
  readonly observed?: (observation: NewObservation) => void;
  /** The line of the ledger that takes a line's place; undefined for none. */
  readonly ledger?: (line: LedgerLine) => LedgerLine | undefined;
}

/** The same recording, by way of `spoiling`. */
export function through(recording: Recording, { observed, ledger = (line) => line }: Spoiling): Recording {
  return {
    directory: recording.directory,
    observe: (observation) => {
      recording.observe(observation);
      observed?.(observation);
    },
    ledger: (line) => {
      const passed = ledger(line);
      if (passed !== undefined) recording.ledger(passed);
    },
    writeText: (name, text) => recording.writeText(name, text),
    flush: () => recording.flush(),
    close: () => recording.close(),
    [Symbol.asyncDispose]: () => recording[Symbol.asyncDispose](),
  };
}
