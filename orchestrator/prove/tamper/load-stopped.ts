import { ask, shown } from "../../load/pod.ts";
import { STOP_REQUEST } from "../../load/stop.ts";
import { poll } from "../../load/waiting.ts";
import { deadlineMs } from "../../plan/deadlines.ts";
import type { SabotageOf } from "../kinds.ts";
import { momentText } from "../moment.ts";
import { Account } from "./account.ts";
import { Moments } from "./moments.ts";
import type { Tamper } from "./tamper.ts";
import { besideLoad } from "./under-load.ts";

/** A load that somebody else than the runner tells to stop, as anybody can who reaches k6's port. */
export function loadStopped({ when }: SabotageOf<"load-stopped">): Tamper {
  const account = new Account(`The load was told to stop at ${momentText(when)}, and not by the runner.`);
  const moments = new Moments();
  return {
    account,
    tampering: {
      recording: moments.noting,
      underLoad: besideLoad(account, async (load, on) => {
        await moments.reached(when, on);
        const { kube, clock, signal, plan } = on;
        const waiting = { clock, signal, deadlineMs: deadlineMs(plan, "loadStops") };
        account.begun(clock.wallMs());
        for (const pod of load.pods) {
          await poll(`The load's stop in pod ${pod.name}`, waiting, async () => {
            const answer = await ask(kube, pod, { port: pod.k6Port, ...STOP_REQUEST }, signal);
            return answer.status === 200 ? { done: undefined } : { seen: shown(answer) };
          });
          account.count = (account.count ?? 0) + 1;
        }
      }),
    },
  };
}
