import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { ledgerLineSchema, type LedgerEnd } from "../../orchestrator/history/ledger.ts";
import { DeadlineError, SetUpError } from "../../orchestrator/plan/errors.ts";
import { until } from "../../orchestrator/target/embedded/processes.ts";
import type { MeasuredCommand } from "./measure.ts";
import type { Usage } from "./sample.ts";

/** As the runner asks: rows are collected for so long. */
const COLLECT_MS = 500;
const READY_MS = 10_000;
const ANSWER_MS = 5_000;
/** After k6's end. */
const REST_MS = 10_000;

export interface Holder {
  /** Where k6 writes. */
  readonly fifo: string;
  /** Resolves to the ledger's last line and what holding it took, once k6 has ended and every row was fetched. */
  readonly finish: () => Promise<{ readonly end: LedgerEnd; readonly usage: Usage }>;
}

/**
 * Starts the real holder at the other end of k6's ledger and fetches its rows as a run does, twice a second. It ends with `finish`, or
 * with the signal of `measure`'s commands.
 */
export async function startHolder(
  program: string,
  parts: {
    readonly folder: string;
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
    readonly measure: (command: MeasuredCommand) => Promise<Usage>;
  },
): Promise<Holder> {
  const { folder, timeoutMs } = parts;
  const fifo = join(folder, "ledger.fifo");
  const files = join(folder, "files");
  await mkdir(files);
  await promisify(execFile)(program, ["prepare", "--fifo", fifo], { timeout: READY_MS });
  const address = `127.0.0.1:${await freePort()}`;
  const given = new AbortController();
  const signal = AbortSignal.any([parts.signal, given.signal]);
  const running = parts.measure({
    name: "holder",
    command: [program, "hold", "--fifo", fifo, "--files", files, "--listen", address],
    folder,
    timeoutMs,
    signal,
  });
  // Whatever ends it early is told by whoever waits next.
  const broken = running.then(() => {
    throw new SetUpError("The ledger's holder ended before the ledger did.");
  });
  broken.catch(() => undefined);
  const ready = until("an answer of the ledger's holder", READY_MS, () => ask(address, "GET", "/healthz"), { signal });
  try {
    await Promise.race([ready, broken]);
  } catch (error) {
    given.abort(error);
    throw error;
  }
  const k6Ended = Promise.withResolvers<number>();
  const following = follow(address, signal, k6Ended.promise);
  following.catch(() => undefined);
  return {
    fifo,
    finish: async () => {
      k6Ended.resolve(performance.now() + REST_MS);
      try {
        const end = await Promise.race([following, broken]);
        await ask(address, "POST", `/ack?after=${end.seq}`);
        return { end, usage: await running };
      } finally {
        given.abort(new Error("The holder is not needed any more."));
      }
    },
  };
}

/** Reads every row up to the last one. Rows of a run are checked one by one; here it is the account at the end that counts. */
async function follow(address: string, signal: AbortSignal, ended: Promise<number>): Promise<LedgerEnd> {
  let deadline = Infinity;
  void ended.then((at) => {
    deadline = at;
  });
  for (let last = 0; ;) {
    signal.throwIfAborted();
    const body = await ask(address, "GET", `/rows?after=${last}&wait=${COLLECT_MS}`);
    const lines = body.split("\n").slice(0, -1);
    last += lines.length;
    const final = lines.at(-1);
    const line = final === undefined ? undefined : ledgerLineSchema.parse(JSON.parse(final));
    if (line !== undefined && line.seq !== last) throw new Error(`Row ${last} of the ledger calls itself ${line.seq}.`);
    if (line?.type === "end") return line;
    if (performance.now() > deadline) throw new DeadlineError("The ledger's end", REST_MS, final ?? "no new row");
    // A holder that answers at once must not be asked without a pause.
    if (lines.length === 0) await pause(50);
  }
}

async function ask(address: string, method: "GET" | "POST", path: string): Promise<string> {
  const answer = await fetch(`http://${address}${path}`, { method, signal: AbortSignal.timeout(ANSWER_MS) });
  const text = await answer.text();
  if (!answer.ok) throw new SetUpError(`The ledger's holder answered ${method} ${path} with ${answer.status}: ${text}`);
  return text;
}

/** A port that nobody listens on; the holder does not say which one it was given. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("A TCP server has a port.");
  return address.port;
}
