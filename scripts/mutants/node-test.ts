/**
 * Stands for `node:test` while mutants are tried: collects a file's tests instead of running them, so that each can be run again and again
 * in one process. Knows what the pure rooms' tests use and no more; whatever else is asked for fails on import or call.
 */

/** One test as its file declared it. `line` and `column` count from 0, where the file's own code asked for it. */
export interface Collected {
  readonly name: string;
  readonly run: () => unknown;
  readonly line: number;
  readonly column: number;
}

type Body = () => unknown;

let collected: Collected[] = [];
let file = "";
const groups: string[] = [];

/** The tests that `load`, which imports the file at this path, declares. One file at a time. */
export async function collect(path: string, load: () => Promise<unknown>): Promise<readonly Collected[]> {
  collected = [];
  file = path;
  await load();
  return collected;
}

/** A test. A body that takes node:test's context is refused: there is none here. */
export function test(name: string, body: Body): void {
  if (typeof body !== "function" || body.length > 0) throw new Error(`${file}: "${name}" needs more of node:test.`);
  collected.push({ name: [...groups, name].join(" > "), run: body, ...calledAt() });
}

export { test as it };

/** A group of tests, whose name goes before theirs. */
export function describe(name: string, body: Body): void {
  groups.push(name);
  try {
    body();
  } finally {
    groups.pop();
  }
}

/** Where the test file's own top level called, which is where a test of a table or of a helper is told apart from others. */
function calledAt(): { line: number; column: number } {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const frames = new Error().stack?.split("\n").filter((frame) => frame.includes(file)) ?? [];
  Error.stackTraceLimit = limit;
  const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frames.at(-1) ?? "") ?? [];
  return { line: Number(line ?? 1) - 1, column: Number(column ?? 1) - 1 };
}
