import { parseDocument } from "yaml";
import { z } from "zod";

const configSchema = z.looseObject({
  applications: z
    .array(
      z.looseObject({
        deployments: z.array(z.looseObject({ user_config: z.looseObject({ version: z.string() }) })).min(1),
      }),
    )
    .min(1),
});

/**
 * A serve config (spec.serveConfigV2) with another version in every deployment's `user_config.version`; all else, comments
 * included, stays as it is.
 *
 * @throws Error when the text is no serve config whose deployments carry a version.
 */
export function withVersion(text: string, version: string): string {
  const document = read(text);
  const { applications } = configSchema.parse(document.toJS());
  applications.forEach((application, a) => {
    application.deployments.forEach((_, d) => {
      document.setIn(["applications", a, "deployments", d, "user_config", "version"], version);
    });
  });
  return document.toString();
}

/**
 * A serve config with another import path for every application; all else stays as it is.
 *
 * @throws Error as `withVersion` does.
 */
export function withImportPath(text: string, importPath: string): string {
  const document = read(text);
  const { applications } = configSchema.parse(document.toJS());
  applications.forEach((_, a) => {
    document.setIn(["applications", a, "import_path"], importPath);
  });
  return document.toString();
}

/** The versions a serve config's deployments carry, each once. @throws Error as `withVersion` does. */
export function versionsIn(text: string): string[] {
  const { applications } = configSchema.parse(read(text).toJS());
  return [...new Set(applications.flatMap(({ deployments }) => deployments.map((one) => one.user_config.version)))];
}

function read(text: string): ReturnType<typeof parseDocument> {
  const document = parseDocument(text, { logLevel: "error" });
  const [problem] = document.errors;
  if (problem !== undefined) throw new Error(`The serve config is not YAML: ${problem.message}`);
  return document;
}
