/**
 * The course of a run on one time axis: what a report draws. Everything in it was recorded; nothing is judged here. Times are Unix ms by the
 * clock that stamped them (the k6 pod's for what clients saw, the runner's for the rest), rounded to whole ms.
 */
export interface Course {
  /** What the axis calls zero: the trigger, where nothing is changed the first fault or the begin of the watch, or where there was none the load's start, else the record's. */
  readonly zeroMs: number;
  readonly zero: "trigger" | "first-fault" | "watching" | "load-start" | "record-start";
  readonly fromMs: number;
  readonly untilMs: number;
  /** Stretches of the run in order, without gaps between them. */
  readonly phases: readonly PhaseStretch[];
  /** RayClusters in the order in which they appeared. */
  readonly clusters: readonly ClusterCourse[];
  readonly bins: Bins;
  /** Of all kinds of clients together. */
  readonly load: LoadColumns;
  /** By kind of client, each with the versions that `load` has; empty when there is only one. */
  readonly kinds: Readonly<Record<string, LoadColumns>>;
  readonly pressure: Pressure;
  readonly share: Share;
  readonly failures: FailureList;
  /** In the order of their times. */
  readonly flags: readonly Flag[];
  /** Flags beyond MOST_FLAGS that are not among them; never one with severity "warning" while a normal one is. */
  readonly flagsLeftOut: number;
}

/** A stretch of the run, by a name that people understand. */
export interface PhaseStretch {
  readonly name: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A value that holds from `atMs` until the next one; null: not known, or not there. */
export type Steps = readonly (readonly [atMs: number, value: number | null])[];

export interface ClusterCourse {
  readonly cluster: string;
  /** `old` served before T0, `new` is the last that was pending after it. */
  readonly role: "old" | "new" | "other";
  /** The version it was created for; null when not known. */
  readonly version: string | null;
  /**
   * From RayService.status, whichever side it was on; null where the status did not name the RayCluster. Percent. One that it names without a number
   * has 0: that is what the operator means by it, which writes none for a new pending side's first seconds.
   */
  readonly targetCapacity: Steps;
  readonly trafficRoutedPercent: Steps;
  /** From the HTTPRoute; percent. */
  readonly weight: Steps;
  /** Ready and not being deleted. */
  readonly readyPods: Steps;
  readonly pods: Steps;
  /** Ready endpoints of its serve service. */
  readonly readyEndpoints: Steps;
}

/**
 * Equal stretches of time, to which every column has one value each. What started so far before or after the record that 1,200 bins do not
 * reach it is counted in the first or the last one.
 */
export interface Bins {
  readonly fromMs: number;
  readonly widthMs: number;
  readonly count: number;
}

/**
 * One value for each bin; null where there is nothing to say. Counts are exact: 0 where nothing was counted while the load ran, null where nothing is
 * known, which is before the load and after it, behind the end of a ledger that was cut off, and between two heartbeats that are more than 2 s apart.
 */
export type Column = readonly (number | null)[];

/** What clients saw of the requests that STARTED in each bin. Counts are exact; latencies in ms, each within 1 %. */
export interface LoadColumns {
  /** By version. */
  readonly answered: Readonly<Record<string, Column>>;
  readonly failed: Column;
  readonly hanging: Column;
  /** Requests with an outcome, by how they reached the gateway. */
  readonly connections: { readonly new: Column; readonly reused: Column; readonly unknown: Column };
  /** Of answered requests; merged from histograms. */
  readonly latency: { readonly p50: Column; readonly p95: Column; readonly p99: Column; readonly max: Column };
  /**
   * Fewest and most answers in a second of the bin; equal to the count where a bin is one second. In wider bins, seconds before the load's first
   * request and after its last are left out.
   */
  readonly perSecond: { readonly least: Column; readonly most: Column };
}

/** Signs of a load that waits. */
export interface Pressure {
  /** Most requests in flight at a heartbeat of the bin. */
  readonly inFlight: Column;
  /** Longest time (ms) for which a request had been in flight at a heartbeat of the bin. */
  readonly oldestMs: Column;
  /** Iterations that could not be started. */
  readonly dropped: Column;
}

/** Share of answers, 0 to 1, with its exact 95 % interval (Clopper and Pearson), as if each request's side were drawn by chance. */
export interface Share {
  /** Requests that started in the bin and of which it is known which RayCluster answered, well or not: those share-matches-weight counts. */
  readonly n: Column;
  /** Of the RayCluster with role "new". */
  readonly ofNewCluster: Column;
  readonly low: Column;
  readonly high: Column;
  /**
   * Where RayClusters were given up under way, theirs and that of the one with role "old"; that one's where there was no new one. Empty otherwise, as
   * the old one has what the new one has not.
   */
  readonly ofOthers: readonly ShareOf[];
  /** Of the versions that were asked for. */
  readonly ofNewVersion: Column;
}

/** A RayCluster's share. */
export interface ShareOf {
  readonly cluster: string;
  readonly share: Column;
  readonly low: Column;
  readonly high: Column;
}

/**
 * Requests that failed or hung. Rows name texts by their index in `texts`, so that ten thousand of them stay small; beyond that number, a row
 * is of all that are alike and started in one bin, with the start of the first. `count` adds up to `failed` and `hanging` always.
 */
export interface FailureList {
  readonly failed: number;
  readonly hanging: number;
  readonly texts: readonly string[];
  readonly rows: FailureColumns;
}

/**
 * Columns of equal length, in the order of their starts: the values at one index are one row, which is one request or `count` that the
 * ledger keeps together. Columns instead of an object for each row: ten thousand rows take a third of the room.
 */
export interface FailureColumns {
  readonly startMs: readonly number[];
  readonly durationMs: readonly number[];
  readonly count: readonly number[];
  readonly outcome: readonly FailedOutcome[];
  /** HTTP status, 0 without an answer. */
  readonly status: readonly number[];
  readonly errorCode: readonly number[];
  readonly connection: readonly ConnectionUse[];
  /** Indices in `texts`. */
  readonly client: readonly number[];
  readonly message: readonly number[];
  readonly cluster: readonly number[];
  readonly version: readonly number[];
}

export type FailedOutcome = "failed" | "hanging";
export type ConnectionUse = "new" | "reused" | "unknown";

/** Something that happened at a moment. */
export interface Flag {
  readonly atMs: number;
  readonly source: "runner" | "condition" | "cluster" | "pod" | "event" | "watch";
  readonly severity: "normal" | "warning";
  /** A few words; what it is about is named in it. */
  readonly title: string;
  /** A sentence or two in the source's own words; may be empty. */
  readonly detail: string;
  /** When it was undone, of what lasts: a fault, a time in which something is suspended. */
  readonly untilMs?: number;
  /** Something that was done under way, by intent or not, on which everything else may hang: marked in every chart. */
  readonly deed?: "fault" | "change";
}
