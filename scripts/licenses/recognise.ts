import { createHash } from "node:crypto";
import { GNU_APPENDIX, LONG_TEXTS, NOTICES } from "./long-texts.ts";
import { SHORT_TEXTS } from "./short-texts.ts";

/** What a text was recognised as. */
export interface Recognised {
  /** SPDX identifiers of the licences whose whole text or standard notice stands in it, each once, in the order of the text. */
  readonly spdx: readonly string[];
  /** How each was recognised, in the same order: `text` or `notice`. */
  readonly by: readonly ("text" | "notice")[];
  /** Letters and digits that belong to none of them: copyright lines, and whatever else is said. */
  readonly rest: number;
}

/**
 * A text as the comparison sees it: its letters and digits alone, in lower case. What SPDX's matching guidelines ignore is gone by it: spacing, case,
 * punctuation, quotes, bullets, marks of comments, and http against https.
 */
export function lettersOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll("https://", "http://")
    .replaceAll(/[^a-z0-9]/g, "");
}

const SHORT = SHORT_TEXTS.map(({ spdx, text }) => ({
  spdx,
  pattern: new RegExp(
    text
      .split(/<(\d+)>/)
      .map((piece, index) => (index % 2 === 0 ? lettersOf(piece) : `[a-z0-9]{0,${piece}}?`))
      .join(""),
    "g",
  ),
}));

interface Found {
  readonly spdx: string;
  readonly by: "text" | "notice";
  readonly at: number;
  readonly end: number;
}

/**
 * The licences whose fixed text stands in a text, whole and unchanged but for names of holders, or whose standard notice does. Nothing is concluded from a
 * title, a name or a likeness: a text with one sentence changed is not recognised.
 */
export function recognise(text: string): Recognised {
  let letters = lettersOf(text);
  const found: Found[] = [];
  /** What was recognised is blanked, so that the notice quoted in a licence's own appendix is not taken for the part's. */
  const take = (it: Found): void => {
    found.push(it);
    letters = letters.slice(0, it.at) + " ".repeat(it.end - it.at) + letters.slice(it.end);
  };
  for (const it of longOnes(letters)) take(it);
  // A long text that begins and was not recognised has been changed; the notice in its appendix would be taken for the licence that it no longer is.
  const changedAt = Math.min(
    ...LONG_TEXTS.map(({ begins }) => letters.indexOf(begins)).map((at) => (at === -1 ? Infinity : at)),
  );
  for (const [pattern, spdx] of NOTICES) {
    for (const match of letters.matchAll(pattern)) {
      if (match.index > changedAt) continue;
      take({ spdx: spdx(match), by: "notice", at: match.index, end: match.index + match[0].length });
    }
  }
  for (const { spdx, pattern } of SHORT) {
    for (const match of letters.matchAll(pattern)) {
      take({ spdx, by: "text", at: match.index, end: match.index + match[0].length });
    }
  }
  const first = new Map<string, Found>();
  for (const it of found.sort((one, other) => one.at - other.at)) {
    // A whole text says more than a notice of the same licence.
    const before = first.get(it.spdx);
    if (before === undefined || (before.by === "notice" && it.by === "text")) first.set(it.spdx, it);
  }
  const each = [...first.values()];
  return {
    spdx: each.map(({ spdx }) => spdx),
    by: each.map(({ by }) => by),
    rest: letters.replaceAll(" ", "").length,
  };
}

function longOnes(letters: string): Found[] {
  const found: Found[] = [];
  for (const { begins, ends, texts } of LONG_TEXTS) {
    for (let at = letters.indexOf(begins); at !== -1; at = letters.indexOf(begins, at + 1)) {
      const last = letters.indexOf(ends, at);
      if (last === -1) break;
      const end = last + ends.length;
      const spdx = texts[createHash("sha256").update(letters.slice(at, end)).digest("hex")];
      if (spdx === undefined) continue;
      const appendix = GNU_APPENDIX.exec(letters.slice(end));
      found.push({ spdx, by: "text", at, end: end + (appendix?.[0].length ?? 0) });
    }
  }
  return found;
}
