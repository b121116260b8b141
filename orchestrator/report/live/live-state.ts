/** Where a run stands, for people who watch it. */
export type LivePhase =
  | "preparing"
  | "warming-up"
  | "steady"
  | "starting"
  | "shifting"
  | "rolling-back"
  | "promoted"
  | "rolled-back"
  | "changing"
  | "watching"
  | "disturbed"
  | "grace"
  | "settled"
  | "stopping"
  | "ended";

/**
 * What a run looks like at a moment. Times are ms of the runner's monotonic clock. What clients saw is as of the newest heartbeat, and "recent" is
 * what came in the 2 s before it. Nothing here is judged.
 */
export interface LiveState {
  readonly phase: LivePhase;
  /** E.g. `aggressive 25/2/50`; where no traffic is to move, the scenario's name. */
  readonly strategy: string;
  readonly loadStartMs: number | null;
  readonly triggerMs: number | null;
  /** What happened then, such as `the trigger`. */
  readonly triggered: string;
  /** Steady seconds in a row, and how many make the load steady. */
  readonly streak: number;
  readonly streakNeeded: number;
  /** Null before the first heartbeat. */
  readonly load: LiveLoad | null;
  /** RayClusters that serve, start or end: the old one first, then the new one, then any other. */
  readonly sides: readonly LiveSide[];
  readonly next: NextStep;
  /** `active capacity,active traffic|pending capacity,pending traffic`; empty before the status was seen. */
  readonly rollout: string;
  /** The newest fault; null before there was one. */
  readonly fault: LiveFault | null;
  /** What an application that is not plainly RUNNING says, while that matters; else empty. */
  readonly message: string;
}

export interface LiveFault {
  readonly text: string;
  readonly atMs: number;
  /** When it was undone; null while it lasts, and for one that is done at once. */
  readonly endedMs: number | null;
}

export interface LiveLoad {
  /** When the newest heartbeat came. */
  readonly newsMs: number;
  /** Recent answers a second; null while there is only one heartbeat. */
  readonly rate: number | null;
  /** Requests/s; null for the closed model. */
  readonly plannedRate: number | null;
  /** Of the answers of 5 s of the kinds that are quick by design, in ms within 1 %; null when there was none. */
  readonly p99: number | null;
  /** Of the times to the first token in 5 s, in ms within 1 %; null when there was none. */
  readonly firstTokenP99: number | null;
  /** Which kinds are quick by design, of those that are planned. */
  readonly quickKinds: "all" | "some" | "none";
  readonly answered: number;
  /** Failed and hanging requests since the load began, and in the last 10 s. */
  readonly failed: number;
  readonly failedLately: number;
  /** What the newest of them was, in a few words; empty when there was none. */
  readonly lastFailure: string;
  readonly dropped: number;
  readonly inFlight: number;
  /** How long the request had been in flight that is most beyond its kind's designed time; null when none was. */
  readonly oldestMs: number | null;
  /** Its kind, where there are several. */
  readonly oldestKind: string;
  /** Rows of the ledger that had to be given up. */
  readonly lost: number;
}

export interface LiveSide {
  readonly cluster: string;
  /** `active` before there is a change. */
  readonly role: "active" | "old" | "new" | "other";
  /** Of its recent answers, or its last ones. */
  readonly versions: readonly string[];
  /** From RayService.status, in percent; null where the status does not name the RayCluster. */
  readonly targetCapacity: number | null;
  readonly trafficRoutedPercent: number | null;
  /** Of its serve service in the HTTPRoute; null where the route does not name it. */
  readonly weight: number | null;
  /** Ready endpoints of its serve service. */
  readonly readyEndpoints: number;
  readonly pods: number;
  /** Its part of the recent answers, 0 to 1; null when there were none. */
  readonly share: number | null;
}

/**
 * What is expected next. Between `fromMs` and `untilMs` it is due, after that late; null: it takes as long as it takes, so no time is
 * promised.
 */
export interface NextStep {
  readonly what: string;
  readonly due: { readonly fromMs: number; readonly untilMs: number } | null;
}
