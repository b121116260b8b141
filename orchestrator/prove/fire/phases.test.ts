import assert from "node:assert/strict";
import { test } from "node:test";
import type { Observation } from "../../history/observation.ts";
import { isAtLeast, PHASES, phaseAfter, type PhaseName, type Seen } from "./phases.ts";

const at = { wallMs: 0, monoMs: 0 };
const action = (name: Extract<Observation, { type: "action" }>["action"]): Seen => ({
  recorded: { type: "action", ...at, action: name, facts: {} },
});
const said = (line: string): Seen => ({ said: line });
/** A RayService with this share of the traffic on its pending side; null for none. */
const rayService = (pendingTraffic: number | null): Seen => ({
  recorded: {
    type: "object",
    ...at,
    kind: "RayService",
    event: "modified",
    name: "s",
    uid: "u",
    resourceVersion: "1",
    object: {
      metadata: {},
      status: {
        activeServiceStatus: { rayClusterName: "a", targetCapacity: 100, trafficRoutedPercent: 100 },
        ...(pendingTraffic === null
          ? {}
          : {
              pendingServiceStatus: { rayClusterName: "b", targetCapacity: 50, trafficRoutedPercent: pendingTraffic },
            }),
      },
    },
  },
});

const phasesOf = (seen: readonly Seen[]): PhaseName[] => {
  let now: PhaseName = "start-up";
  return seen.map((one) => (now = phaseAfter(now, one)));
};

test("a run after one that was killed goes through every phase, by what it says and records (defect: a phase that nothing begins)", () => {
  const seen = [
    said("[   0.3 s] Waiting for the lease of a killed run to expire: The cluster is in use."),
    said("[  28.1 s] application: started"),
    action("record-start"),
    action("load-start"),
    action("trigger"),
    rayService(25),
    rayService(null),
    action("stop-load"),
    action("load-ended"),
    action("record-end"),
    said("[ 140.0 s] Removing the application; the cluster stays up for the next run."),
  ];
  assert.deepEqual(phasesOf(seen), PHASES.map(({ name }) => name).slice(1));
});

test("traffic begins with the first share of the new side, not with its cluster; what is active alone before is no promotion", () => {
  assert.deepEqual(phasesOf([action("trigger"), rayService(null), rayService(0), rayService(5), rayService(100)]), [
    "new-side",
    "new-side",
    "new-side",
    "traffic",
    "traffic",
  ]);
});

test("a run never goes back (defect: a line of the progress that is read late)", () => {
  const seen = [action("record-end"), said("[ 28.1 s] application: started"), action("load-start"), rayService(50)];
  assert.deepEqual(phasesOf(seen), ["judging", "judging", "judging", "judging"]);
});

test("other lines begin nothing", () => {
  const lines = ["[   1.0 s] application: Ready at http://x (2.0 s)", "[   1.0 s] load: Removing the application", ""];
  assert.deepEqual(phasesOf([...lines.map(said), action("warm-up-steady")]), [
    ...["start-up", "start-up", "start-up", "start-up"],
  ]);
});

test("phases have their order", () => {
  assert.ok(isAtLeast("removal", "start-up") && isAtLeast("traffic", "traffic") && !isAtLeast("lease", "staging"));
});
