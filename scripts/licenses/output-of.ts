import { execFile, type ExecFileException } from "node:child_process";

const TIMEOUT_MS = 60_000;
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * What a command printed on its standard output, also where it ended with an exit code of its own: `apt-cache show` does so when one of many packages is not
 * known. Resolves to undefined when the command is not there, and rejects when it was killed or ran for longer than a minute.
 */
export async function outputOf(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    // From the root of the file system: a go.mod around would choose another toolchain.
    execFile(
      command,
      args,
      { cwd: "/", timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES },
      (error: ExecFileException | null, stdout) => {
        if (error === null || typeof error.code === "number") resolve(stdout);
        else if (error.code === "ENOENT") resolve(undefined);
        else reject(new Error(`${command} could not be run`, { cause: error }));
      },
    );
  });
}
