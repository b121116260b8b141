import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import { until } from "../../orchestrator/target/embedded/processes.ts";

const placesSchema = z.object({ url: z.url(), status: z.url() });
const countsSchema = z.object({ answered: z.number().int(), open: z.number().int(), refused: z.number().int() });
type Counts = z.infer<typeof countsSchema>;

const START_MS = 10_000;
const QUIET_MS = 10_000;

/** The server of scripts/bench/go/echo. Disposing of it ends it. */
export interface Echo extends AsyncDisposable {
  readonly url: string;
  /** What it saw since it began; waits until no connection is open, so that nothing is counted later. */
  readonly counts: () => Promise<Counts>;
}

export async function startEcho(program: string, signal: AbortSignal): Promise<Echo> {
  signal.throwIfAborted();
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<undefined>((resolve) => {
    child.once("error", () => {
      resolve(undefined);
    });
    child.once("close", () => {
      resolve(undefined);
    });
  });
  const stop = async (): Promise<void> => {
    child.stdin.destroy();
    await ended;
  };
  try {
    const first = await Promise.race([firstLine(child.stdout), ended, late()]);
    if (first === undefined) throw new SetUpError("The echo server did not say where it listens.");
    const { url, status } = placesSchema.parse(JSON.parse(first));
    const ask = async (): Promise<Counts> => {
      const answer = await fetch(status, { signal: AbortSignal.timeout(5_000) });
      return countsSchema.parse(await answer.json());
    };
    return {
      url: `${url}/`,
      counts: async () => {
        let last: Counts | undefined;
        return until(
          "the end of every connection to the echo server",
          QUIET_MS,
          async () => {
            last = await ask();
            return last.open === 0 ? last : undefined;
          },
          { signal, describe: () => `${last?.open ?? 0} open` },
        );
      },
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface({ input: stream })) return line;
  return undefined;
}

function late(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, START_MS, undefined).unref());
}
