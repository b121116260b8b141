import type { LedgerLine } from "../../history/ledger.ts";
import type { Observation } from "../../history/observation.ts";
import { changedAtMs, closed } from "./hurt.ts";
import type { Recorded } from "./recorded.ts";

/** A recording up to a moment, s since the change, as a killed process leaves it. */
export function cutOff(recorded: Recorded, atS: number): Recorded {
  const untilMs = changedAtMs(recorded) + atS * 1000;
  return {
    ...recorded,
    history: recorded.history.filter(({ wallMs }) => wallMs < untilMs),
    ledger: recorded.ledger.filter((line) => stampOfLine(line) < untilMs),
    summary: undefined,
  };
}

/** The same of a load that ended then, whose record was ended in order right after. */
export function endedEarly(recorded: Recorded, atS: number): Recorded {
  const untilMs = changedAtMs(recorded) + atS * 1000;
  const end = recorded.ledger.find((line) => line.type === "end");
  const cut = cutOff(recorded, atS);
  const last = cut.history.at(-1);
  if (end === undefined || last === undefined) throw new Error("The recording must be whole.");
  const action = (name: "stop-load" | "load-ended" | "record-end", afterMs: number): Observation => ({
    type: "action",
    action: name,
    facts: {},
    wallMs: untilMs + afterMs,
    monoMs: last.monoMs + (untilMs - last.wallMs) + afterMs,
  });
  const { summary } = recorded;
  return closed({
    ...cut,
    summary,
    history: [...cut.history, action("stop-load", 300), action("load-ended", 400), action("record-end", 2000)],
    ledger: [...cut.ledger, { ...end, atMs: untilMs }],
  });
}

function stampOfLine(line: LedgerLine): number {
  if ("binMs" in line) return line.binMs + 100;
  return line.type === "heartbeat" || line.type === "end" ? line.atMs : line.startMs;
}
