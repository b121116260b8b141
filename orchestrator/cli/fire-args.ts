import { UsageError } from "../plan/errors.ts";
import type { FireCommand } from "./args.ts";
import { namesOf } from "./matrix-args.ts";
import { requireFlagsOnly, textOf, type Tokens } from "./tokens.ts";

const MOST_KILLS = 10_000;
const MOST_SEED = 2 ** 31 - 1;

/** Arguments of `npm run fire`. Throws a UsageError of one sentence; whether names and files are there is found out when they are read. */
export function parseFire({ flags, positionals }: Tokens): FireCommand {
  requireFlagsOnly({ positionals }, "fire", "--kills N");
  const text = (flag: string): string | undefined => textOf(flags, flag);
  const only = text("only");
  return {
    command: "fire",
    kills: numberOf(text("kills"), "--kills", "kills", MOST_KILLS),
    seed: numberOf(text("seed"), "--seed", undefined, MOST_SEED),
    only: only === undefined ? undefined : namesOf(only, "--only", "phases, kills or troubles"),
    out: text("out"),
    resume: flags.has("resume"),
    results: text("results"),
    list: flags.has("list"),
    json: flags.has("json"),
  };
}

function numberOf(
  received: string | undefined,
  flag: string,
  of: string | undefined,
  most: number,
): number | undefined {
  if (received === undefined) return undefined;
  const value = /^\d{1,10}$/.test(received) ? Number(received) : Number.NaN;
  if (value <= most) return value;
  const what = of === undefined ? "a whole number" : `a whole number of ${of}`;
  throw new UsageError(`${flag} must be ${what} from 0 to ${String(most)}; received "${received}".`);
}
