import type { Clock } from "../../kube/clock.ts";
import type { SabotageOf } from "../kinds.ts";
import { useMutantOperator } from "../operator-mutant.ts";
import { Account } from "./account.ts";
import type { Tamper } from "./tamper.ts";

/** Another operator in the real one's place, from before the application is staged until it is gone. */
export function operatorMutant(
  { mutant }: SabotageOf<"operator-mutant">,
  { image, clock }: { readonly image: string; readonly clock: Clock },
): Tamper {
  const account = new Account(`The operator was the build of itself that is called ${mutant}.`);
  return {
    account,
    tampering: {
      cluster: async (kube, signal) => {
        const inUse = await useMutantOperator(kube, { mutant, image }, signal);
        account.begun(clock.wallMs());
        return {
          async [Symbol.asyncDispose]() {
            account.ended(clock.wallMs());
            await inUse[Symbol.asyncDispose]();
          },
        };
      },
    },
  };
}
