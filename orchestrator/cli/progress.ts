/** Where progress goes: stderr, or a test's own. Never stdout, which carries results. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** One phase of a command. After `done` or `fail` it says nothing more. */
export interface Phase {
  /** What is happening now, e.g. "398 requests/s, 7 of 15 steady seconds". */
  update(text: string): void;
  done(text?: string): void;
  fail(text: string): void;
}

/** Phases as they come; several may be open at a time. */
export interface Progress extends Disposable {
  phase(name: string): Phase;
  /** A line for people between phases. */
  note(text: string): void;
}

export interface ProgressOptions {
  readonly stream: ProgressStream;
  /** Monotonic ms. */
  readonly now: () => number;
  /** Redraw one line in place (a terminal), or write a line for each piece of news (CI, a file). */
  readonly live: boolean;
}

/** Plain lines repeat an open phase's news at most this often, so that a CI log stays readable. */
const PLAIN_EVERY_MS = 5_000;
/** A live line is redrawn this often without news, so that elapsed time is seen to go on. */
const LIVE_EVERY_MS = 1_000;

/** True when a stream can show a line that changes: a terminal, and not that of a CI system. */
export function isLive(stream: ProgressStream, env: Readonly<Record<string, string | undefined>>): boolean {
  return stream.isTTY === true && env["TERM"] !== "dumb" && (env["CI"] ?? "") === "";
}

/** Progress on stderr in lines like `[  12.3 s] warm-up: 398 requests/s`, the time since this call. */
export function createProgress({ stream, now, live }: ProgressOptions): Progress {
  const startedAt = now();
  const open: { name: string; since: number; text: string }[] = [];
  let timer: NodeJS.Timeout | undefined;

  const stamp = (): string => `[${seconds(now() - startedAt).padStart(8)}]`;
  const line = (text: string): void => {
    stream.write(`${live ? "\r\u001b[K" : ""}${oneLine(text)}\n`);
  };
  const redraw = (): void => {
    if (!live) return;
    const latest = open.at(-1);
    if (latest === undefined) {
      clearInterval(timer);
      timer = undefined;
      return;
    }
    const others =
      open.length > 1
        ? ` (and ${open
            .slice(0, -1)
            .map(({ name }) => name)
            .join(", ")})`
        : "";
    const text = `${stamp()} ${latest.name}: ${latest.text} (${seconds(now() - latest.since)})${others}`;
    // A wrapped line cannot be erased: stay within the terminal.
    stream.write(`\r\u001b[K${oneLine(text).slice(0, (stream.columns ?? 80) - 1)}`);
    timer ??= setInterval(redraw, LIVE_EVERY_MS).unref();
  };

  return {
    phase(name) {
      const self = { name, since: now(), text: "started" };
      let lastLineAt = now();
      let lastText = self.text;
      open.push(self);
      if (!live) line(`${stamp()} ${name}: started`);
      redraw();
      const isOpen = (): boolean => open.includes(self);
      const close = (text: string): void => {
        if (!isOpen()) return;
        open.splice(open.indexOf(self), 1);
        line(`${stamp()} ${name}: ${text} (${seconds(now() - self.since)})`);
        redraw();
      };
      return {
        update(text) {
          if (!isOpen()) return;
          self.text = text;
          // The phase with the latest news is the one a single live line shows.
          open.push(...open.splice(open.indexOf(self), 1));
          if (!live && text !== lastText && now() - lastLineAt >= PLAIN_EVERY_MS) {
            lastLineAt = now();
            lastText = text;
            line(`${stamp()} ${name}: ${text}`);
          }
          redraw();
        },
        done: (text = "done") => {
          close(text);
        },
        fail: (text) => {
          close(`failed: ${text}`);
        },
      };
    },
    note(text) {
      line(`${stamp()} ${text}`);
      redraw();
    },
    [Symbol.dispose]() {
      if (live && open.length > 0) stream.write("\r\u001b[K");
      open.length = 0;
      clearInterval(timer);
      timer = undefined;
    },
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Line breaks and control characters in a message (a pod's own words) must not break the display. */
function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f]+/g, " ").trimEnd();
}
