/** How zerodrop was started: by an npm script of its checkout, or as the command that its npm package brings. */
export type Started = "checkout" | "package";

/**
 * A command of zerodrop as its user types it. `words` are its name and arguments: `load --rate 50` is `npm run load -- --rate 50` in a
 * checkout and `npx zerodrop load --rate 50` from the package. `quiet` is for commands whose output another program reads: npm scripts print
 * a heading of their own, the package's command does not.
 */
export function commandLine(started: Started, words: string, { quiet = false } = {}): string {
  if (started === "package") return `npx zerodrop ${words}`;
  const end = words.indexOf(" ");
  const [name, rest] = end === -1 ? [words, ""] : [words.slice(0, end), ` --${words.slice(end)}`];
  return `npm run ${quiet ? "--silent " : ""}${name}${rest}`;
}
