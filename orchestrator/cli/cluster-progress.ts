import type { ClusterProgress } from "../target/embedded/embedded.ts";
import type { Phase, Progress } from "./progress.ts";

/** The cluster's progress as phases: one for each artefact, and one for the node itself. */
export function clusterProgress(progress: Progress): ClusterProgress & Disposable {
  const artefacts = new Map<string, Phase>();
  let node: Phase | undefined;
  return {
    started(name) {
      artefacts.set(name, progress.phase(`build ${name}`));
    },
    finished(name) {
      artefacts.get(name)?.done();
      artefacts.delete(name);
    },
    failed(name) {
      artefacts.get(name)?.fail("see below");
      artefacts.delete(name);
    },
    kept() {
      // Nothing happened, nothing is said.
    },
    step(text) {
      node?.done();
      node = progress.phase(text);
    },
    [Symbol.dispose]() {
      node?.done();
      node = undefined;
    },
  };
}
