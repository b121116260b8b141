import { z } from "zod";
import { NodeCpu } from "../history/node-cpu.ts";
import type { Observation } from "../history/observation.ts";
import type { Plan } from "../plan/plan.ts";
import type { RunResult } from "./run-result.ts";

const images = z.array(z.string()).catch([]);
const NO_PLATFORM = { operator: [], gateway: [], dataPlane: [] };

/** What the judge reads of the measured environment; a fact that could not be measured is left out, never an error. */
const factsSchema = z.object({
  kubernetes: z.string().optional().catch(undefined),
  platform: z.object({ operator: images, gateway: images, dataPlane: images }).catch(NO_PLATFORM),
  ray: z.object({ rayVersion: z.string().optional() }).catch({}),
  nodes: z.array(z.object({ cpus: z.coerce.number() })).catch([]),
});

/** Gathers what was measured of the environment; later facts replace earlier ones of the same name. */
export class EnvironmentTally {
  readonly #facts: Record<string, unknown> = {};
  readonly #cpu = new NodeCpu();

  observe(line: Observation): void {
    if (line.type === "environment") Object.assign(this.#facts, line.facts);
    this.#cpu.observe(line);
  }

  figures(plan: Plan): RunResult["environment"] {
    const facts = factsSchema.parse(this.#facts);
    const found = {
      kubernetes: versionIn(facts.kubernetes),
      kuberay: versionOf(facts.platform.operator, /operator/),
      envoyGateway: versionOf(facts.platform.gateway, /gateway/),
      contour: versionOf(facts.platform.gateway, /\/contour:/),
      // The data plane's pods also run a helper from the gateway's own image.
      envoy: versionOf(facts.platform.dataPlane, /envoy(?!-?gateway|proxy\/gateway)/),
      ray: versionIn(facts.ray.rayVersion),
    };
    const versions = Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const cpus = facts.nodes.reduce((sum, node) => sum + node.cpus, 0);
    return {
      target: plan.target,
      profile: plan.profile,
      serveIngress: plan.serveIngress,
      versions: { ...plan.versions, ...Object.fromEntries(versions) },
      cpus: cpus > 0 ? cpus : null,
      ...cpuUse(this.#cpu),
      measured: { ...this.#facts },
    };
  }
}

function cpuUse(cpu: NodeCpu): Pick<RunResult["environment"], "cpuUse"> {
  const use = cpu.use();
  if (use === null) return {};
  const { wallMs, ...worst } = use.worst;
  return { cpuUse: { ...use, worst: { ...worst, at: new Date(wallMs).toISOString() } } };
}

/** The version of the first of these images whose reference matches, from its tag. */
function versionOf(references: readonly string[], pattern: RegExp): string | undefined {
  const reference = references.find((one) => pattern.test(one));
  return versionIn(reference?.split("@")[0]?.split(":").at(-1));
}

function versionIn(text: string | undefined): string | undefined {
  const version = text === undefined ? undefined : /\d+\.\d+\.\d+/.exec(text)?.[0];
  // What a program says that was built without its version.
  return version === "0.0.0" ? undefined : version;
}
