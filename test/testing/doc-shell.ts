/** For tests only: a line of a shell as the documentation has them, taken apart. */

/** A program with its arguments, and the variables that are set for it alone. */
export interface ShellCommand {
  readonly env: Readonly<Record<string, string>>;
  readonly words: readonly string[];
}

/** What ends a command. A bar inside of a word is no pipe here: the documentation writes `up|down` for either. */
const ENDS = /^(?:&&|\|\||;|\|(?=\s|$))/;
const REDIRECTION = /^\d?(?:>>?|<)/;

/**
 * The commands of a line, without comment, prompt and redirections; commands in `$(...)` come after the one that they are in, and what stands behind a pipe,
 * a filter of what was printed, is left out. Reads quotes as a POSIX shell does (Shell Command Language, 2.2 and 2.3) and expands nothing.
 */
export function shellCommands(line: string): ShellCommand[] {
  const commands: ShellCommand[] = [];
  const inner: string[] = [];
  let words: string[] = [];
  let word: string | undefined;
  let drop = false;
  let filter = false;
  const endWord = (): void => {
    if (word !== undefined && !drop) words.push(word);
    if (word !== undefined) drop = false;
    word = undefined;
  };
  const endCommand = (): void => {
    endWord();
    if (words.length > 0 && !filter) commands.push(withEnvironment(words));
    words = [];
  };
  let rest = line.replace(/^\s*\$ /, "");
  while (rest !== "") {
    const between = word === undefined ? (ENDS.exec(rest) ?? REDIRECTION.exec(rest)) : null;
    const quoted = /^'([^']*)'|^"((?:\\.|[^"\\])*)"|^\\(.)/.exec(rest);
    const substitution = /^\$\(([^)]*)\)/.exec(rest);
    let read = 1;
    if (/^\s/.test(rest)) endWord();
    else if (word === undefined && rest.startsWith("#")) break;
    else if (between !== null) {
      read = between[0].length;
      if (ENDS.test(rest)) {
        endCommand();
        filter = between[0] === "|";
      } else drop = true;
    } else if (quoted !== null) {
      read = quoted[0].length;
      const text = quoted[1] ?? quoted[2]?.replaceAll(/\\(["\\$`])/g, "$1") ?? quoted[3] ?? "";
      if (quoted[1] === undefined) for (const [, within = ""] of text.matchAll(/\$\(([^)]*)\)/g)) inner.push(within);
      word = `${word ?? ""}${text}`;
    } else if (substitution !== null) {
      read = substitution[0].length;
      inner.push(substitution[1] ?? "");
      word = `${word ?? ""}${substitution[0]}`;
    } else if (rest.startsWith(";")) {
      endWord();
      read = 0;
    } else word = `${word ?? ""}${rest.charAt(0)}`;
    rest = rest.slice(read);
  }
  endCommand();
  return [...commands, ...inner.flatMap(shellCommands)];
}

function withEnvironment(words: readonly string[]): ShellCommand {
  const set = words.findIndex((word) => !/^\w+=/.test(word));
  const assignments = words.slice(0, set === -1 ? words.length : set);
  return {
    env: Object.fromEntries(assignments.map((word) => [word.replace(/=.*/, ""), word.replace(/^\w+=/, "")])),
    words: words.slice(assignments.length),
  };
}
