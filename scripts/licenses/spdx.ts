/** A licence's identifier or a reference of one's own (SPDX specification, annex "SPDX license expressions"). */
const IDENTIFIER = /^(?:LicenseRef-)?[A-Za-z0-9][A-Za-z0-9.-]*\+?$/;
/** Families of licences and words of package managers that have the form of an identifier and are none. */
const NO_IDENTIFIER = /^(?:BSD|[AL]?GPL|Apache|MPL|Artistic|Python|PSF|Proprietary|UNLICENSED|Public-?Domain)$/i;
const TOKEN = /\(|\)|[^\s()]+/g;

/**
 * Whether a text has the form of an SPDX expression: identifiers joined by AND, OR and WITH, with brackets. Of its identifiers only the form is held against
 * the specification, not whether SPDX's list has them.
 */
export function isSpdxExpression(text: string): boolean {
  const tokens = text.match(TOKEN) ?? [];
  let depth = 0;
  let expectsOperand = true;
  for (const token of tokens) {
    if (token === "(") {
      if (!expectsOperand) return false;
      depth += 1;
    } else if (token === ")") {
      depth -= 1;
      if (expectsOperand || depth < 0) return false;
    } else if (/^(?:AND|OR|WITH)$/.test(token)) {
      if (expectsOperand) return false;
      expectsOperand = true;
    } else {
      if (!expectsOperand || !IDENTIFIER.test(token) || NO_IDENTIFIER.test(token)) return false;
      expectsOperand = false;
    }
  }
  return !expectsOperand && depth === 0;
}

/** A reference of one's own to a licence that is named, by a name that SPDX's list does not have. */
export function licenceReference(name: string): string {
  return `LicenseRef-${name
    .replaceAll("+", "-or-later")
    .replaceAll(/[^A-Za-z0-9.]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")}`;
}
