import MarkdownIt from "markdown-it";

/** What a release's version is held against. */
export interface ReleaseFacts {
  /** Of package.json. */
  readonly version: string;
  /** Of package-lock.json: its own, and that of the package that it locks. */
  readonly locked: readonly (string | undefined)[];
  /** Names of the git tags. */
  readonly tags: readonly string[];
  /** Text of CHANGELOG.md. */
  readonly changelog: string;
  /** The day in UTC, YYYY-MM-DD. */
  readonly today: string;
}

const VERSION = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)$/;
const UNRELEASED = "Unreleased";
/** By numbers where there are some: 0.10.0 comes after 0.9.1. */
const inOrder = new Intl.Collator("en", { numeric: true });

/** Why this cannot be released under its version: whole sentences, none where it can. CONTRIBUTING.md says how a release is made. */
export function releaseFaults({ version, locked, tags, changelog, today }: ReleaseFacts): string[] {
  if (!VERSION.test(version)) {
    return [`The version in package.json must be three numbers, as 1.2.3; received "${version}".`];
  }
  const other = locked.find((one) => one !== version);
  const released = tags.flatMap((tag) => (tag.startsWith("v") && VERSION.test(tag.slice(1)) ? [tag.slice(1)] : []));
  const newest = released.toSorted((one, another) => inOrder.compare(one, another)).at(-1);
  return [
    ...(locked.every((one) => one === version)
      ? []
      : [`package-lock.json must have the version of package.json, ${version}; it has ${other ?? "none"}.`]),
    ...(newest === undefined || inOrder.compare(version, newest) > 0
      ? []
      : [`The version in package.json must be above that of the newest tag, v${newest}; received ${version}.`]),
    ...changelogFaults(version, sectionsOf(changelog), today),
  ];
}

interface Section {
  readonly heading: string;
  /** How many items its lists have. */
  readonly items: number;
}

/** The second-level sections of a Markdown text. */
function sectionsOf(text: string): Section[] {
  const sections: { heading: string; items: number }[] = [];
  const tokens = new MarkdownIt().parse(text, {});
  for (const [index, { type, tag }] of tokens.entries()) {
    const last = sections.at(-1);
    if (type === "heading_open" && tag === "h2") sections.push({ heading: tokens[index + 1]?.content ?? "", items: 0 });
    else if (type === "list_item_open" && last !== undefined) last.items += 1;
  }
  return sections;
}

function changelogFaults(version: string, sections: readonly Section[], today: string): string[] {
  const [first, second] = sections;
  const expected = `"## ${version} (YYYY-MM-DD)"`;
  if (first?.heading !== UNRELEASED) {
    return [
      `CHANGELOG.md must begin with "## ${UNRELEASED}", for what comes next; it begins with "${first?.heading ?? ""}".`,
    ];
  }
  const [, named, date] = /^(\S+) \((\d{4}-\d{2}-\d{2})\)$/.exec(second?.heading ?? "") ?? [];
  if (second === undefined || named !== version || date === undefined) {
    return [`CHANGELOG.md must have the section ${expected} below "## ${UNRELEASED}"; there is ${shown(second)}.`];
  }
  return [
    ...(first.items === 0
      ? []
      : [`"## ${UNRELEASED}" in CHANGELOG.md must be empty at a release; it has ${String(first.items)} entries.`]),
    ...(second.items > 0 ? [] : [`The section ${version} of CHANGELOG.md must have entries; it has none.`]),
    ...(isDay(date) && date <= today
      ? []
      : [
          `The section ${version} of CHANGELOG.md must have the day of its release, today (${today}) or before; received ${date}.`,
        ]),
  ];
}

function shown(section: Section | undefined): string {
  return section === undefined ? "none" : `"## ${section.heading}"`;
}

/** Whether there is such a day. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
