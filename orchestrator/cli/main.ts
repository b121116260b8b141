import { resolve } from "node:path";
import { runAnalyze } from "./analyze.ts";
import { parseCommand } from "./args.ts";
import type { Command } from "./args.ts";
import { runCluster } from "./cluster.ts";
import { runCompare } from "./compare.ts";
import { runDoctor } from "./doctor.ts";
import { EXIT, exitCodeOfError, rootError } from "./exit.ts";
import { runFire } from "./fire.ts";
import { runHistory } from "./history.ts";
import { InterruptedError, interruptible } from "./interrupt.ts";
import { kubeContexts } from "./kubeconfig.ts";
import { runLoad } from "./load.ts";
import { runMatrix } from "./matrix.ts";
import { createProgress, isLive } from "./progress.ts";
import { runProve } from "./prove.ts";
import { runRepeat } from "./repeat.ts";
import { runReport } from "./report.ts";
import { placesOf, started } from "./started.ts";
import { terminalWidth } from "./terminal-width.ts";

const places = placesOf(started, resolve(import.meta.dirname, "../.."), process.env);
const { cwd } = places;

function print(text: string): void {
  process.stdout.write(text);
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function run(command: Command): Promise<number> {
  if (command.command === "help") {
    print(command.text);
    return 0;
  }
  using interrupt = interruptible();
  const live = isLive(process.stderr, process.env);
  const mayColour = (process.env["NO_COLOR"] ?? "") === "";
  using progress = createProgress({ stream: process.stderr, now: () => performance.now(), live, colour: mayColour });
  const colour = process.stdout.isTTY && mayColour;
  const width = terminalWidth(process.stdout.columns);
  const { signal } = interrupt;
  const { env } = process;
  switch (command.command) {
    case "load": {
      const parts = { ...places, progress, print, colour, env, signal };
      return command.repeat === undefined
        ? await runLoad(command, parts)
        : await runRepeat(command, { ...parts, width });
    }
    case "matrix":
      return await runMatrix(command, { ...places, progress, print, colour, env, signal, width });
    case "prove":
      return await runProve(command, { ...places, progress, print, colour, env, signal, width });
    case "fire":
      return await runFire(command, { ...places, progress, print, colour, env, signal, width });
    case "analyze":
      return await runAnalyze(command, { cwd, print, note, colour, env });
    case "report":
      return await runReport(command, { cwd, print });
    case "compare":
      return await runCompare(command, { cwd, print, colour, width });
    case "history":
      return await runHistory(command, { ...places, print, colour, width });
    case "cluster":
      return await runCluster(command, { ...places, progress, print, signal, env });
    case "doctor":
      return await runDoctor(command, { ...places, print, env });
  }
}

async function main(): Promise<void> {
  try {
    process.exitCode = await run(parseCommand(process.argv.slice(2), { kubeContexts }));
  } catch (error) {
    const first = rootError(error);
    if (first instanceof InterruptedError) {
      process.stderr.write(`${first.message}\n`);
      process.exitCode = EXIT[first.signalName];
      return;
    }
    const code = exitCodeOfError(error);
    // Our own bugs come with their stack; everything else is a sentence for people.
    const text =
      first instanceof Error
        ? code === EXIT.internalError
          ? (first.stack ?? first.message)
          : first.message
        : String(first);
    process.stderr.write(`zerodrop: ${text}\n`);
    process.exitCode = code;
  }
}

/** What nobody caught must not look like a verdict: Node's own exit code for it is 1, which means fail. */
function bug(error: unknown): void {
  // The reader of our output has gone away (`| head`): nobody is left to tell.
  if (error instanceof Error && "code" in error && error.code === "EPIPE") process.exit(EXIT.internalError);
  process.stderr.write(`zerodrop: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(EXIT.internalError);
}
process.on("uncaughtException", bug);
process.on("unhandledRejection", bug);

await main();
