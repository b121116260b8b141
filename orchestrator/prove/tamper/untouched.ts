import type { Clock } from "../../kube/clock.ts";
import { Account } from "./account.ts";
import type { Tamper } from "./tamper.ts";
import { besideLoad } from "./under-load.ts";

/** Nothing is done to a run; what it was asked for is the point. */
export function untouched(clock: Clock): Tamper {
  const account = new Account("Nothing was broken: what was asked for is too little by itself.");
  const underLoad = besideLoad(account, () => {
    account.begun(clock.wallMs());
    return Promise.resolve();
  });
  return { account, tampering: { underLoad } };
}
