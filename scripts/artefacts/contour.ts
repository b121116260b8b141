import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Artefact } from "./artefact.ts";
import { CHECKOUT } from "./cache.ts";
import { moduleFolder, renderWith } from "./platform.ts";

/** What is taken of upstream's manifests: all of examples/contour, but for the DaemonSet of Envoys in place of which there is the Deployment. */
const UPSTREAM = [
  ...["00-common", "01-contour-config", "01-crds", "02-job-certgen", "02-rbac", "02-role-contour"].map(
    (name) => `examples/contour/${name}.yaml`,
  ),
  ...["02-service-contour", "02-service-envoy", "03-contour"].map((name) => `examples/contour/${name}.yaml`),
  "examples/deployment/03-envoy-deployment.yaml",
];
const OVERLAY = "manifests/gateways/contour";

/** Contour's objects as upstream ships them, with our overlay, rendered to a YAML file that is applied after the platform's. */
export function contourManifestsArtefact(): Artefact {
  return {
    name: "contour-manifests",
    lane: "go",
    // Its kustomize.
    needs: ["envoy-gateway"],
    inputs: [OVERLAY, "scripts/go/contour/go.mod"],
    parameters: { revision: "1" },
    build: async (context) => {
      const contour = await moduleFolder("scripts/go/contour", "github.com/projectcontour/contour");
      // A kustomization may only refer to files below it.
      const work = join(context.out, "work");
      await mkdir(work);
      for (const file of UPSTREAM) await cp(join(contour, file), join(work, basename(file)));
      await cp(join(CHECKOUT, OVERLAY), work, { recursive: true });
      await writeFile(
        join(context.out, "40-contour.yaml"),
        await renderWith(context, "envoy-gateway", "kustomize", work),
      );
      await rm(work, { recursive: true });
    },
  };
}
