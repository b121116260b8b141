/** `npm run images`: the image of the load as an OCI archive, for registries of clusters that are somebody else's. */
import { resolve } from "node:path";
import { clusterProgress } from "../../orchestrator/cli/cluster-progress.ts";
import { EXIT, exitCodeOfError, rootError } from "../../orchestrator/cli/exit.ts";
import { InterruptedError, interruptible } from "../../orchestrator/cli/interrupt.ts";
import { createProgress, isLive } from "../../orchestrator/cli/progress.ts";
import { parseImages } from "./args.ts";
import { archiveText, copyOf, loadArchive } from "./archive.ts";

async function main(): Promise<void> {
  const command = parseImages(process.argv.slice(2));
  if (command.command === "help") {
    process.stdout.write(command.text);
    return;
  }
  using interrupt = interruptible();
  const live = isLive(process.stderr, process.env);
  using progress = createProgress({ stream: process.stderr, now: () => performance.now(), live });
  using building = clusterProgress(progress);
  const archive = await loadArchive({ progress: building, signal: interrupt.signal });
  // npm runs scripts in the checkout; INIT_CWD is where the user stood.
  const out = command.out === undefined ? undefined : resolve(process.env["INIT_CWD"] ?? "", command.out);
  process.stdout.write(archiveText(out === undefined ? archive : await copyOf(archive, out)));
}

try {
  await main();
} catch (error) {
  const first = rootError(error);
  const code = first instanceof InterruptedError ? EXIT[first.signalName] : exitCodeOfError(error);
  const text =
    first instanceof Error ? (code === EXIT.internalError ? (first.stack ?? "") : first.message) : String(first);
  process.stderr.write(`images: ${text}\n`);
  process.exitCode = code;
}
