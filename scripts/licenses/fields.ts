/** Fields by their name in lower case, each with its values in order: a field may stand there more than once. */
export type Fields = ReadonlyMap<string, readonly string[]>;

/**
 * The paragraphs of a text in the format that Debian's control files, machine-readable copyright files and the METADATA of Python wheels share: `Name: value`,
 * continued by lines that begin with a space, paragraphs parted by empty lines (Debian Policy, 5.1; RFC 822). In a value lines are parted by \n and have lost
 * their first space; lines that are neither are left out.
 */
export function paragraphsOf(text: string): Fields[] {
  return text
    .replaceAll("\r\n", "\n")
    .split(/\n(?:[ \t]*\n)+/)
    .map(fieldsOf)
    .filter((fields) => fields.size > 0);
}

function fieldsOf(paragraph: string): Fields {
  const fields = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of paragraph.split("\n")) {
    const begun = /^([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)$/.exec(line);
    if (begun !== null) {
      const [, name = "", value = ""] = begun;
      current = fields.get(name.toLowerCase()) ?? [];
      current.push(value.trimEnd());
      fields.set(name.toLowerCase(), current);
    } else if (/^[ \t]/.test(line) && current !== undefined) {
      current.push(`${current.pop() ?? ""}\n${line.slice(1).trimEnd()}`);
    }
  }
  return fields;
}

/** The first value of a field. */
export function field(fields: Fields, name: string): string | undefined {
  return fields.get(name.toLowerCase())?.[0];
}
