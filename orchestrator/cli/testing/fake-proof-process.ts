/** For tests only, as the process of a proof: does what its job's name says. */
import { writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { interruptible } from "../interrupt.ts";
import { proofJobSchema } from "../prove-job.ts";

const { name, cwd, out } = proofJobSchema.parse(JSON.parse(await text(process.stdin)));
const say = (broke: string | null): void => {
  process.stdout.write(`${JSON.stringify({ broke, notDone: null, after: null })}\n`);
};
if (name === "ends") say(cwd);
if (name === "kills-itself") process.kill(process.pid, "SIGKILL");
if (name === "is-a-bug") throw new TypeError("our own");
if (name === "waits") {
  using interrupt = interruptible();
  // Whoever waits for a signal must have something to wait with.
  const waiting = setInterval(() => undefined, 1000);
  const told = new Promise((resolve) => {
    interrupt.signal.addEventListener("abort", resolve);
  });
  await writeFile(out, "waiting");
  await told;
  clearInterval(waiting);
  say(String(interrupt.signal.reason));
}
