import type { versions } from "../artefacts/versions.ts";
import { HEADLINES, partsOfHeadline } from "./headlines.ts";
import { KINDS, type ArtefactState, type Inventory, type Licence, type Part } from "./part.ts";

type Versions = typeof versions;

/** Version of the JSON's shape; it goes up when a field changes its meaning or goes. */
const SCHEMA_VERSION = 1;
const NOT_BUILT = "not built";
const NOT_HERE = "not here yet";
/** More places than that are counted and not named. */
const MOST_PLACES = 2;
/** A licence's cell is cut off there: the whole expression is in the JSON. */
const WIDEST_LICENCE = 60;

const PLURALS: Readonly<Record<Part["kind"], string>> = {
  "Go module": "Go modules, in the programs that are built of them",
  "Python wheel": "Python wheels, in images",
  "Debian package": "Debian packages, on this machine and in images",
  "npm package": "npm packages, of the runner",
  toolchain: "Toolchain",
};

/** Everything as one JSON document: schemaVersion, the headlines by their titles, artefacts, parts and notes. */
export function inventoryJson({ artefacts, parts, notes }: Inventory, pinned: Versions): string {
  const chain = HEADLINES.map((headline) => ({
    title: headline.title,
    kind: headline.kind,
    name: headline.name,
    pinned: headline.pinned === undefined ? null : pinned[headline.pinned],
    found: partsOfHeadline(headline, parts).map(({ version }) => version),
  }));
  return `${JSON.stringify({ schemaVersion: SCHEMA_VERSION, chain, artefacts, parts, notes: [...notes, ...remarks(parts)] }, null, 2)}\n`;
}

/** Everything as tables for people, a section for what the chain is of, one for what was built, and one for each kind of part. */
export function inventoryText({ artefacts, parts, notes }: Inventory, pinned: Versions): string {
  const sections = [
    section("The chain", ["part", "version", "kind", "licence", "checksum"], chainRows(parts, pinned)),
    section("What is built of it on this machine", ["artefact", "what", "digest"], artefacts.flatMap(artefactRows)),
    ...KINDS.flatMap((kind) => {
      const rows = parts.filter((part) => part.kind === kind).map(partRow);
      return rows.length === 0 ? [] : [section(PLURALS[kind], ["name", "version", "licence", "in", "checksum"], rows)];
    }),
    section("Licences", ["parts", "licence"], licenceRows(parts)),
    listSection("Licence not known", unknownLicences(parts)),
    listSection("Checksum not known", unknownChecksums(parts)),
    listSection("Notes", [...notes, ...remarks(parts)]),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

/** What a headline's part does not say itself, where it is there. */
function remarks(parts: readonly Part[]): string[] {
  return HEADLINES.flatMap((headline) => {
    const { title, remark } = headline;
    return remark === undefined || partsOfHeadline(headline, parts).length === 0 ? [] : [`${title}: ${remark}`];
  });
}

function chainRows(parts: readonly Part[], pinned: Versions): string[][] {
  return HEADLINES.flatMap((headline) => {
    const found = partsOfHeadline(headline, parts);
    if (found.length > 0) {
      return found.map((part) => [
        headline.title,
        part.version,
        part.kind,
        licenceCell(part.licence),
        part.checksum.value ?? part.checksum.of,
      ]);
    }
    const version = headline.pinned === undefined ? "" : pinned[headline.pinned];
    return [[headline.title, version, headline.kind, NOT_HERE, NOT_HERE]];
  });
}

function artefactRows({ name, image, files }: ArtefactState): string[][] {
  if (files === null) return [[name, image ?? "", NOT_BUILT]];
  return files.map((file) => [name, image ?? file.name, file.digest]);
}

function partRow({ name, version, licence, in: places, checksum }: Part): string[] {
  const where = places.length > MOST_PLACES ? `${places.length} places` : places.join(", ");
  return [name, version, licenceCell(licence), where, checksum.value ?? "none"];
}

function licenceCell({ spdx, further, incomplete }: Licence): string {
  if (spdx === null) return "not known";
  const more = [
    ...(further.length === 0 ? [] : [` (some files: ${further.length} more)`]),
    ...(incomplete ? [" (and other text)"] : []),
  ].join("");
  return `${spdx.length > WIDEST_LICENCE ? `${spdx.slice(0, WIDEST_LICENCE)}…` : spdx}${more}`;
}

function licenceRows(parts: readonly Part[]): string[][] {
  const counts = new Map<string, number>();
  for (const { licence } of parts) {
    const cell = licence.spdx ?? "not known";
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  return [...counts]
    .sort(([one, ones], [other, others]) => others - ones || (one < other ? -1 : 1))
    .map(([licence, count]) => [String(count), licence]);
}

function unknownLicences(parts: readonly Part[]): string[] {
  return parts
    .filter(({ licence }) => licence.spdx === null)
    .map(({ kind, name, version, licence }) => `${kind} ${name} ${version}: ${licence.told}.`);
}

/** By reason, as many parts have the same. */
function unknownChecksums(parts: readonly Part[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { name, version, checksum } of parts) {
    if (checksum.value !== null) continue;
    byReason.set(checksum.of, [...(byReason.get(checksum.of) ?? []), `${name} ${version}`]);
  }
  return [...byReason].map(([reason, names]) => `${names.join(", ")}: ${reason}.`);
}

/** A heading and aligned columns; the last is not padded, as it may be long. */
function section(title: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  return `${title} (${rows.length})\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

function listSection(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `${title}\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
