import { format, resolveConfig } from "prettier";
import { CONFIG_SCHEMA_FILE } from "../../orchestrator/plan/config-json-schema.ts";
import { versions } from "../artefacts/versions.ts";
import { commandsMarkdown } from "./commands.ts";
import { configurationMarkdown } from "./configuration.ts";

/** The page, in a checkout. */
export const REFERENCE_PAGE = "docs/reference.md";

/** The whole of docs/reference.md as the code says it now. */
export async function referencePage(): Promise<string> {
  const schema = CONFIG_SCHEMA_FILE.slice("docs/".length);
  const text = `# Reference

Every command with its flags and exit codes, and every configuration key. Written by \`npm run reference\` from the commands' own help and the
configuration's schema: change those, not this page. [README.md](README.md) lists the other pages.

Without a checkout, write \`npx zerodrop load\` for \`npm run load --\`, and so on ([install.md](install.md)). Results go to stdout, progress to stderr.

## Commands

${commandsMarkdown()}

## Configuration

\`--config FILE\` takes YAML or JSON. Every key may be left out. Flags win over the file, the file over what the scenario says, and that over the
defaults. A wrong key or value is refused with exit code 64 and one sentence, and nothing is created. Times are in seconds, unless their key says otherwise.

An editor with the YAML language server (VS Code with Red Hat's YAML extension, and others) completes and explains keys when the file's first line names
the schema, by a path from the file's own folder or by an absolute one:

\`\`\`yaml
# yaml-language-server: $schema=node_modules/zerodrop/${CONFIG_SCHEMA_FILE}
strategy: aggressive
load:
  rate: 100
latencyBudget: 20
\`\`\`

In a checkout that is [${CONFIG_SCHEMA_FILE}](${schema}). A JSON file may not name its schema in itself, as \`$schema\` is no key of a configuration: map it in
the editor's settings (\`json.schemas\` in VS Code).

${configurationMarkdown(Object.keys(versions))}
`;
  return format(text, { ...(await resolveConfig(REFERENCE_PAGE)), parser: "markdown" });
}
