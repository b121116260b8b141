import { Footer, type FooterStream } from "./footer.ts";

/** Where progress goes: stderr, or a test's own. Never stdout, which carries results. */
export interface ProgressStream extends FooterStream {
  readonly isTTY?: boolean;
}

/** One phase of a command. After `done` or `fail` it says nothing more. */
export interface Phase {
  /** What is happening now, e.g. "398 requests/s, 7 of 15 steady seconds". */
  update(text: string): void;
  /** Like update, but plain lines have it at once. */
  news(text: string): void;
  done(text?: string): void;
  fail(text: string): void;
}

/** What a block is drawn for. */
export interface Screen {
  /** Columns that a line may take. */
  readonly width: number;
  readonly colour: boolean;
}

/** Lines below all others. Once disposed of they are gone. */
export interface Block extends Disposable {
  /** There is something new to draw. */
  changed(): void;
}

/** Phases as they come; several may be open at a time. */
export interface Progress extends Disposable {
  phase(name: string): Phase;
  /** A line for people between phases. */
  note(text: string): void;
  /**
   * On a terminal, takes the place of the line of the open phases until disposed of; notes and what became of phases scroll by above it. Plain
   * lines have no block: it is never drawn. `lines` must not throw, and gives none wider than it is told.
   */
  block(lines: (screen: Screen) => readonly string[]): Block;
}

export interface ProgressOptions {
  readonly stream: ProgressStream;
  /** Monotonic ms. */
  readonly now: () => number;
  /** Redraw one line in place (a terminal), or write a line for each piece of news (CI, a file). */
  readonly live: boolean;
  /** Whether a block may have colours; it has none when left out. */
  readonly colour?: boolean;
}

/** Plain lines repeat an open phase's news at most this often, so that a CI log stays readable. */
const PLAIN_EVERY_MS = 5_000;
/** A live line is redrawn this often without news, so that elapsed time is seen to go on. */
const LIVE_EVERY_MS = 1_000;
/** A block with news is redrawn at most this often. */
const BLOCK_EVERY_MS = 200;

/** True when a stream can show a line that changes: a terminal, and not that of a CI system. */
export function isLive(stream: ProgressStream, env: Readonly<Record<string, string | undefined>>): boolean {
  return stream.isTTY === true && env["TERM"] !== "dumb" && (env["CI"] ?? "") === "";
}

/** Progress on stderr in lines like `[  12.3 s] warm-up: 398 requests/s`, the time since this call. */
export function createProgress({ stream, now, live, colour = false }: ProgressOptions): Progress {
  const startedAt = now();
  const open: { name: string; since: number; text: string }[] = [];
  const footer = new Footer(stream);
  let timer: NodeJS.Timeout | undefined;
  let block: { readonly lines: (screen: Screen) => readonly string[] } | undefined;
  let drawnAt = -Infinity;
  let soon: NodeJS.Timeout | undefined;

  const stamp = (): string => `[${seconds(now() - startedAt).padStart(8)}]`;
  const line = (text: string): void => {
    footer.erase();
    stream.write(`${live ? "\r\u001b[K" : ""}${oneLine(text)}\n`);
  };
  const drawBlock = (): void => {
    clearTimeout(soon);
    soon = undefined;
    // A wrapped line cannot be erased: stay within the terminal.
    const lines = block?.lines({ width: footer.columns - 1, colour }) ?? [];
    // It may have been given up on the way.
    if (block === undefined) return;
    footer.draw(lines);
    drawnAt = now();
    timer ??= setInterval(redraw, LIVE_EVERY_MS).unref();
  };
  const redraw = (): void => {
    if (!live) return;
    if (block !== undefined) {
      drawBlock();
      return;
    }
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

  /** The line of the open phases; it has no place while there is a block. */
  const redrawLine = (): void => {
    if (block === undefined) redraw();
  };

  return {
    phase(name) {
      const self = { name, since: now(), text: "started" };
      let lastLineAt = now();
      let lastText = self.text;
      open.push(self);
      if (!live) line(`${stamp()} ${name}: started`);
      redrawLine();
      const isOpen = (): boolean => open.includes(self);
      const close = (text: string): void => {
        if (!isOpen()) return;
        open.splice(open.indexOf(self), 1);
        line(`${stamp()} ${name}: ${text} (${seconds(now() - self.since)})`);
        redraw();
      };
      const tell = (text: string, atOnce: boolean): void => {
        if (!isOpen()) return;
        self.text = text;
        // The phase with the latest news is the one a single live line shows.
        open.push(...open.splice(open.indexOf(self), 1));
        if (!live && text !== lastText && (atOnce || now() - lastLineAt >= PLAIN_EVERY_MS)) {
          lastLineAt = now();
          lastText = text;
          line(`${stamp()} ${name}: ${text}`);
        }
        redrawLine();
      };
      return {
        update: (text) => {
          tell(text, false);
        },
        news: (text) => {
          tell(text, true);
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
    block(lines) {
      const self = { lines };
      if (live && open.length > 0) stream.write("\r\u001b[K");
      block = self;
      redraw();
      return {
        changed() {
          if (!live || block !== self || soon !== undefined) return;
          const waitMs = drawnAt + BLOCK_EVERY_MS - now();
          if (waitMs <= 0) drawBlock();
          else soon = setTimeout(drawBlock, waitMs).unref();
        },
        [Symbol.dispose]() {
          if (block !== self) return;
          block = undefined;
          clearTimeout(soon);
          soon = undefined;
          footer.erase();
          redraw();
        },
      };
    },
    [Symbol.dispose]() {
      footer.erase();
      block = undefined;
      clearTimeout(soon);
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
