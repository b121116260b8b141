import { z } from "zod";

const positionSchema = z.object({ line: z.number(), column: z.number() });
const mutantSchema = z.object({
  mutatorName: z.string(),
  replacement: z.string().optional(),
  status: z.enum(["Killed", "Timeout", "Survived", "NoCoverage", "RuntimeError", "CompileError", "Ignored", "Pending"]),
  location: z.object({ start: positionSchema, end: positionSchema }),
});

/** What is read of Stryker's JSON report. Lines and columns count from 1. */
export const reportedSchema = z.object({
  files: z.record(z.string(), z.object({ source: z.string(), mutants: z.array(mutantSchema) })),
});

export type Reported = z.infer<typeof reportedSchema>;

type Status = z.infer<typeof mutantSchema>["status"];

/** A mutant as it is told: by its line's text, for numbers of lines change with what stands above them. */
export interface Told {
  readonly file: string;
  readonly line: string;
  readonly number: number;
  readonly mutator: string;
  readonly original: string;
  readonly replacement: string;
  readonly status: Status;
}

/** All mutants of a report, by file and place. */
export function toldOf({ files }: Reported): readonly Told[] {
  return Object.entries(files)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([file, { source, mutants }]) => {
      const lines = source.split("\n");
      return mutants
        .toSorted(
          (a, b) => a.location.start.line - b.location.start.line || a.location.start.column - b.location.start.column,
        )
        .map(({ mutatorName, replacement = "", status, location }) => ({
          file,
          line: (lines[location.start.line - 1] ?? "").trim(),
          number: location.start.line,
          mutator: mutatorName,
          original: oneLine(textAt(lines, location)),
          replacement: oneLine(replacement),
          status,
        }));
    });
}

function textAt(lines: readonly string[], { start, end }: z.infer<typeof mutantSchema>["location"]): string {
  const within = lines.slice(start.line - 1, end.line);
  const last = within.length - 1;
  return within
    .map((line, index) => line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined))
    .join("\n");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
