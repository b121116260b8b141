import { posix } from "node:path";
import type { Files } from "./files.ts";

/** What was kept of a layer's entry: a text, a symbolic link's target, or that a name is taken away (OCI image layer, "Whiteouts"). */
export type LayerEntry =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly link: string }
  | { readonly path: string; readonly removes: "it" | "its contents" };

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
/** As many as Linux follows before it gives up. */
const MOST_LINKS = 40;

/** A layer's entry by that name that takes away what lower layers have; undefined for one that does not. */
export function whiteoutOf(path: string): LayerEntry | undefined {
  const { dir, base } = posix.parse(path);
  if (base === OPAQUE) return { path: dir, removes: "its contents" };
  return base.startsWith(WHITEOUT) ? { path: posix.join(dir, base.slice(WHITEOUT.length)), removes: "it" } : undefined;
}

/** The files that layers make together, the lowest first. */
export class LayeredFiles implements Files {
  readonly #texts = new Map<string, string>();
  readonly #links = new Map<string, string>();

  constructor(layers: readonly (readonly LayerEntry[])[]) {
    for (const layer of layers) {
      for (const entry of layer) if ("removes" in entry) this.#remove(entry.path, entry.removes === "it");
      for (const entry of layer) {
        if ("removes" in entry) continue;
        this.#texts.delete(entry.path);
        this.#links.delete(entry.path);
        if ("text" in entry) this.#texts.set(entry.path, entry.text);
        else this.#links.set(entry.path, entry.link);
      }
    }
  }

  #remove(path: string, itself: boolean): void {
    for (const map of [this.#texts, this.#links]) {
      for (const name of map.keys()) if (name.startsWith(`${path}/`) || (itself && name === path)) map.delete(name);
    }
  }

  /** The paths of all texts, sorted. */
  paths(): string[] {
    return [...this.#texts.keys()].sort();
  }

  text(path: string): Promise<string | undefined> {
    return Promise.resolve(this.#texts.get(this.#resolved(path)));
  }

  /** The path with every symbolic link on its way followed; links lead nowhere above the root. */
  #resolved(path: string): string {
    let done = "";
    let left = path.split("/").filter((part) => part !== "");
    for (let links = 0; left.length > 0;) {
      const [part = "", ...rest] = left;
      left = rest;
      done = posix.join("/", done, part).slice(1);
      const link = this.#links.get(done);
      if (link === undefined) continue;
      links += 1;
      if (links > MOST_LINKS) return path;
      left = [...link.split("/").filter((it) => it !== ""), ...left];
      done = link.startsWith("/") ? "" : posix.dirname(done).replace(/^\.$/, "");
    }
    return done;
  }
}
