import { accessText } from "./role.ts";
import type { GatewayClass, Operator, Survey, Told } from "./survey.ts";

/** One thing that a run needs of a cluster. */
export interface Requirement {
  readonly name: string;
  /** `unknown`: it could not be found out, and a run may fail for it. */
  readonly state: "met" | "unmet" | "unknown";
  /** What there is, in words. */
  readonly found: string;
  /** What to do about it; empty where it is met. */
  readonly remedy: string;
}

/** What is asked for beside what every run needs. */
export interface Wanted {
  /** The application's namespace. */
  readonly namespace: string;
  /** Name of the GatewayClass; undefined for the only one. */
  readonly gatewayClass: string | undefined;
  /** Image of k6 with zerodrop's ledger; undefined where none is named. */
  readonly loadImage: string | undefined;
}

/** The least KubeRay that upgrades incrementally with what a run counts on. */
const LEAST_KUBERAY = "1.5.1";

/** Everything that a run needs, in the order in which to mend it. */
export function requirementsOf(survey: Survey, wanted: Wanted): Requirement[] {
  return [
    apiServer(survey),
    rights(survey),
    rayService(survey),
    ...operator(survey),
    gatewayApi(survey),
    gatewayClass(survey, wanted),
    namespace(survey, wanted),
    loadImage(wanted),
    room(survey),
  ];
}

/** The GatewayClass of a run: the one that is asked for, or the only one that is accepted. Undefined where that is none. */
export function chosenClass(survey: Survey, asked: string | undefined): GatewayClass | undefined {
  if (!survey.gatewayClasses.known) return undefined;
  const accepted = survey.gatewayClasses.value.filter((one) => one.accepted);
  if (asked !== undefined) return accepted.find(({ name }) => name === asked);
  return accepted.length === 1 ? accepted[0] : undefined;
}

/** The one operator that works; undefined where there is none, or more than one. */
export function chosenOperator(survey: Survey): Operator | undefined {
  if (!survey.operators.known) return undefined;
  const working = survey.operators.value.filter(({ available }) => available > 0);
  return working.length === 1 ? working[0] : undefined;
}

const met = (name: string, found: string): Requirement => ({ name, state: "met", found, remedy: "" });
const unmet = (name: string, found: string, remedy: string): Requirement => ({ name, state: "unmet", found, remedy });
const unknown = (name: string, { why }: Extract<Told<unknown>, { known: false }>): Requirement => ({
  name,
  state: "unknown",
  found: why,
  remedy: "give the runner the rights in manifests/rbac/runner.yaml",
});

function apiServer({ server, kubernetes }: Survey): Requirement {
  const name = "API server";
  return kubernetes.known ? met(name, `Kubernetes ${kubernetes.value} at ${server}`) : unknown(name, kubernetes);
}

function rights({ lacking }: Survey): Requirement {
  const name = "rights";
  if (!lacking.known) return unknown(name, lacking);
  if (lacking.value.length === 0) return met(name, "all that a run does");
  return unmet(
    name,
    `may not ${accessText(lacking.value).join("; ")}`,
    "bind the ClusterRole in manifests/rbac/runner.yaml to whoever runs this",
  );
}

function rayService({ rayService: crd }: Survey): Requirement {
  const name = "RayService";
  if (!crd.known) return unknown(name, crd);
  const remedy = `install KubeRay ${LEAST_KUBERAY} or later with its CustomResourceDefinitions`;
  if (crd.value === null) return unmet(name, "no CustomResourceDefinition", remedy);
  const { served, upgradesIncrementally } = crd.value;
  if (!served.includes("v1")) return unmet(name, `served as ${served.join(", ")}, not as v1`, remedy);
  return upgradesIncrementally
    ? met(name, "v1, with incremental upgrades")
    : unmet(name, "v1, without spec.upgradeStrategy.clusterUpgradeOptions", remedy);
}

function operator(survey: Survey): Requirement[] {
  const [name, gate] = ["KubeRay operator", "feature gate"];
  const { operators } = survey;
  if (!operators.known) return [unknown(name, operators)];
  const one = chosenOperator(survey);
  if (one === undefined) {
    const told = operators.value.map(({ deployment, available }) => `${deployment} with ${String(available)} pods`);
    return [
      operators.value.length === 0
        ? unmet(name, "none", `install KubeRay ${LEAST_KUBERAY} or later`)
        : unmet(name, told.join(", "), "exactly one operator must be available"),
    ];
  }
  const found = `${one.version ?? "of an unknown version"} (${one.deployment}, ${one.image})`;
  const remedy = "start the operator with --feature-gates=RayServiceIncrementalUpgrade=true";
  return [
    met(name, found),
    one.gate === true
      ? met(gate, "RayServiceIncrementalUpgrade=true")
      : one.gate === false
        ? unmet(gate, "RayServiceIncrementalUpgrade=false", remedy)
        : unmet(
            gate,
            "the operator's arguments do not name RayServiceIncrementalUpgrade, which is off by default",
            remedy,
          ),
  ];
}

function gatewayApi({ httpRoute }: Survey): Requirement {
  const name = "Gateway API";
  if (!httpRoute.known) return unknown(name, httpRoute);
  const remedy = "install the CustomResourceDefinitions of Gateway API with HTTPRoute v1";
  if (httpRoute.value === null) return unmet(name, "no CustomResourceDefinition of HTTPRoutes", remedy);
  const { served, bundle } = httpRoute.value;
  const release = bundle === null ? "" : `, release ${bundle}`;
  return served.includes("v1") ? met(name, `v1${release}`) : unmet(name, `${served.join(", ")}${release}`, remedy);
}

function gatewayClass(survey: Survey, { gatewayClass: asked }: Wanted): Requirement {
  const name = "GatewayClass";
  const { gatewayClasses } = survey;
  if (!gatewayClasses.known) return unknown(name, gatewayClasses);
  const all = gatewayClasses.value.map(
    (one) => `${one.name} (${one.controller}${one.accepted ? "" : ", not accepted"})`,
  );
  const chosen = chosenClass(survey, asked);
  if (chosen !== undefined) return met(name, `${chosen.name} (${chosen.controller})`);
  if (all.length === 0) return unmet(name, "none", "install a Gateway API implementation and its GatewayClass");
  return asked === undefined
    ? unmet(name, all.join(", "), "name the one to use with gatewayClass in the configuration")
    : unmet(name, all.join(", "), `gatewayClass must name one that is accepted; it is "${asked}"`);
}

function namespace({ namespace: owner }: Survey, { namespace: wanted }: Wanted): Requirement {
  const name = "namespace";
  if (!owner.known) return unknown(name, owner);
  if (owner.value === "free") return met(name, `${wanted} is free`);
  return owner.value === "ours"
    ? met(name, `${wanted} is left by a run, and the next one removes it`)
    : unmet(
        name,
        `${wanted} is somebody else's`,
        "remove it, or let whoever has it give it up: a run fills and removes it",
      );
}

function loadImage({ loadImage: image }: Wanted): Requirement {
  const name = "image of the load";
  return image === undefined
    ? unmet(name, "none", "build it and push it where the cluster's nodes can pull it from, and name it with images.k6")
    : met(name, image);
}

function room({ room: found, quotas }: Survey): Requirement {
  const name = "room";
  if (!found.known) return unknown(name, found);
  const { nodes, cpus, memoryGiB } = found.value;
  const limited = quotas.known && quotas.value.length > 0 ? `; quotas: ${quotas.value.join(", ")}` : "";
  return met(
    name,
    `${String(nodes)} nodes with ${cpus.toFixed(1)} CPUs and ${memoryGiB.toFixed(1)} GiB for pods${limited}`,
  );
}
