import { needsNode } from "../change/faults/fault.ts";
import type { Config } from "../plan/config.ts";
import { SetUpError, UsageError } from "../plan/errors.ts";
import { splitModelOf } from "../plan/gateways.ts";
import { APPLICATION_NAMESPACE, type ForeignCluster } from "../plan/make-plan.ts";
import type { Step } from "../plan/steps.ts";
import { isOurs } from "../stage/labels.ts";
import { chosenClass, chosenOperator, requirementsOf } from "../target/context/requirements.ts";
import { surveyCluster } from "../target/context/survey.ts";
import { contextKube } from "./context-kube.ts";
import { typed } from "./started.ts";

/**
 * What a plan has of somebody else's cluster. Looks only.
 *
 * @throws SetUpError, one sentence with the remedy, for the first thing that a run needs and the cluster has not.
 */
export async function foreignCluster(
  context: string,
  config: Pick<Config, "gatewayClass" | "images">,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ForeignCluster> {
  const kube = await contextKube(context, env);
  const survey = await surveyCluster(kube, { namespace: APPLICATION_NAMESPACE, isOurs });
  const { gatewayClass } = config;
  const wanted = { namespace: APPLICATION_NAMESPACE, gatewayClass, loadImage: config.images["k6"] };
  const lacking = requirementsOf(survey, wanted).find(({ state }) => state !== "met");
  const chosen = chosenClass(survey, gatewayClass);
  if (lacking !== undefined || chosen === undefined) {
    const { name, found, remedy } = lacking ?? { name: "GatewayClass", found: "none", remedy: "name one" };
    throw new SetUpError(
      `The cluster of context "${context}" cannot be run on yet. ${name}: ${found}; ${remedy}. All of it: ${typed(`doctor --context ${context}`)}`,
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
