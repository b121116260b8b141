import { open, type FileHandle } from "node:fs/promises";

/**
 * A new file written line by line, whole lines in the order given. `append` never waits: lines queue in memory while the disk is
 * slower, and none is lost. The first error of the disk is thrown by every later call.
 */
export class LineFile {
  #queue: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #idle = true;
  #error: Error | null = null;
  #closed: Promise<void> | null = null;

  private constructor(private readonly handle: FileHandle) {}

  /** Creates the file; rejects when it exists already, as a recording is never overwritten. */
  static async create(path: string): Promise<LineFile> {
    return new LineFile(await open(path, "ax"));
  }

  /** Queues a value as one line of JSON. */
  append(value: unknown): void {
    if (this.#error !== null) throw this.#error;
    if (this.#closed !== null) throw new Error("A line came after the recording was closed.");
    this.#queue.push(`${JSON.stringify(value)}\n`);
    if (!this.#idle) return;
    this.#idle = false;
    this.#writing = this.#drain();
  }

  /** Resolves when every line appended so far is written. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#error !== null) throw this.#error;
  }

  /** Writes what is queued, makes it last, and closes the file. May be called again. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#writing;
    try {
      if (this.#error === null) await this.handle.sync();
    } finally {
      await this.handle.close();
    }
    if (this.#error !== null) throw this.#error;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const lines = this.#queue;
        this.#queue = [];
        await this.handle.appendFile(lines.join(""));
      }
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error));
    } finally {
      this.#idle = true;
    }
  }
}
