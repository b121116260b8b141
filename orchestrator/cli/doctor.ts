import { APPLICATION_NAMESPACE } from "../plan/make-plan.ts";
import { connect } from "../kube/connect.ts";
import type { Kube } from "../kube/kube.ts";
import { UsageError } from "../plan/errors.ts";
import { isOurs } from "../stage/labels.ts";
import { requirementsOf, type Requirement } from "../target/context/requirements.ts";
import { surveyCluster } from "../target/context/survey.ts";
import { status } from "../target/embedded/embedded.ts";
import { layoutOf } from "../target/embedded/layout.ts";
import type { DoctorCommand } from "./args.ts";
import { readConfig } from "./config-file.ts";
import { contextKube } from "./context-kube.ts";
import { EXIT } from "./exit.ts";
import { typed, type Places } from "./started.ts";
import { embeddedWants } from "./embedded-request.ts";

const MARKS: Readonly<Record<Requirement["state"], string>> = { met: "✓", unmet: "✗", unknown: "?" };

/** `npm run doctor`: everything a run needs of a cluster, with the remedy for what is not there. Resolves to the exit code. */
export async function runDoctor(
  { context, configFile, json }: DoctorCommand,
  parts: Pick<Places, "root" | "cwd"> & {
    readonly print: (text: string) => void;
    readonly env: Readonly<Record<string, string | undefined>>;
  },
): Promise<number> {
  const { config } = await readConfig(configFile, parts);
  const kube = context === undefined ? await embeddedKube() : await contextKube(context, parts.env);
  const application = { namespace: APPLICATION_NAMESPACE, isOurs };
  const survey = await surveyCluster(kube, application);
  const own = context === undefined ? embeddedWants() : {};
  const found = requirementsOf(survey, {
    namespace: APPLICATION_NAMESPACE,
    gatewayClass: config.gatewayClass,
    loadImage: config.images["k6"],
    ...own,
  });
  parts.print(json ? `${JSON.stringify(found, null, 2)}\n` : doctorText(found));
  return found.every(({ state }) => state === "met") ? 0 : EXIT.setUpFailed;
}

/** Requirements as lines: what there is, and below what is not as it must be the remedy. */
export function doctorText(requirements: readonly Requirement[]): string {
  const width = Math.max(...requirements.map(({ name }) => name.length));
  const lines = requirements.flatMap(({ name, state, found, remedy }) => [
    `${MARKS[state]} ${name.padEnd(width)}  ${found}`,
    ...(remedy === "" ? [] : [`  ${"".padEnd(width)}  → ${remedy}`]),
  ]);
  return `${lines.join("\n")}\n`;
}

async function embeddedKube(): Promise<Kube> {
  const layout = layoutOf();
  if (!(await status(layout)).running) {
    throw new UsageError(
      `doctor needs --context NAME, or the embedded cluster to be up (${typed("cluster up")}); received neither.`,
    );
  }
  return connect({ kubeconfigPath: layout.kubeconfig });
}
