import { z } from "zod";
import { UsageError } from "../../orchestrator/plan/errors.ts";
import { readYaml } from "../../orchestrator/plan/yaml-input.ts";
import { KINDS } from "../licenses/part.ts";

/** As much of `npm run licenses -- --json` as is held against the list. */
const inventorySchema = z.object({
  artefacts: z.array(z.object({ name: z.string(), files: z.array(z.unknown()).nullable() })),
  parts: z
    .array(
      z.object({
        kind: z.enum(KINDS),
        name: z.string(),
        version: z.string(),
        licence: z.object({ spdx: z.string().nullable(), told: z.string() }),
      }),
    )
    .min(1),
});
const declaredSchema = z.array(
  z.strictObject({ kind: z.enum(KINDS), name: z.string().min(1), licence: z.string().min(1), read: z.string().min(1) }),
);

/** A part whose licence somebody has read, as it is not told by its own files in a form that is recognised. */
export type DeclaredLicence = z.infer<typeof declaredSchema>[number];

/** The declared list in a YAML text; throws a UsageError of one sentence where it is none. */
export function parseDeclared(text: string, source: string): DeclaredLicence[] {
  const read = declaredSchema.safeParse(readYaml(text, source));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new UsageError(
    `${source} must be a list of parts with kind, name, licence and read; ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}.`,
  );
}

/**
 * Why the parts' licences are not known well enough for a release, as sentences: parts that are not built here, so that nobody knows what is in them, licences
 * that are neither told nor declared, and declared ones of parts that are not there or tell theirs. `json` is what the command printed.
 */
export function licenceFaults(json: string, declared: readonly DeclaredLicence[]): string[] {
  const { artefacts, parts } = inventorySchema.parse(JSON.parse(json));
  const missing = artefacts.filter(({ files }) => files === null).map(({ name }) => name);
  const unknown = parts.filter(({ licence }) => licence.spdx === null);
  const isSame = (one: { kind: string; name: string }, other: { kind: string; name: string }): boolean =>
    one.kind === other.kind && one.name === other.name;
  const undeclared = unknown.filter((part) => !declared.some((entry) => isSame(entry, part)));
  // A part that is missing may be in what is not built.
  const stale = missing.length > 0 ? [] : declared.filter((entry) => !unknown.some((part) => isSame(entry, part)));
  return [
    ...(missing.length === 0
      ? []
      : [`${missing.join(", ")} must be built for it to be known what is in them (npm run cluster -- up).`]),
    ...undeclared.map(
      ({ kind, name, version, licence }) =>
        `The licence of the ${kind} ${name} ${version} is not known (${licence.told}): read it, and declare it.`,
    ),
    ...stale.map(
      ({ kind, name }) => `The ${kind} ${name} is declared, and is not among the parts whose licence is not known.`,
    ),
  ];
}
