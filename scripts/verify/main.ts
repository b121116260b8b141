/** `npm run verify`: everything that a release needs. */
import { EXIT, exitCodeOfError, rootError } from "../../orchestrator/cli/exit.ts";
import { InterruptedError, interruptible } from "../../orchestrator/cli/interrupt.ts";
import { CHECKOUT } from "../artefacts/cache.ts";
import { parseVerify } from "./args.ts";
import { takeSteps } from "./step.ts";
import { releaseSteps } from "./steps.ts";
import { outcomeTable, stepList } from "./table.ts";

const FAILED = 1;

async function main(): Promise<number> {
  const all = releaseSteps(CHECKOUT, new Date());
  const command = parseVerify(
    process.argv.slice(2),
    all.map(({ name }) => name),
  );
  if (command.command === "help") {
    process.stdout.write(command.text);
    return 0;
  }
  const steps = all.filter(({ name }) => command.only.includes(name));
  if (command.list) {
    process.stdout.write(stepList(steps));
    return 0;
  }
  using interrupt = interruptible();
  const { signal } = interrupt;
  const began = ({ name, asks }: (typeof steps)[number]): void => {
    process.stderr.write(`\nverify ${name}: ${asks}\n`);
  };
  const taken = await takeSteps(steps, { signal, now: () => performance.now(), began });
  process.stdout.write(`\n${outcomeTable(taken)}`);
  // Its reason is the interruption, which says which signal it was.
  if (signal.aborted) throw signal.reason;
  return taken.every(({ outcome }) => outcome.kind === "passed") ? 0 : FAILED;
}

try {
  process.exitCode = await main();
} catch (error) {
  const first = rootError(error);
  const code = first instanceof InterruptedError ? EXIT[first.signalName] : exitCodeOfError(error);
  const text =
    first instanceof Error ? (code === EXIT.internalError ? (first.stack ?? "") : first.message) : String(first);
  process.stderr.write(`verify: ${text}\n`);
  process.exitCode = code;
}
