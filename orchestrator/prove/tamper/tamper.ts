import type { Tampering } from "../../cli/tampering.ts";
import type { Account } from "./account.ts";

/** A sabotage as a run is given it, and the account of what becomes of it. */
export interface Tamper {
  readonly tampering: Tampering;
  readonly account: Account;
}
