import { monotoneCheck } from "./monotone.ts";

/** Pending capacity never goes down, active capacity never goes up, between T0 and C; the reverse once a rollback was taken up. */
export const capacityMonotone = monotoneCheck("capacity-monotone", "capacity", ({ state }, side) =>
  side === "pending" ? state.pendingCapacity : state.activeCapacity,
);
