#!/usr/bin/env node
/**
 * The command of the npm package. Checkouts do without it: their npm scripts start orchestrator/cli/main.ts.
 *
 * Plain JavaScript that an older Node reads too, for it may be started by any: its work is to find a Node that is new enough, and to load
 * TypeScript there, which Node itself does not do below node_modules.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The oldest Node that has what the code uses. */
const OLDEST = 24;
/** orchestrator/cli/exit.ts: something that is needed could not be made ready. */
const SET_UP_FAILED = 69;

const program = fileURLToPath(import.meta.url);

/** The Node that the package `node` brings; undefined where its install script was not let run. */
function broughtNode() {
  try {
    const path = join(dirname(createRequire(program).resolve("node/package.json")), "bin", "node");
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Runs this program again under that Node, and ends as it does. */
function runAgain(node) {
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM"];
  // A terminal's Ctrl-C has reached the child already; it takes the repetition for the same one (orchestrator/cli/interrupt.ts).
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.once("error", (error) => {
    process.stderr.write(`zerodrop: ${node} could not be started: ${error.message}\n`);
    process.exitCode = SET_UP_FAILED;
  });
  child.once("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? SET_UP_FAILED;
      return;
    }
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

async function run() {
  // For this process and those that it starts: how commands are named, and where results go (orchestrator/cli/started.ts).
  process.env["ZERODROP_STARTED"] = "package";
  // The package's own, whatever lies where the user stands.
  process.env["TSX_TSCONFIG_PATH"] = join(dirname(program), "../tsconfig.json");
  const { register } = await import("tsx/esm/api");
  register();
  await import("../orchestrator/cli/main.ts");
}

const isNewEnough = Number.parseInt(process.versions.node, 10) >= OLDEST;
const node = isNewEnough ? undefined : broughtNode();
if (isNewEnough) await run();
else if (node !== undefined && node !== process.execPath) runAgain(node);
else {
  process.stderr.write(
    `zerodrop: Node ${OLDEST} or newer is needed, on PATH or from the package "node", whose install script must be allowed to run (npm install-scripts approve node); received Node ${process.versions.node}.\n`,
  );
  process.exitCode = SET_UP_FAILED;
}
