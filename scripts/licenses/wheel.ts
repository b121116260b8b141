import { field, paragraphsOf } from "./fields.ts";
import { licenceOfFiles, type NamedText } from "./licence-files.ts";
import { statedLicence, type Licence } from "./part.ts";
import { spdxOfName } from "./short-names.ts";
import { isSpdxExpression } from "./spdx.ts";

/** What the METADATA of an installed wheel says. */
export interface WheelMetadata {
  readonly name: string;
  readonly version: string;
  readonly licence: Licence;
}

/**
 * SPDX identifiers by the licence classifiers that mean one licence. `BSD License` and `Apache Software License` leave open which (PEP 639, "Mapping License
 * Classifiers to SPDX Identifiers").
 */
const CLASSIFIERS: Readonly<Record<string, string>> = {
  "MIT License": "MIT",
  "MIT No Attribution License (MIT-0)": "MIT-0",
  "ISC License (ISCL)": "ISC",
  "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
  "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
  "The Unlicense (Unlicense)": "Unlicense",
  "zlib/libpng License": "Zlib",
  "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
  "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
  "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
  "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
  "GNU Affero General Public License v3": "AGPL-3.0-only",
  "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
};

/** A License field longer than a name is the licence's text (PEP 621 and older tools put it there). */
const LONGEST_NAME = 60;

/**
 * Name, version and licence of an installed wheel. The licence is, in this order, what License-Expression says, what the License field names, what the
 * classifiers name without doubt, and what is recognised in the licence files beside METADATA.
 *
 * @returns undefined where METADATA names neither a name nor a version.
 */
export function wheelMetadata(text: string, files: readonly NamedText[]): WheelMetadata | undefined {
  const [fields] = paragraphsOf(text);
  if (fields === undefined) return undefined;
  const name = field(fields, "name");
  const version = field(fields, "version");
  if (name === undefined || version === undefined) return undefined;
  return { name, version, licence: licenceOf(fields, files) };
}

function licenceOf(fields: ReadonlyMap<string, readonly string[]>, files: readonly NamedText[]): Licence {
  const expression = field(fields, "license-expression");
  if (expression !== undefined && isSpdxExpression(expression)) {
    return statedLicence(expression, "METADATA: License-Expression");
  }
  const named = field(fields, "license")?.trim();
  const own = named === undefined || named.length > LONGEST_NAME ? undefined : spdxOfName(named);
  if (own !== undefined) {
    return statedLicence(own, `METADATA: License${own === named ? "" : `, which says "${named ?? ""}"`}`);
  }
  const classified = (fields.get("classifier") ?? [])
    .filter((it) => it.startsWith("License :: "))
    .map((it) => it.split(" :: ").at(-1) ?? "");
  const ids = classified.map((it) => CLASSIFIERS[it]);
  if (ids.length > 0 && ids.every((id) => id !== undefined)) {
    return statedLicence(ids.join(" AND "), "METADATA: classifier");
  }
  const vague = [...(named === undefined || named === "" || named.length > LONGEST_NAME ? [] : [named]), ...classified];
  const says = vague.length === 0 ? "" : `; METADATA says "${vague.join('", "')}"`;
  const recognised = licenceOfFiles(files);
  return { ...recognised, told: `${recognised.told}${says}` };
}
