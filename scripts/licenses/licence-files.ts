import { recognise, type Recognised } from "./recognise.ts";
import { unknownLicence, type Licence } from "./part.ts";

/** A file by its name and text. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** What a file with a licence is called, whatever stands after it: LICENSE, LICENCE.md, COPYING.txt, LICENSE-APACHE, UNLICENSE. */
const NAME = /^(?:un)?(?:licen[cs]e|copying)(?:[.\-_].*)?$/i;
/** Source with such a name is no licence. */
const SOURCE = /\.(?:go|py|js|ts|c|h|sh|ya?ml|json)$/i;

/** Whether a file of that name tells the licence of what it lies in. */
export function isLicenceFile(name: string): boolean {
  return NAME.test(name) && !SOURCE.test(name);
}

/**
 * Letters beside the recognised texts from which on a file is said to have more in it. The heading, the preamble's address and the appendix of a GNU licence
 * come to less, and so do long lists of copyright holders.
 */
const FURTHER_TEXT = 1400;

/** Whether a text that was recognised in part has much in it that was not. */
export function saysMore({ spdx, rest }: Recognised): boolean {
  return spdx.length > 0 && rest > FURTHER_TEXT;
}

/** Of a GNU licence's text alone it is not known whether a later version may be used. */
const ONLY = /^(?:A|L)?GPL-[\d.]+-only$/;

/**
 * The licence that a part's files with that name hold, by their texts alone. Where several stand there, all are named: which of them is for what, or may be
 * chosen, only the files themselves say.
 */
export function licenceOfFiles(files: readonly NamedText[]): Licence {
  if (files.length === 0) return unknownLicence("not stated: no file LICENSE or COPYING in it");
  const found = files.map(({ name, text }) => ({ name, ...recognise(text) }));
  const ids = [...new Set(found.flatMap(({ spdx }) => spdx))];
  const names = files.map(({ name }) => name).join(", ");
  if (ids.length === 0) return unknownLicence(`not recognised: ${names} has no fixed text of a known licence`);
  const told = found
    .filter(({ spdx }) => spdx.length > 0)
    .map(({ name, spdx, by }) => `${name}: ${spdx.map((id, index) => `${by[index] ?? "text"} of ${id}`).join(", ")}`)
    .join("; ");
  const incomplete = found.some((it) => it.spdx.length === 0 || saysMore(it));
  const remarks = [
    ...(found.some(saysMore) ? ["and further text that is not recognised"] : []),
    ...(ids.some((id) => ONLY.test(id)) ? ["whether later versions may be used is not said there"] : []),
    ...found.filter(({ spdx }) => spdx.length === 0).map(({ name }) => `${name} is not recognised`),
  ];
  return { spdx: ids.join(" AND "), told: [told, ...remarks].join("; "), further: [], incomplete };
}
