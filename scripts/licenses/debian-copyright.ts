import { field, paragraphsOf } from "./fields.ts";
import { saysMore } from "./licence-files.ts";
import { statedLicence, unknownLicence, type Licence } from "./part.ts";
import { recognise } from "./recognise.ts";
import { spdxOfSynopsis } from "./short-names.ts";

/** A synopsis longer than this is no name: the licence's text stands where its name should. */
const LONGEST_NAME = 60;

/**
 * The licence in a Debian package's copyright file. In the machine-readable format (copyright format 1.0) it is that of `Files: *`, and what other files are
 * under is further; where no paragraph is about all files, it is that of all. Any other file is read for the texts and notices of known licences.
 */
export function licenceOfCopyright(text: string): Licence {
  const paragraphs = paragraphsOf(text);
  if (!/^format(?:-specification)?:/i.test(text.trimStart())) return ofProse(text);
  const stated = paragraphs.flatMap((paragraph) => {
    const files = field(paragraph, "files");
    const licence = field(paragraph, "license");
    return files === undefined || licence === undefined ? [] : [{ files: files.trim(), spdx: ofField(licence) }];
  });
  const header = paragraphs[0] === undefined ? undefined : field(paragraphs[0], "license");
  if (stated.length === 0 && header !== undefined) stated.push({ files: "*", spdx: ofField(header) });
  const known = distinct(stated.flatMap(({ spdx }) => spdx ?? []));
  if (known.length === 0) return ofProse(text);
  const incomplete = stated.some(({ spdx }) => spdx === null);
  const main = stated.find(({ files }) => files.split(/\s+/).includes("*"))?.spdx;
  if (main === undefined || main === null) {
    const joined = known.map((it) => (known.length > 1 && it.includes(" OR ") ? `(${it})` : it)).join(" AND ");
    return { ...statedLicence(joined, "copyright: its Files fields, all of them"), incomplete };
  }
  return { spdx: main, told: "copyright: its field Files: *", further: known.filter((it) => it !== main), incomplete };
}

/** Of a License field: by its name, or by the text where it has that instead. Null where neither is known. */
function ofField(value: string): string | null {
  const [synopsis = "", ...text] = value.split("\n");
  // Some packages put the name on the line below.
  const name = (synopsis.trim() === "" ? (text[0] ?? "") : synopsis).trim();
  if (name !== "" && name.length <= LONGEST_NAME && !/[.:;*]$|^\*/.test(name) && name.split(/\s+/).length <= 7) {
    return spdxOfSynopsis(name);
  }
  const { spdx } = recognise(value);
  return spdx.length === 0 ? null : spdx.join(" AND ");
}

function ofProse(text: string): Licence {
  const recognised = recognise(text);
  const { spdx, by } = recognised;
  if (spdx.length > 0) {
    const told = spdx.map((id, index) => `${by[index] ?? "text"} of ${id}`).join(", ");
    const incomplete = saysMore(recognised);
    const more = incomplete ? "and further text that is not recognised; " : "";
    return {
      spdx: spdx.join(" AND "),
      told: `copyright, as prose: ${told}; ${more}which is for what, it says itself`,
      further: [],
      incomplete,
    };
  }
  const named = distinct(
    [...text.matchAll(/common-licenses\/([A-Za-z]+(?:-\d+(?:\.\d+)*)?)/g)].map(([, name]) => name ?? ""),
  );
  const says = named.length === 0 ? "" : `; it refers to Debian's ${named.join(", ")}`;
  return unknownLicence(`not recognised: copyright, as prose, has no fixed text of a known licence${says}`);
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
