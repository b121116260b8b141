import type { PhaseName } from "./phases.ts";

/** How a run that is in trouble must end: it could not go on, its evidence is too weak, or it is judged as if nothing had been. */
export type TroubledEnd = "could-not-go-on" | "invalid" | "judged";

/** What happens to a run from outside while it lives. */
interface Trouble {
  readonly name: string;
  /** For people, a sentence. */
  readonly what: string;
  /** When: so many seconds after the phase began. */
  readonly phase: PhaseName;
  readonly seconds: number;
  readonly ends: TroubledEnd;
  /** By when it must have ended: its own deadlines, which run one after another, and what it takes to see that they have passed. */
  readonly withinSeconds: number;
}

export const TROUBLES = [
  {
    name: "api-server-gone-in-set-up",
    what: "The API server ends while the application is staged and does not come back; the next run finds a node that is not whole.",
    phase: "staging",
    seconds: 18,
    ends: "could-not-go-on",
    withinSeconds: 200,
  },
  {
    name: "api-server-gone-while-collecting",
    what: "The API server ends when the load has ended, and comes back when the run is over.",
    phase: "collecting",
    seconds: 0,
    ends: "could-not-go-on",
    withinSeconds: 200,
  },
  {
    name: "disk-full",
    what: "The file system that the recording lies on, a tmpfs of its own, is filled to the last byte.",
    phase: "warm-up",
    seconds: 3,
    ends: "could-not-go-on",
    withinSeconds: 200,
  },
  {
    name: "k6-pod-evicted",
    what: "The load's pod is evicted by the Eviction API, as when its node is drained.",
    phase: "new-side",
    seconds: 3,
    ends: "invalid",
    withinSeconds: 300,
  },
  {
    name: "kubeconfig-invalid",
    what: "The kubeconfig becomes a file that is none. The runner has read it before and goes on; the next run reads it again.",
    phase: "warm-up",
    seconds: 1,
    ends: "judged",
    withinSeconds: 420,
  },
] as const satisfies readonly Trouble[];
export type TroubleName = (typeof TROUBLES)[number]["name"];

/** The trouble of that name. */
export function troubleOf(name: TroubleName): Trouble & { readonly name: TroubleName } {
  const found = TROUBLES.find((trouble) => trouble.name === name);
  if (found === undefined) throw new Error(`There is no trouble ${name}.`);
  return found;
}
