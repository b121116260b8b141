/**
 * Messages quote what a cluster said: error bodies, names, versions. None of that may steer whoever shows it.
 */

/**
 * What a terminal obeys (escapes and other control characters), what turns the direction of text, and halves of surrogate pairs.
 * Tab, line breaks and the like stay: they are white space.
 */
const STEERING = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
const REPLACEMENT = "\ufffd";

/** The text on one line, white space as single spaces, and a visible mark for every character that would steer a display. */
export function oneLine(text: string): string {
  return text.toWellFormed().replaceAll(STEERING, REPLACEMENT).replaceAll(/\s+/g, " ").trim();
}

/** The text, cut to at most `most` characters; the last of them is then an ellipsis. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}
