import { appendFile } from "node:fs/promises";

/** Where a GitHub Actions step puts Markdown that its job's page shows. */
const VARIABLE = "GITHUB_STEP_SUMMARY";

/**
 * Appends Markdown to the step summary, where there is one. A summary that cannot be written is a note: it is there for
 * convenience, and a run's verdict must not depend on it.
 */
export async function appendStepSummary(
  markdown: string,
  parts: { readonly env: Readonly<Record<string, string | undefined>>; readonly note: (text: string) => void },
): Promise<void> {
  const file = parts.env[VARIABLE];
  if (file === undefined || file === "") return;
  try {
    // What others wrote before may have ended in the middle of a paragraph.
    await appendFile(file, `\n${markdown}`);
  } catch (error) {
    parts.note(
      `The summary was not added to ${VARIABLE} (${file}): ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
