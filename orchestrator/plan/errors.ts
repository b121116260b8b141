/**
 * Errors that end a run with an exit code of their own. Their messages are whole sentences for people:
 * what was being done, what was expected, what was received or last seen, and, where there is one, the next command to run.
 */

/**
 * Bad arguments or configuration: nothing was created. Exit 64. The message repeats what was received, but never the user and password of a
 * URL in it: an argument of --out-k6 may have landed where another was expected.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(message: string) {
    super(oneLine(message.replaceAll(USER_INFO, "//***@")));
  }
}

/** RFC 3986, 3.2.1: what stands between the slashes and an @. */
const USER_INFO = /\/\/[^/\s"]*@/g;

/** What breaks a line, steers a terminal or turns the direction of text: an argument, a file's text or a folder's name may hold it. */
const STEERING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** The sentence with what would not stay in its line written as JSON writes it. */
function oneLine(message: string): string {
  return message.replaceAll(STEERING, (character) => {
    const written = JSON.stringify(character).slice(1, -1);
    return written === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : written;
  });
}

/** The cluster, the platform or the application under test could not be made ready. Exit 69. */
export class SetUpError extends Error {
  override readonly name = "SetUpError";
}

/** A named deadline passed. Carries what was awaited, for how long, and what was last seen. */
export class DeadlineError extends SetUpError {
  constructor(
    readonly what: string,
    readonly afterMs: number,
    readonly lastSeen: string,
  ) {
    super(`${what} was awaited for ${(afterMs / 1000).toFixed(1)} s; last seen: ${lastSeen}`);
  }
}

/** A file that should be part of a recording is not readable as one. Exit 64 from analyze. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";

  constructor(message: string) {
    super(oneLine(message));
  }
}
