import { SetUpError, UsageError } from "../../plan/errors.ts";
import { DEFAULT_GATEWAY_CLASS, ENVOY_GATEWAY } from "../../plan/gateways.ts";
import { versions } from "../../../scripts/artefacts/versions.ts";
import { requirementsOf, type Wanted } from "../context/requirements.ts";
import type { Survey } from "../context/survey.ts";
import { OFFICIAL_IMAGES } from "./images.ts";
import { PLATFORM_PARTS, type PlatformPart } from "./labels.ts";

/** Which part brings what doctor asks for, by the line's name. */
const BRINGS: Readonly<Record<string, PlatformPart>> = {
  RayService: "kuberay",
  "KubeRay operator": "kuberay",
  "feature gate": "kuberay",
  "Gateway API": "gateway-api",
  GatewayClass: "envoy-gateway",
};

/** Whether the installer brings what doctor asks for in the line of that name. */
export function isInstallable(requirement: string): boolean {
  return BRINGS[requirement] !== undefined;
}

/**
 * Parts of the platform that a cluster lacks, by what doctor finds there. Nothing lacking, nothing named: what fulfils a requirement is left alone
 * whatever its version.
 *
 * @throws SetUpError where one of them could not be looked at.
 * @throws UsageError for a GatewayClass that the installer does not bring.
 */
export function lackingParts(survey: Survey, wanted: Wanted): PlatformPart[] {
  const relevant = requirementsOf(survey, wanted).filter(({ name }) => BRINGS[name] !== undefined);
  const hidden = relevant.find(({ state }) => state === "unknown");
  if (hidden !== undefined) {
    throw new SetUpError(
      `The platform cannot be installed where it is not known what is there (${hidden.name}: ${hidden.found}); ${hidden.remedy}.`,
    );
  }
  const parts = relevant.flatMap(({ name, state }) => (state === "unmet" ? (BRINGS[name] ?? []) : []));
  const lacking = PLATFORM_PARTS.filter(
    (part) => parts.includes(part) && !(part === "envoy-gateway" && hasChoice(survey, wanted)),
  );
  if (lacking.includes("envoy-gateway")) requireInstallable(wanted.gatewayClass);
  return lacking;
}

/** Of several classes that are accepted the user has to name one; another one would not help. */
function hasChoice({ gatewayClasses }: Survey, { gatewayClass }: Wanted): boolean {
  return gatewayClass === undefined && gatewayClasses.known && gatewayClasses.value.some(({ accepted }) => accepted);
}

/** @throws UsageError for a GatewayClass that the installer does not bring. */
export function requireInstallable(gatewayClass: string | undefined): void {
  if (gatewayClass === undefined || gatewayClass === DEFAULT_GATEWAY_CLASS) return;
  throw new UsageError(
    `gatewayClass must be ${DEFAULT_GATEWAY_CLASS}, which is the one that is installed, or one that the cluster has; received "${gatewayClass}".`,
  );
}

/** What will be found on a cluster that these parts have been installed on. */
export function surveyAfter(survey: Survey, parts: readonly PlatformPart[]): Survey {
  const installed = (part: PlatformPart): boolean => parts.includes(part);
  const { gatewayClasses } = survey;
  const others = gatewayClasses.known ? gatewayClasses.value.filter(({ name }) => name !== DEFAULT_GATEWAY_CLASS) : [];
  return {
    ...survey,
    ...(installed("gateway-api") && {
      httpRoute: { known: true, value: { served: ["v1"], bundle: null, upgradesIncrementally: false } },
    }),
    ...(installed("envoy-gateway") && {
      gatewayClasses: {
        known: true,
        value: [...others, { name: DEFAULT_GATEWAY_CLASS, controller: ENVOY_GATEWAY, accepted: true }],
      },
    }),
    ...(installed("kuberay") && {
      rayService: { known: true, value: { served: ["v1"], bundle: null, upgradesIncrementally: true } },
      operators: {
        known: true,
        value: [
          {
            deployment: "kuberay-system/kuberay-operator",
            image: OFFICIAL_IMAGES.kuberay,
            version: versions.kuberay,
            gate: true,
            available: 1,
          },
        ],
      },
    }),
  };
}
