import { licenceReference } from "./spdx.ts";

/**
 * SPDX identifiers by the names that Debian's copyright files and the free-text License field of Python wheels use for the same licence, in lower case and
 * without punctuation. Debian's are those of the copyright format 1.0, 7.1.1; a GNU name with a + is "or later", one without is that version only, as 7.1.2 says.
 * A name that may mean several licences (BSD, GPL, Artistic, LGPL without a version) is not here.
 */
const SAME: Readonly<Record<string, string>> = {
  expat: "MIT",
  mit: "MIT",
  mitlicense: "MIT",
  "mit-0": "MIT-0",
  "apache-2": "Apache-2.0",
  "apache-2.0": "Apache-2.0",
  "apache2.0": "Apache-2.0",
  "apachelicense2.0": "Apache-2.0",
  "apachelicenseversion2.0": "Apache-2.0",
  "bsd-2-clause": "BSD-2-Clause",
  "bsd-2": "BSD-2-Clause",
  "bsd-3-clause": "BSD-3-Clause",
  "bsd-3": "BSD-3-Clause",
  "3-clausebsdlicense": "BSD-3-Clause",
  "bsd-4-clause": "BSD-4-Clause",
  "bsd-4-clause-uc": "BSD-4-Clause-UC",
  isc: "ISC",
  zlib: "Zlib",
  "cc0-1.0": "CC0-1.0",
  "mpl-1.1": "MPL-1.1",
  "mpl-2.0": "MPL-2.0",
  "psf-2.0": "PSF-2.0",
  sleepycat: "Sleepycat",
  fsfap: "FSFAP",
  fsfullr: "FSFULLR",
  beerware: "Beerware",
  "ms-pl": "MS-PL",
};

const GNU = /^(a|l)?gpl-?v?(\d(?:\.\d)?)(\+)?$/;

/** The SPDX identifier for a licence's short name; undefined where the name is not one that means a single licence. */
export function spdxOfName(name: string): string | undefined {
  const key = name.toLowerCase().replaceAll(/[\s,_]/g, "");
  const gnu = GNU.exec(key);
  if (gnu === null) return SAME[key];
  const [, kind = "", version = "", later] = gnu;
  const full = version.includes(".") ? version : `${version}.0`;
  return `${kind.toUpperCase()}GPL-${full}-${later === undefined ? "only" : "or-later"}`;
}

/**
 * The SPDX expression for the synopsis of a License field in a copyright file: short names, `and`, `or`, commas, `with ... exception` (copyright format 1.0, 7.2).
 * A comma parts less tightly than `or`, and `or` less than `and`. What SPDX has no name for becomes LicenseRef- and the name that stands there.
 */
export function spdxOfSynopsis(synopsis: string): string {
  const groups = synopsis
    .split(",")
    .map((group) => group.replace(/^\s*(?:and|or)\s/, "").trim())
    .filter((group) => group !== "");
  const joints = [...synopsis.matchAll(/,\s*(or\s)?/g)].map(([, or]) => (or === undefined ? " AND " : " OR "));
  return groups
    .map((group) => alternatives(group, groups.length > 1))
    .map((group, index) => (index === 0 ? group : `${joints[index - 1] ?? " AND "}${group}`))
    .join("");
}

function alternatives(group: string, nested: boolean): string {
  const each = group.split(/[\s_]+or[\s_]+/i).map((it) =>
    it
      .split(/\s+and\s+/i)
      .map(nameOf)
      .join(" AND "),
  );
  return each.length > 1 && nested ? `(${each.join(" OR ")})` : each.join(" OR ");
}

function nameOf(name: string): string {
  return spdxOfName(name.trim()) ?? licenceReference(name.trim());
}
