import { needsNode } from "../change/faults/fault.ts";
import type { Config } from "../plan/config.ts";
import { SetUpError, UsageError } from "../plan/errors.ts";
import { splitModelOf } from "../plan/gateways.ts";
import { APPLICATION_NAMESPACE, type ForeignCluster } from "../plan/make-plan.ts";
import type { Step } from "../plan/steps.ts";
import { isOurs } from "../stage/labels.ts";
import { isInstallable } from "../target/platform/lacking.ts";
import { chosenClass, chosenOperator, requirementsOf, type Wanted } from "../target/context/requirements.ts";
import { surveyCluster, type Survey } from "../target/context/survey.ts";
import type { Kube } from "../kube/kube.ts";
import { typed } from "./started.ts";

/** What is there of what a run needs. Looks only. */
export function surveyFor(kube: Kube): Promise<Survey> {
  return surveyCluster(kube, { namespace: APPLICATION_NAMESPACE, isOurs });
}

/** What a run by this configuration wants of a cluster. */
export function wantedBy({ gatewayClass, images }: Pick<Config, "gatewayClass" | "images">): Wanted {
  return { namespace: APPLICATION_NAMESPACE, gatewayClass, loadImage: images["k6"] };
}

/**
 * What a plan has of a cluster on which this was found.
 *
 * @throws SetUpError, one sentence with the remedy, for the first thing that a run needs and the cluster has not.
 */
export function foreignCluster(
  context: string,
  survey: Survey,
  config: Pick<Config, "gatewayClass" | "images">,
): ForeignCluster {
  const { gatewayClass } = config;
  const lacking = requirementsOf(survey, wantedBy(config)).find(({ state }) => state !== "met");
  const chosen = chosenClass(survey, gatewayClass);
  if (lacking !== undefined || chosen === undefined) {
    const { name, found, remedy } = lacking ?? { name: "GatewayClass", found: "none", remedy: "name one" };
    // What is there is never replaced.
    const isAbsent = found === "none" || found.startsWith("no CustomResourceDefinition");
    const installs = isAbsent && isInstallable(name) ? ", or let --install-platform do so" : "";
    throw new SetUpError(
      `The cluster of context "${context}" cannot be run on yet. ${name}: ${found}; ${remedy}${installs}. All of it: ${typed(`doctor --context ${context}`)}`,
    );
  }
  const kubernetes = survey.kubernetes.known ? survey.kubernetes.value.replace(/^v/, "") : undefined;
  const kuberay = chosenOperator(survey)?.version ?? undefined;
  return {
    context,
    gateway: { className: chosen.name, controller: chosen.controller, splitModel: splitModelOf(chosen.controller) },
    versions: { ...(kubernetes !== undefined && { kubernetes }), ...(kuberay !== undefined && { kuberay }) },
  };
}

/** @throws UsageError for a scenario with a step that can only be taken on the embedded cluster. */
export function refuseNodeSteps(scenario: string, steps: readonly Step[]): void {
  const step = steps.find((one) => one.do === "operator" || (one.do === "fault" && needsNode(one.fault)));
  if (step === undefined) return;
  const what =
    step.do === "fault" ? `fault ${step.fault.kind}, which is made on a node` : "change of the operator's version";
  throw new UsageError(
    `--scenario must be one that can be run on somebody else's cluster; received ${scenario}, with a ${what}.`,
  );
}
