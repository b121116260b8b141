import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Screen } from "./testing/screen.ts";

const PROGRAM = fileURLToPath(new URL("./testing/replay-live.ts", import.meta.url));
const RECORDING = join(import.meta.dirname, "../../test/recordings/aggressive-passes");
const DEADLINE_MS = 60_000;
const COLUMNS = 72;
const ROWS = 30;
const hasScript = spawnSync("script", ["--version"]).status === 0;
const skip = hasScript ? false : "util-linux's script, which makes pseudo terminals, is not installed";

/** Replays a kept recording in a pseudo terminal; `onText` sees all that was written so far, and may write keys. */
async function inTerminal(
  speed: number,
  onText: (text: string, keys: (text: string) => void) => void,
): Promise<string> {
  const command = `stty cols ${COLUMNS} rows ${ROWS}; exec "${process.execPath}" --import tsx "${PROGRAM}" "${RECORDING}" ${speed}`;
  const { CI: _CI, NO_COLOR: _NO_COLOR, ...env } = process.env;
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    env: { ...env, TERM: "xterm" },
    stdio: ["pipe", "pipe", "inherit"],
    timeout: DEADLINE_MS,
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
    onText(text, (keys) => child.stdin.write(keys));
  });
  await once(child, "close");
  return text;
}

/** What the terminal shows, blank rows at its end left out. */
function shownAfter(text: string): string[] {
  const screen = new Screen(COLUMNS, ROWS);
  screen.write(text);
  return screen.text.join("\n").trimEnd().split("\n");
}

test(
  "in a real terminal the block stays below what scrolls by, and nothing of it is left at the end",
  { skip },
  async () => {
    let half = "";
    const text = await inTerminal(30, (sofar) => {
      if (half === "" && sofar.includes("traffic moves") && sofar.endsWith("\u001b[J")) half = sofar;
    });
    const block = shownAfter(half);
    const top = block.findIndex((line) => line.startsWith("traffic moves · "));
    assert.ok(top > 0, half);
    assert.ok(
      block.slice(0, top).every((line) => line.startsWith("[")),
      block.join("\n"),
    );
    assert.match(block[top + 1] ?? "", /^ {2}\d+ of 200 answers\/s · p99 \d+ ms/);
    assert.match(block[top + 3] ?? "", /^ {2}old zerodrop-fkgsc · v1 · share/);
    assert.match(block[top + 4] ?? "", /^ {4}capacity [█▏▎▍▌▋▊▉░]+ +\d+ % {3}traffic [█▏▎▍▌▋▊▉░]+ +\d+ %$/);
    assert.match(block.at(-1) ?? "", /^ {2}next/);
    const end = shownAfter(text);
    assert.ok(
      end.every((line) => line.startsWith("[")),
      end.join("\n"),
    );
    assert.match(end.at(-1) ?? "", /load: told/);
  },
);

test(
  "Ctrl-C in a real terminal leaves it in order: the block is gone, and the last line is the reason",
  { skip },
  async () => {
    let isPressed = false;
    const text = await inTerminal(20, (sofar, keys) => {
      if (isPressed || !sofar.includes("answers/s")) return;
      isPressed = true;
      keys("\u0003");
    });
    const end = shownAfter(text);
    assert.equal(end.at(-1), "Interrupted by SIGINT.");
    assert.ok(
      end.slice(0, -1).every((line) => line.startsWith("[")),
      end.join("\n"),
    );
    assert.doesNotMatch(text, /\u001b\[\?/, "no mode was changed that would have to be put back");
  },
);
