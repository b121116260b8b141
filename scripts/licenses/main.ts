/** `npm run licenses`: where everything that zerodrop downloads, builds and runs comes from. */
import { EXIT, exitCodeOfError } from "../../orchestrator/cli/exit.ts";
import { ARTEFACTS } from "../artefacts/list.ts";
import { CHECKOUT, cacheRoot } from "../artefacts/cache.ts";
import { versions } from "../artefacts/versions.ts";
import { parseLicenses } from "./args.ts";
import { collect } from "./collect.ts";
import { inventoryJson, inventoryText } from "./table.ts";

async function main(): Promise<void> {
  const command = parseLicenses(process.argv.slice(2));
  if (command.command === "help") {
    process.stdout.write(command.text);
    return;
  }
  const inventory = await collect({ artefacts: ARTEFACTS, cache: cacheRoot(), checkout: CHECKOUT });
  process.stdout.write(command.json ? inventoryJson(inventory, versions) : inventoryText(inventory, versions));
}

// A reader that has seen enough (`| head`) closes the pipe: no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : EXIT.internalError);
});
try {
  await main();
} catch (error) {
  const code = exitCodeOfError(error);
  const text =
    error instanceof Error ? (code === EXIT.internalError ? (error.stack ?? "") : error.message) : String(error);
  process.stderr.write(`licenses: ${text}\n`);
  process.exitCode = code;
}
