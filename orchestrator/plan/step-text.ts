import { faultText } from "./faults.ts";
import type { Step, When } from "./steps.ts";

/** A step's time in words, to be followed by "was awaited". */
export function whenText(when: When): string {
  if ("traffic" in when) return `${when.traffic[0]} to ${when.traffic[1]} % of the traffic to move`;
  if ("seconds" in when) return `${when.seconds} s to pass`;
  if ("gone" in when) return "The pod that the fault took away to be gone";
  const pending = {
    named: "A pending RayCluster",
    created: "A pod of the pending RayCluster",
    stuck: "The pending RayCluster to be stuck",
  };
  return pending[when.pending];
}

/** The moment that a step waits for, as a half-sentence before what it does. */
function momentText(when: When): string {
  if ("traffic" in when) {
    const [from, to] = when.traffic;
    return from === to ? `at ${from} % of the traffic moved` : `at ${from} to ${to} % of the traffic moved`;
  }
  if ("seconds" in when) return `${when.seconds} s later`;
  if ("gone" in when) return "when the pod that was taken away is gone";
  const pending = { named: "is named", created: "has a pod", stuck: "is stuck" };
  return `when the pending RayCluster ${pending[when.pending]}`;
}

function deedText(step: Step, isFirst: boolean): string {
  switch (step.do) {
    case "upgrade": {
      const how =
        step.importPath === undefined && step.patch === undefined ? "" : ", with what the scenario changes of it";
      return `${isFirst ? "the spec gets the version after" : "the spec gets the version after again"}${how}`;
    }
    case "third":
      return "the spec gets a third version";
    case "rollback":
      return "the spec is taken back to what it was";
    case "in-place":
      return "the serve config alone gets the version after";
    case "suspend":
      return `the ${step.of} is suspended`;
    case "resume":
      return `the ${step.of} is resumed`;
    case "fault":
      return faultText(step.fault);
    case "operator":
      return `the operator becomes one of KubeRay ${step.version}${step.takenOver === false ? ", which is not given the time to look at the RayService" : ""}`;
  }
}

/** What a scenario's steps are, a line each: `at 30 to 70 % of the traffic moved: the spec is taken back to what it was`. */
export function stepTexts(steps: readonly Step[]): string[] {
  return steps.map((step, index) => {
    const isFirst = steps.findIndex((other) => other.do === step.do) === index;
    const deed = deedText(step, isFirst);
    return step.when === undefined ? deed : `${momentText(step.when)}: ${deed}`;
  });
}
