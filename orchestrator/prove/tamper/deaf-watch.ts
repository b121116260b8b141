import type { SabotageOf } from "../kinds.ts";
import { momentText } from "../moment.ts";
import { deafened } from "../spoil/deaf-watch.ts";
import { Account } from "./account.ts";
import { Moments } from "./moments.ts";
import type { Tamper } from "./tamper.ts";
import { besideLoad, lasting } from "./under-load.ts";

/** A watch of the recorder's that hears nothing for a while. */
export function watchDeaf({ watched, seconds, when }: SabotageOf<"watch-deaf">): Tamper {
  const account = new Account(
    `The watch of ${watched} heard nothing for ${String(seconds)} s from ${momentText(when)} on.`,
  );
  const moments = new Moments();
  let goDeaf: ((ms: number) => void) | undefined;
  return {
    account,
    tampering: {
      recording: moments.noting,
      watched: (kube, clock) => {
        const deaf = deafened(kube, watched, clock);
        goDeaf = (ms) => {
          deaf.goDeaf(ms);
        };
        return deaf.kube;
      },
      underLoad: besideLoad(account, async (_load, on) => {
        await moments.reached(when, on);
        if (goDeaf === undefined) throw new Error("nothing was watched");
        account.begun(on.clock.wallMs());
        goDeaf(seconds * 1000);
        await lasting(on, seconds);
        account.ended(on.clock.wallMs());
      }),
    },
  };
}
