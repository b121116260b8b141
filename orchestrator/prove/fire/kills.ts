import { PHASES, type PhaseName } from "./phases.ts";

/** A moment at which the runner is ended by SIGKILL. */
export interface Kill {
  readonly do: "kill";
  readonly phase: PhaseName;
  /** Since the phase began. */
  readonly seconds: number;
  /** With every process of its group, as when a session is ended; else alone, as when the kernel is out of memory. */
  readonly group: boolean;
}

/**
 * Moments for `count` kills, in the order in which they are made: each phase has its share, as many as the others and the longest ones one more, each phase's length is cut
 * into as many equal parts as it has kills, and each moment is drawn from its part. The same seed (any whole number) draws the same moments.
 */
export function killsBy(seed: number, count: number): Kill[] {
  const draw = drawnFrom(seed);
  const longest = [...PHASES].sort((a, b) => b.seconds - a.seconds).slice(0, count % PHASES.length);
  const kills = PHASES.flatMap((phase): Kill[] => {
    const share = Math.floor(count / PHASES.length) + (longest.includes(phase) ? 1 : 0);
    return Array.from({ length: share }, (_, part) => ({
      do: "kill",
      phase: phase.name,
      seconds: Math.round((phase.seconds * (part + draw()) * 1000) / share) / 1000,
      group: draw() < 0.5,
    }));
  });
  // Every order is as likely: what a run finds is left by one that was killed in whatever phase.
  return kills
    .map((kill) => ({ kill, at: draw() }))
    .sort((a, b) => a.at - b.at)
    .map(({ kill }) => kill);
}

const MODULUS = 2 ** 31 - 1;

/** Numbers from 0 up to 1 by Lehmer's generator, multiplier 48271 (Park and Miller's minimal standard, revised). */
function drawnFrom(seed: number): () => number {
  let state = (((Math.trunc(seed) % (MODULUS - 1)) + MODULUS - 1) % (MODULUS - 1)) + 1;
  const draw = (): number => {
    state = (state * 48_271) % MODULUS;
    return (state - 1) / (MODULUS - 1);
  };
  // Seeds that lie close together begin with numbers that do, too.
  for (let skipped = 0; skipped < 8; skipped += 1) draw();
  return draw;
}
