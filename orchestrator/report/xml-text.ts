/** Everything that XML 1.0 has no way to write, not even escaped. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** The text with a visible mark for every character that may not stand in XML 1.0. Markup is the writer's to escape. */
export function xmlText(text: string): string {
  return text.toWellFormed().replaceAll(FORBIDDEN, "\ufffd");
}
