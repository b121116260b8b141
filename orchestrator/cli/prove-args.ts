import { UsageError } from "../plan/errors.ts";
import { parseChoice, type Choice } from "../plan/options.ts";
import { PROOF_GROUPS, type ProofGroup } from "../report/prove/prove.ts";
import type { ProveCommand } from "./args.ts";
import { namesOf } from "./matrix-args.ts";
import { requireFlagsOnly, textOf, type Tokens } from "./tokens.ts";

const GROUP: Choice<ProofGroup> = { built: PROOF_GROUPS, planned: [] };

/** Arguments of `npm run prove`. Throws a UsageError of one sentence; whether proofs and files are there is found out when they are read. */
export function parseProve({ flags, positionals }: Tokens): ProveCommand {
  requireFlagsOnly({ positionals }, "prove", "--only NAME");
  const text = (flag: string): string | undefined => textOf(flags, flag);
  const [only, group] = [text("only"), text("group")];
  const other = ["out", "resume", "results", "list", "dry-run"].find((flag) => flags.has(flag));
  if (flags.has("smallest") && other !== undefined) {
    throw new UsageError(`--smallest runs nothing and makes no table of runs; received it with --${other}.`);
  }
  return {
    command: "prove",
    only: only === undefined ? undefined : namesOf(only, "--only", "proofs"),
    group: group === undefined ? undefined : parseChoice(group, "--group", GROUP),
    out: text("out"),
    resume: flags.has("resume"),
    results: text("results"),
    smallest: flags.has("smallest"),
    list: flags.has("list"),
    dryRun: flags.has("dry-run"),
    json: flags.has("json"),
  };
}
