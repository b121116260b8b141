import type { Profile, ServeIngress, Target } from "./options.ts";

/**
 * Arrival rate of the open model when none is asked for, in requests/s.
 * Kept where the default chain on two cores drops no iteration through a whole upgrade, on a day when those cores are slow too: at 400
 * they are three quarters busy before the change, and a starting Ray cluster then takes the target's turn for seconds.
 */
export const DEFAULT_RATE = 200;
/** The strategy when neither the command line, the configuration nor the scenario says one: more than one step, and over in minutes. */
export const DEFAULT_STRATEGY = "aggressive";
/** The scenario when none is asked for. */
export const DEFAULT_SCENARIO = "upgrade";
export const DEFAULT_TARGET: Target = "embedded";
export const DEFAULT_PROFILE: Profile = "small";
/** Ray Serve's data plane where nobody says one. */
export const DEFAULT_SERVE_INGRESS: ServeIngress = "haproxy";
/** k6 pods. */
export const DEFAULT_PARALLELISM = 1;
export const DEFAULT_REQUEST_TIMEOUT_SECONDS = 10;
/** Longer than the longest answer by design, so that the time after the change has some of every kind of client. */
export const DEFAULT_GRACE_SECONDS = 10;
/** What every deadline is multiplied with. */
export const DEFAULT_DEADLINE_FACTOR = 1;
