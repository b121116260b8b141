import { parseAllDocuments } from "yaml";
import { UsageError } from "../plan/errors.ts";
import { reasonOf } from "../plan/yaml-input.ts";

/**
 * What the documents of a manifest hold, without those that are empty. How deep they are nested is not looked at: what goes through them must do so first.
 *
 * @param whatOf Names a document, counted from 0 among those that are not empty, in the UsageError for text that is no YAML.
 */
export function yamlDocuments(text: string, whatOf: (index: number) => string): unknown[] {
  return parseAllDocuments(text, { logLevel: "error" })
    .filter(({ contents, errors }) => contents !== null || errors.length > 0)
    .map((document, index) => {
      const notYaml = (problem: unknown): UsageError =>
        new UsageError(`${whatOf(index)} must be YAML; received text that is not (${reasonOf(problem)}).`);
      const [problem] = document.errors;
      if (problem !== undefined) throw notYaml(problem);
      try {
        // Aliases lead nowhere, or back to what holds them, only once they are followed.
        return document.toJS() as unknown;
      } catch (error) {
        throw notYaml(error);
      }
    });
}
