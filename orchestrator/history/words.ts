/** Wording shared by messages: numbers and times as people read them. */

/** `1,209`. */
export function number(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 request`, `1,209 requests`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${number(value)} ${value === 1 ? noun : plural}`;
}

/** `1.3 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** `20 ms`, `1.3 s`: for times that may be too short to be told in seconds. */
export function duration(ms: number): string {
  return ms < 100 ? `${Math.round(ms)} ms` : seconds(ms);
}

/** `a, b and c`. */
export function listed(items: readonly string[], last = "and"): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} ${last} ${items.at(-1) ?? ""}`;
}

/** The first line of a text that somebody else wrote, cut at 200 characters. */
export function firstLine(text: string): string {
  const [line = ""] = text.trim().split("\n");
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

/**
 * The line that says why: of a text with a traceback of Python its last one, which names the exception, else the first. Cut at 200
 * characters.
 */
export function reasonLine(text: string): string {
  return /^Traceback \(most recent call last\)/m.test(text)
    ? firstLine(text.trim().split("\n").at(-1) ?? "")
    : firstLine(text);
}
