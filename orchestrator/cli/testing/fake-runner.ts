/**
 * For tests only, in the place of main.ts: `load` records and says what its mode tells until it is ended, `analyze` gives a verdict. Of Node's own modules alone, so that Node
 * runs it as it is.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const [command, ...args] = process.argv.slice(2);
const mode = process.env["FAKE_MODE"] ?? "";

if (command === "analyze") {
  process.stdout.write(`${JSON.stringify({ verdict: "invalid", sentence: "It was cut short." })}\n`);
  process.exitCode = 2;
} else {
  const out = args[args.indexOf("--out") + 1] ?? "";
  await mkdir(out, { recursive: true });
  const history = join(out, "history.ndjson");
  await writeFile(history, `${JSON.stringify({ schemaVersion: 1, runId: "r", file: "history" })}\n`);
  await writeFile(join(out, "plan.json"), process.env["FAKE_PLAN"] ?? "");
  process.stderr.write("[   0.1 s] application: started\n");
  const record = (action: string): Promise<void> =>
    appendFile(history, `${JSON.stringify({ type: "action", wallMs: 1, monoMs: 1, action, facts: {} })}\n`);
  await record("record-start");
  await record("load-start");
  const fail = (): void => {
    process.stderr.write("[   0.2 s] The recording so far is in x; judge it with: npm run analyze -- x\n");
    process.stderr.write("zerodrop: The disk is full.\n");
    process.exitCode = 69;
  };
  if (mode === "fails") fail();
  else if (mode.startsWith("fails-when-there-is ")) {
    const struck = mode.slice("fails-when-there-is ".length);
    const looking = setInterval(() => {
      if (!existsSync(struck)) return;
      clearInterval(looking);
      fail();
    }, 20);
  } else {
    // What a kill of the runner alone does not end.
    if (mode === "leaves-a-child") spawn("sleep", ["600"], { stdio: "ignore", detached: true }).unref();
    await record("trigger");
    setInterval(() => undefined, 1000);
  }
}
