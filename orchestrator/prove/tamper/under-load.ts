import type { TamperedRun, Tampering } from "../../cli/tampering.ts";
import type { Load } from "../../load/start-load.ts";
import type { Account } from "./account.ts";

/**
 * Work that goes on beside a load, from when it runs until it is stopped: then its signal aborts, it is waited for, and `last` is done. What goes wrong is the
 * account's to tell; nothing is thrown into the run, which is to end as it would have.
 */
export function besideLoad(
  account: Account,
  work: (load: Load, on: TamperedRun) => Promise<void>,
  last: () => Promise<void> = () => Promise.resolve(),
): NonNullable<Tampering["underLoad"]> {
  return (load, on) => {
    const over = new AbortController();
    const signal = AbortSignal.any([on.signal, over.signal]);
    const working = work(load, { ...on, signal }).catch((error: unknown) => {
      account.failed(error);
    });
    return {
      async [Symbol.asyncDispose]() {
        over.abort(new Error("the load ended before its moment came"));
        await working;
        await last().catch((error: unknown) => {
          account.failed(error);
        });
      },
    };
  };
}

/** A time that something lasts, in s; over sooner when the load is. */
export async function lasting({ clock, signal }: TamperedRun, seconds: number): Promise<void> {
  await clock.sleep(seconds * 1000, signal).catch(() => undefined);
}
