/** Characters that mean nothing to a POSIX shell, wherever they stand in a word. */
const PLAIN = /^[\w./:,=+@%-]+$/;

/** The text as one word of a shell's command line (POSIX 2.2.2: within single quotes everything but a single quote is itself). */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
