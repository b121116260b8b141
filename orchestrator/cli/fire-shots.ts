import { EXIT_CODES } from "../judge/verdict.ts";
import { UsageError } from "../plan/errors.ts";
import { nearestIs } from "../plan/nearest.ts";
import { killsBy } from "../prove/fire/kills.ts";
import { PHASES } from "../prove/fire/phases.ts";
import { TROUBLES, troubleOf, type TroubledEnd } from "../prove/fire/troubles.ts";
import type { Fire } from "../report/fire/fire.ts";
import type { ExpectedEnd } from "../report/fire/problems.ts";
import { indented } from "../report/wrap.ts";
import { EXIT } from "./exit.ts";
import type { Shot } from "./fire-shot.ts";
import { typed } from "./started.ts";

/** The run to which nothing is done: it is always there, and last. */
export const CLEAN = "clean";

/** A run, what is done to it, and what that is called. */
export interface AskedShot {
  readonly name: string;
  readonly shot: Shot;
}

/**
 * What is asked for, in the order in which it is made: troubles, kills by seed, and a clean run. `only` leaves those of these names, and of these phases; null leaves all.
 * A UsageError where a name is none.
 */
export function shotsOf({ kills, seed, only }: Fire["asked"]): AskedShot[] {
  const counts = new Map<string, number>();
  const all: AskedShot[] = [
    ...TROUBLES.map(({ name }): AskedShot => ({ name, shot: { do: "trouble", trouble: name } })),
    ...killsBy(seed, kills).map((shot): AskedShot => {
      const number = (counts.get(shot.phase) ?? 0) + 1;
      counts.set(shot.phase, number);
      return { name: `${shot.phase}-${String(number)}`, shot };
    }),
    { name: CLEAN, shot: { do: "nothing" } },
  ];
  if (only === null) return all;
  const phases: readonly string[] = PHASES.map(({ name }) => name);
  const isOf = ({ name, shot }: AskedShot, asked: string): boolean =>
    name === asked || (shot.do === "kill" && shot.phase === asked);
  for (const asked of only) {
    if (all.some((one) => isOf(one, asked))) continue;
    const known = [...TROUBLES.map(({ name }) => name), ...phases, ...all.map(({ name }) => name)];
    throw new UsageError(
      `--only must name phases, kills or troubles with commas between them (${typed("fire --list")} names them all); received "${asked}", ${nearestIs(asked, known)}.`,
    );
  }
  return all.filter((one) => one.name === CLEAN || only.some((asked) => isOf(one, asked)));
}

/** What can be asked for, by groups. */
export function shotList(shots: readonly AskedShot[], width: number): string {
  const kills = PHASES.flatMap(({ name, seconds }) => {
    const own = shots.flatMap(({ shot }) => (shot.do === "kill" && shot.phase === name ? [shot] : []));
    if (own.length === 0) return [];
    const moments = own.map((kill) => `${kill.seconds.toFixed(1)}${kill.group ? "*" : ""}`).join(", ");
    return [`  ${name} (${String(seconds)} s)`, ...indented(`after ${moments} s`, width, 6)];
  });
  const others = shots.flatMap(({ name, shot }) => {
    if (shot.do === "kill") return [];
    if (shot.do === "nothing") return [`  ${name}`, ...indented("Nothing happens, and it must pass.", width, 6)];
    const { what, ends } = troubleOf(shot.trouble);
    return [`  ${name}`, ...indented(`${what} ${ENDS[ends].words}`, width, 6)];
  });
  const count = shots.filter(({ shot }) => shot.do === "kill").length;
  const blocks = [
    [`kills: ${String(count)} (* with the process group)`, ...kills],
    [`other runs: ${String(shots.length - count)}`, ...others],
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** How a run must end that this was done to. */
export function expectedEnd(shot: Shot): ExpectedEnd {
  if (shot.do === "kill") return { killed: true };
  if (shot.do === "nothing") return { exitCodes: [EXIT_CODES.pass], withinSeconds: null };
  const { ends, withinSeconds } = troubleOf(shot.trouble);
  return { exitCodes: ENDS[ends].exitCodes, withinSeconds };
}

const ENDS: Readonly<Record<TroubledEnd, { readonly exitCodes: readonly number[]; readonly words: string }>> = {
  "could-not-go-on": { exitCodes: [EXIT.setUpFailed], words: "It must say so, with exit code 69." },
  invalid: { exitCodes: [EXIT_CODES.invalid], words: "It must be judged invalid." },
  judged: { exitCodes: [EXIT_CODES.pass, EXIT_CODES.known], words: "It must be judged as any other." },
};
