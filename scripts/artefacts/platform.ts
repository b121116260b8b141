import { execFile } from "node:child_process";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { Artefact, BuildContext } from "./artefact.ts";
import { CHECKOUT } from "./cache.ts";
import { NO_WORKSPACE } from "./go.ts";

const moduleSchema = z.object({ Dir: z.string().min(1) });

/** Folder of a module in Go's module cache, downloaded and checked against go.sum when it is not there yet. */
export async function moduleFolder(goModule: string, path: string): Promise<string> {
  const { stdout } = await promisify(execFile)("go", ["mod", "download", "-json", path], {
    cwd: join(CHECKOUT, goModule),
    env: { ...process.env, ...NO_WORKSPACE },
    timeout: 300_000,
  });
  return moduleSchema.parse(JSON.parse(stdout)).Dir;
}

/** Artefacts that have the renderer: beside Envoy Gateway itself, and alone for whoever wants manifests and no Envoy Gateway of our build. */
export type Renderer = "envoy-gateway" | "render";

/** What our renderer makes of a chart or a kustomization (scripts/go/envoy-gateway/render). The artefact that asks needs the renderer's. */
export async function renderWith(context: BuildContext, renderer: Renderer, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(context.dirOf(renderer), "render"), args, {
    maxBuffer: 64 * 1024 * 1024,
    timeout: 60_000,
  });
  return stdout;
}

/**
 * The platform's objects as upstream ships them, rendered to YAML files in the order in which they are to be applied:
 * the KubeRay operator's kustomization with our overlay, Envoy Gateway's CRDs and its Helm chart with our values. They name the images that are built here;
 * whoever has other images puts them in their place. `name` differs where both renderers' may lie in one cache.
 */
export function platformManifestsArtefact(name = "platform-manifests", renderer: Renderer = "envoy-gateway"): Artefact {
  return {
    name,
    lane: "go",
    needs: [renderer],
    inputs: ["manifests/platform", "scripts/go/kuberay/go.mod", "scripts/go/envoy-gateway/go.mod"],
    parameters: { revision: "1" },
    build: async (context) => {
      const render = (...args: string[]): Promise<string> => renderWith(context, renderer, ...args);
      const operator = await moduleFolder("scripts/go/kuberay", "github.com/ray-project/kuberay/ray-operator");
      const work = join(context.out, "work");
      // A kustomization may only refer to folders beside it, and the module cache is read-only.
      await cp(join(operator, "config"), join(work, "config"), { recursive: true });
      await promisify(execFile)("chmod", ["-R", "u+w", work]);
      await cp(join(CHECKOUT, "manifests/platform/kuberay"), join(work, "overlay"), { recursive: true });
      await writeFile(join(context.out, "20-kuberay.yaml"), await render("kustomize", join(work, "overlay")));
      await rm(work, { recursive: true });

      const gateway = await moduleFolder("scripts/go/envoy-gateway", "github.com/envoyproxy/gateway");
      const shipped = join(gateway, "charts/gateway-helm");
      const crds = join(shipped, "charts/crds/crds");
      await writeFile(join(context.out, "10-gateway-crds.yaml"), await concatenated(crds));
      // The chart's default values are a template of upstream's release build with a few image names left open.
      const chart = join(context.out, "chart");
      await cp(shipped, chart, { recursive: true });
      await promisify(execFile)("chmod", ["-R", "u+w", chart]);
      const template = await readFile(join(chart, "values.tmpl.yaml"), "utf8");
      await writeFile(join(chart, "values.yaml"), template.replaceAll(/\$\{\w+\}/g, ""));
      const values = join(CHECKOUT, "manifests/platform/envoy-gateway/values.yaml");
      const rendered = await render("helm", chart, "envoy-gateway-system", "zerodrop", values);
      await writeFile(join(context.out, "30-envoy-gateway.yaml"), rendered);
      await rm(chart, { recursive: true });
    },
  };
}

async function concatenated(folder: string): Promise<string> {
  const parts: string[] = [];
  for (const entry of (await readdir(folder, { recursive: true })).sort()) {
    if (/\.ya?ml$/.test(entry)) parts.push(await readFile(join(folder, entry), "utf8"));
  }
  return parts.join("\n---\n");
}
