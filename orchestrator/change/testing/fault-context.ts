import type { Kube } from "../../kube/kube.ts";
import { ENVOY_GATEWAY } from "../../plan/gateways.ts";
import type { FaultContext } from "../faults/fault.ts";
import { ManualClock } from "./manual-clock.ts";

/** For tests only: what a fault is begun with, on a clock that passes at once and without a node. */
export function faultContext(kube: Kube, parts: Partial<FaultContext> = {}): FaultContext & { clock: ManualClock } {
  const application = { namespace: "ns", name: "s" };
  const signal = AbortSignal.timeout(20_000);
  return {
    kube,
    application,
    gatewayController: ENVOY_GATEWAY,
    signal,
    node: undefined,
    ...parts,
    clock: new ManualClock(),
  };
}
