/** `npm run browser`: makes sure that there is a browser for the tests of report.html and for its picture, and prints which. */
import { exitCodeOfError, EXIT } from "../../orchestrator/cli/exit.ts";
import { ensureBrowser } from "./ensure.ts";

try {
  const { path, version } = await ensureBrowser((text) => void process.stderr.write(`browser: ${text}\n`));
  process.stdout.write(`${path}: ${version}\n`);
} catch (error) {
  process.exitCode = exitCodeOfError(error);
  const text =
    error instanceof Error
      ? process.exitCode === EXIT.internalError
        ? (error.stack ?? "")
        : error.message
      : String(error);
  process.stderr.write(`browser: ${text}\n`);
}
