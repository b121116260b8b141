/** For tests only, as a process: a matrix whose first run passes, and whose second one never ends. Arguments: its root, and the flags of `matrix`. */
import { parseCommand } from "../args.ts";
import { runMatrix } from "../matrix.ts";
import { leaveRun, quietProgress } from "./fake-runs.ts";

const [root = "", ...flags] = process.argv.slice(2);
const command = parseCommand(["matrix", ...flags], { kubeContexts: () => ({ source: "", names: [] }) });
if (command.command !== "matrix") throw new Error("Not a matrix.");
let runs = 0;
// Whoever waits for something that never comes must have something to wait with.
setInterval(() => undefined, 1000);
await runMatrix(command, {
  ...{ root, cwd: root, home: root, env: {}, colour: false, width: 100, print: () => undefined },
  progress: quietProgress([]),
  signal: new AbortController().signal,
  run: (planned) => {
    runs += 1;
    if (runs === 1) return leaveRun(planned, "pass");
    process.stdout.write("hanging\n");
    return new Promise(() => undefined);
  },
});
