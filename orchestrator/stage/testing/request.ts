import { ENVOY_GATEWAY } from "../../plan/gateways.ts";
import type { ApplicationRequest } from "../manifests.ts";

/** For tests only: an application as a run may ask for it. */
export const APPLICATION_REQUEST: ApplicationRequest = {
  runId: "run-1",
  namespace: "ns",
  name: "app",
  version: "v1",
  image: "ray",
  rayVersion: "2.60.0",
  strategy: { stepSizePercent: 100, intervalSeconds: 1, maxSurgePercent: 100 },
  profile: "small",
  serveIngress: "proxy",
  gatewayClassName: "zerodrop",
  gatewayController: ENVOY_GATEWAY,
};
