/** A moment by both of the runner's clocks: order and distances come from monoMs, wallMs relates it to other clocks. */
export interface Instant {
  readonly wallMs: number;
  readonly monoMs: number;
}

export function instantOf({ wallMs, monoMs }: Instant): Instant {
  return { wallMs, monoMs };
}
