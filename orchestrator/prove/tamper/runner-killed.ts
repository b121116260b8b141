import type { SabotageOf } from "../kinds.ts";
import { momentText } from "../moment.ts";
import { Account, type SabotageFacts } from "./account.ts";
import { Moments } from "./moments.ts";
import type { Tamper } from "./tamper.ts";
import { besideLoad } from "./under-load.ts";

/** How the process ends itself. */
interface Killing {
  /** Told what is done, right before it: afterwards nobody is there to tell. */
  readonly lastWords: (facts: SabotageFacts) => Promise<void>;
  /** Ends this process by SIGKILL. */
  readonly kill: () => void;
}

/** The process that runs and records the run ends by SIGKILL, as when it is out of memory. */
export function runnerKilled({ when }: SabotageOf<"runner-killed">, { lastWords, kill }: Killing): Tamper {
  const account = new Account(`The runner's process was ended by SIGKILL at ${momentText(when)}.`);
  const moments = new Moments();
  return {
    account,
    tampering: {
      recording: moments.noting,
      underLoad: besideLoad(account, async (_load, on) => {
        await moments.reached(when, on);
        account.begun(on.clock.wallMs());
        await lastWords(account.facts());
        kill();
        // It has not come to an end where this is read.
        account.failed(new Error("the process is still there"));
      }),
    },
  };
}
