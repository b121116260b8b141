import { z } from "zod";

const mutantSchema = z.looseObject({ status: z.string(), coveredBy: z.array(z.string()).optional() });
const keptSchema = z.looseObject({
  files: z.record(z.string(), z.looseObject({ mutants: z.array(mutantSchema) })),
});

/**
 * What Stryker kept of earlier calls, without the mutants that survived and that no single test is known to reach, as those of code that runs while its
 * module is loaded. Stryker takes a survivor up again only when a test that reaches it is new or another one, so that these would survive for good,
 * whatever tests are written. Throws a ZodError for what is no report.
 *
 * Source: mutantCanBeReused in @stryker-mutator/core's incremental-differ.
 */
export function withTriedAgain(kept: unknown): unknown {
  const report = keptSchema.parse(kept);
  const files = Object.entries(report.files).map(([name, file]) => {
    const mutants = file.mutants.filter(
      ({ status, coveredBy = [] }) => coveredBy.length > 0 || (status !== "Survived" && status !== "NoCoverage"),
    );
    return [name, { ...file, mutants }] as const;
  });
  return { ...report, files: Object.fromEntries(files) };
}
