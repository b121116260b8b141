import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { SetUpError } from "../plan/errors.ts";
import { InterruptedError } from "./interrupt.ts";
import { proofReportSchema, type ProofJob, type ProofProcessEnding, type ProofReport } from "./prove-job.ts";

/**
 * Runs a proof in a process of its own, which a sabotage may kill: nothing that it holds outlives it. Its progress is on our stderr. An interruption is passed on,
 * and waited for: it removes what it made. Rejects with a SetUpError when there can be no process.
 */
export async function runProofProcess(
  job: ProofJob,
  signal: AbortSignal,
  script = new URL("./prove-child.ts", import.meta.url),
): Promise<ProofProcessEnding> {
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), fileURLToPath(script)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const interrupt = (): void => {
    const reason: unknown = signal.reason;
    child.kill(reason instanceof InterruptedError ? reason.signalName : "SIGTERM");
  };
  signal.addEventListener("abort", interrupt);
  // One that was killed does not read.
  child.stdin.on("error", () => undefined);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  try {
    const closed = once(child, "close");
    child.stdin.end(JSON.stringify(job));
    if (signal.aborted) interrupt();
    await closed;
  } catch (error) {
    throw new SetUpError(`A process for proof ${job.name} could not be started: ${String(error)}.`);
  } finally {
    signal.removeEventListener("abort", interrupt);
  }
  return { code: child.exitCode, signal: child.signalCode, report: reportIn(text) };
}

/** Undefined for a text that is none, as that of a process which was killed. */
function reportIn(text: string): ProofReport | undefined {
  try {
    return proofReportSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
