import type { Flag } from "../../orchestrator/cli/flags.ts";
import { readTokens, textOf } from "../../orchestrator/cli/tokens.ts";
import { UsageError } from "../../orchestrator/plan/errors.ts";

/** `npm run images`. */
export type ImagesCommand =
  | {
      readonly command: "images";
      /** Folder that gets a copy of the archive; undefined for the cache's alone. */
      readonly out: string | undefined;
    }
  | { readonly command: "help"; readonly text: string };

const FLAGS: readonly Flag[] = [
  { name: "out", value: "DIR", help: "copy the archive into that folder, which is made where it is missing" },
  { name: "help", help: "show this help" },
];

const COMMAND = "npm run images --";

/** The command in the arguments; throws a UsageError of one sentence. */
export function parseImages(argv: readonly string[]): ImagesCommand {
  if (argv.includes("--help") || argv.includes("-h")) return { command: "help", text: HELP };
  const { flags, positionals } = readTokens(argv, FLAGS, "images");
  const [extra] = positionals;
  if (extra !== undefined) throw new UsageError(`images takes flags only (${COMMAND} --out DIR); received "${extra}".`);
  return { command: "images", out: textOf(flags, "out") };
}

const HELP = `Usage: npm run images -- [FLAGS]

The image of the load, k6 with zerodrop's ledger, as an OCI archive: built where it is missing. Prints the archive's path, its digest, and how it is pushed
for a cluster that is not the embedded one (images.k6 in the configuration).

Flags:
  --out DIR  ${FLAGS[0]?.help ?? ""}
  --help     ${FLAGS[1]?.help ?? ""}

Exit codes: 0 the archive is there; 64 bad arguments; 69 it could not be built; 70 a bug; 130 and 143 interrupted.
`;
