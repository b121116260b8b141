import type { Observation } from "../history/observation.ts";

type WithoutStamps<T> = T extends unknown ? Omit<T, "wallMs" | "monoMs"> : never;

/** An observation before it is stamped with the time of its receipt. */
export type Unstamped = WithoutStamps<Observation>;

/** Takes observations in order and stamps them. Must not throw. */
export type Sink = (observation: Unstamped) => void;
