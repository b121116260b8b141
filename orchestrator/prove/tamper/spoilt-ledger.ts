import type { Clock } from "../../kube/clock.ts";
import type { SabotageOf } from "../kinds.ts";
import { losingRows, shiftingStamps } from "../spoil/ledger.ts";
import { Account } from "./account.ts";
import type { Tamper } from "./tamper.ts";

/** Lines of the ledger that do not reach the recording. */
export function rowsLost({ every }: SabotageOf<"ledger-rows-lost">, clock: Clock): Tamper {
  const account = new Account(`Of every ${String(every)} lines of the ledger one did not reach the recording.`);
  return { account, tampering: { recording: (recording) => losingRows(recording, every, counting(account, clock)) } };
}

/** A ledger whose pod's clock was wrong. */
export function stampsShifted({ seconds }: SabotageOf<"ledger-shifted">, clock: Clock): Tamper {
  const account = new Account(
    `The ledger's stamps were ${String(Math.abs(seconds))} s ${seconds < 0 ? "early" : "late"}.`,
  );
  return {
    account,
    tampering: { recording: (recording) => shiftingStamps(recording, seconds * 1000, counting(account, clock)) },
  };
}

function counting(account: Account, clock: Clock): () => void {
  return () => {
    account.begun(clock.wallMs());
    account.count = (account.count ?? 0) + 1;
  };
}
