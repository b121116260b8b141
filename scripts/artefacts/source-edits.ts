import { z } from "zod";
import { SetUpError } from "../../orchestrator/plan/errors.ts";
import { readYaml } from "../../orchestrator/plan/yaml-input.ts";

/** One exact edit of a file of somebody else's source: text that stands there once, and what takes its place. */
const editSchema = z.strictObject({
  /** Relative to the root of the module. */
  file: z.string().min(1),
  replaces: z.string().min(1),
  by: z.string(),
});

const mutantSchema = z.strictObject({ description: z.string().min(1), edits: z.array(editSchema).min(1) });

/** A way of misbehaving, as edits of the source of what is to misbehave. A file in scripts/artefacts/mutants, by its name. */
export interface Mutant extends z.infer<typeof mutantSchema> {
  readonly name: string;
}

/** The mutant in a file's text. Throws a SetUpError, one sentence, when it is none, and a UsageError when it is no YAML at all. */
export function parseMutant(text: string, name: string): Mutant {
  const parsed = mutantSchema.safeParse(readYaml(text, `Mutant ${name}`));
  if (parsed.success) return { name, ...parsed.data };
  const [issue] = parsed.error.issues;
  throw new SetUpError(
    `Mutant ${name} must be a description and edits; ${issue?.path.join(".") ?? ""} is wrong (${issue?.message ?? ""}).`,
  );
}

/**
 * The text of a source file with the edits that all of these make in it. Each is held against the text as it was, so that none depends on another.
 *
 * @throws SetUpError naming the mutant, the number of its edit and the file: where what is to be replaced does not stand there exactly once, or where two
 *   edits replace the same text.
 */
export function editedSource(source: string, file: string, mutants: readonly Mutant[]): string {
  const places = mutants
    .flatMap((mutant) =>
      mutant.edits.map((edit, index) => ({ ...edit, what: `Edit ${index + 1} of mutant ${mutant.name}` })),
    )
    .filter((edit) => edit.file === file)
    .map(({ replaces, by, what }) => {
      const at = source.indexOf(replaces);
      const times = source.split(replaces).length - 1;
      if (times !== 1) {
        const found = times === 0 ? "nowhere" : `${times} times`;
        throw new SetUpError(
          `${what} no longer fits ${file}: what it replaces must stand there once, and was found ${found}.`,
        );
      }
      return { at, end: at + replaces.length, by, what };
    })
    .sort((one, other) => one.at - other.at);
  let text = "";
  let done = 0;
  for (const [index, { at, end, by, what }] of places.entries()) {
    if (at < done)
      throw new SetUpError(`${what} replaces text of ${file} that ${places[index - 1]?.what ?? ""} replaces too.`);
    text += source.slice(done, at) + by;
    done = end;
  }
  return text + source.slice(done);
}
