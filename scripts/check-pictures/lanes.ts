/** What a picture is made of. Times are seconds since the change was made. */

export type Tone = "old" | "new" | "plain" | "bad";
export type Span = readonly [from: number, until: number];
/** A value that holds from its second on; null: none. */
export type Point = readonly [second: number, value: number | null];

/** Values over time. */
export interface ValuesLane {
  readonly kind: "values";
  readonly title: string;
  readonly unit: string;
  readonly most: number;
  readonly lines: readonly {
    readonly label: string;
    readonly tone: Tone;
    readonly points: readonly Point[];
    /** Drawn broken: what it should have been. */
    readonly expected?: true;
  }[];
  /** What a value may not pass, or should have. */
  readonly bound?: { readonly label: string; readonly value: number };
}

/** Things that last, and things that happen, a row each. */
export interface RowsLane {
  readonly kind: "rows";
  readonly title: string;
  readonly rows: readonly {
    readonly label: string;
    readonly tone: Tone;
    readonly spans?: readonly Span[];
    readonly dots?: readonly number[];
  }[];
}

export type Lane = ValuesLane | RowsLane;

/** A history that a check does not pass, as it is drawn. */
export interface Picture {
  /** The finding's verdict and sentence, as a run's summary has them. */
  readonly verdict: "fail" | "invalid";
  readonly message: string;
  readonly from: number;
  readonly until: number;
  readonly moments: readonly { readonly label: string; readonly second: number }[];
  readonly lanes: readonly Lane[];
  /** Where it broke. */
  readonly broke: readonly Span[];
}
