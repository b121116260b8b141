import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Programs of a test first on the PATH of this process, in place of the real ones, which cannot show these faults. What they are asked is written down, a
 * line each. Disposed of, the PATH is as it was.
 */
export class FakePrograms implements AsyncDisposable {
  readonly home: string;
  readonly #bin: string;
  readonly #path = process.env["PATH"];

  private constructor(home: string) {
    this.home = home;
    this.#bin = join(home, "bin");
  }

  static async start(): Promise<FakePrograms> {
    const programs = new FakePrograms(await mkdtemp(join(tmpdir(), "zerodrop-programs-")));
    await mkdir(programs.#bin);
    programs.alone();
    return programs;
  }

  /** None but those of the test can be found: no shell, and nothing of this machine. */
  alone(): void {
    process.env["PATH"] = this.#bin;
  }

  /** A program, as a script of a shell. */
  async put(name: string, script: string): Promise<void> {
    const file = join(this.#bin, name);
    const log = join(this.home, "asked");
    await writeFile(file, `#!/bin/sh\nPATH=/usr/bin:/bin\nprintf '%s\\n' "${name} $*" >>"${log}"\n${script}\n`);
    await chmod(file, 0o755);
  }

  /** What they have been asked, in order. */
  async asked(): Promise<string[]> {
    const text = await readFile(join(this.home, "asked"), "utf8").catch(() => "");
    return text.split("\n").filter(Boolean);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.env["PATH"] = this.#path;
    await rm(this.home, { recursive: true, force: true });
  }
}
