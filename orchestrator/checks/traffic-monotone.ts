import { monotoneCheck } from "./monotone.ts";

/** Pending traffic never goes down, active traffic never goes up, between T0 and C; the reverse once a rollback was taken up. */
export const trafficMonotone = monotoneCheck("traffic-monotone", "traffic", ({ state }, side) =>
  side === "pending" ? state.pendingTraffic : state.activeTraffic,
);
