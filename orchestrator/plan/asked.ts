import type { ClientKind } from "./clients.ts";
import type { Config } from "./config.ts";
import type { Profile, Rate, ServeIngress, Target } from "./options.ts";
import type { OwnService } from "./own-service.ts";
import type { Scenario } from "./scenario.ts";
import type { Strategy } from "./strategy.ts";

/** What was asked on the command line; what is left out comes from the configuration. */
export interface Request {
  readonly strategy?: Strategy;
  /** Name of the scenario. */
  readonly scenario?: string;
  readonly rate?: Rate;
  readonly clients?: readonly ClientKind[];
  readonly parallelism?: number;
  /** Further k6 outputs, by name alone: what belongs to them may be secret. */
  readonly outK6?: readonly string[];
  readonly serveIngress?: ServeIngress;
  readonly profile?: Profile;
  readonly target?: Target;
}

/** What decides a plan. */
export interface Asked {
  readonly request: Request;
  readonly config: Config;
  /** The one that the request or else the configuration names. */
  readonly scenario: Scenario;
  /** An application of the user's; zerodrop's own when left out. */
  readonly own?: OwnService;
}
