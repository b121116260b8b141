/** Recordings in which every text wants to become something else than text. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { k6SummarySchema } from "../../orchestrator/history/k6-summary.ts";
import { ledgerLineSchema } from "../../orchestrator/history/ledger.ts";
import { observationSchema } from "../../orchestrator/history/observation.ts";
import { planSchema } from "../../orchestrator/plan/plan.ts";
import { FILES, headerSchema } from "../../orchestrator/recording/format.ts";

/** What breaks out of an attribute, an element, a script, a comment, a template or a line; and half a character. No digits: reports may replace them. */
const HOSTILE: readonly string[] = [
  '"><img src=x onerror=window.hit=true>',
  "</script><script>window.hit=true</script>",
  '" onfocus="window.hit=true" autofocus="',
  "'><svg onload=window.hit=true>",
  "</title></style></textarea><iframe srcdoc=x>",
  "<!--<script>",
  "javascript:window.hit=true",
  "{{constructor}}${window.hit=true}&lt;b&gt;&#x3c;",
  "\u2028\u2029\u202e\u0000\u001b[31m\ud800",
];

interface HostileOptions {
  /** Appended to every text. */
  readonly text: string;
  /**
   * Leaves alone what steers the reading of an object (times, numbers, what stands under a name like `type` or `status`), so that the run
   * keeps its course and the page tells all of it. Without it, everything is changed that the files' schemas let through.
   */
  readonly keepCourse: boolean;
}

/** Texts are cut at some length: so each of them comes early once. */
export const HOSTILE_RUNS: readonly (readonly [string, HostileOptions])[] = [
  ["in a run that keeps its course", { text: HOSTILE.join(""), keepCourse: true }],
  ["wherever a schema lets it through", { text: HOSTILE.toReversed().join(""), keepCourse: false }],
];

/**
 * Makes every text of the recording in a folder hostile, and gives every record one more entry with a hostile name: whatever the schemas of
 * its files still take. Texts that were equal stay equal, and the name of a RayCluster changes wherever it stands within another one. Returns
 * how many texts were changed.
 */
export async function makeHostile(folder: string, options: HostileOptions): Promise<number> {
  const ledger = await readFile(join(folder, FILES.ledger), "utf8");
  const names = [...new Set([...ledger.matchAll(/"cluster":"([^"]+)"/g)].map(([, name = ""]) => name))];
  const change = (text: string): string => {
    const named = names.filter((name) => text.includes(name));
    return named.length === 0
      ? text + options.text
      : named.reduce((changed, name) => changed.replaceAll(name, name + options.text), text);
  };
  const walker = new Walker(change, options);
  await rewrite(join(folder, FILES.plan), (text) => walker.file(text, planSchema));
  await rewrite(join(folder, FILES.k6Summary), (text) => walker.file(text, k6SummarySchema));
  await rewrite(join(folder, FILES.history), (text) => walker.lines(text, observationSchema));
  await rewrite(join(folder, FILES.ledger), (text) => walker.lines(text, ledgerLineSchema));
  return walker.changed;
}

async function rewrite(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, "utf8")));
}

const STEERING_NAMES = new Set(["type", "status", "phase", "state", "kind", "event", "reason"]);
/** A time of day, a number, a quantity. */
const STEERING_TEXTS = /^(\d{4}-\d\d-\d\dT.*|[\d.]+[a-zA-Z]{0,2}|True|False|Unknown)$/;

type Container = Record<string, unknown> | unknown[];

class Walker {
  changed = 0;

  constructor(
    private readonly change: (text: string) => string,
    private readonly options: HostileOptions,
  ) {}

  file(text: string, schema: z.ZodType): string {
    return JSON.stringify(this.#hostile(JSON.parse(text), schema));
  }

  lines(text: string, schema: z.ZodType): string {
    const [header = "", ...lines] = text.split("\n");
    const changed = lines.map((line) => (line === "" ? "" : this.file(line, schema)));
    return [this.file(header, headerSchema), ...changed].join("\n");
  }

  #hostile(value: unknown, schema: z.ZodType): unknown {
    if (isContainer(value)) this.#visit(value, () => schema.safeParse(value).success);
    return value;
  }

  /** Changes a container in place; what is not accepted any more is put back. */
  #visit(container: Container, accepted: () => boolean): void {
    for (const [name, value] of Object.entries(container)) {
      if (isContainer(value)) this.#visit(value, accepted);
      if (typeof value !== "string" || (this.options.keepCourse && steers(name, value))) continue;
      Reflect.set(container, name, this.change(value));
      if (accepted()) this.changed += 1;
      else Reflect.set(container, name, value);
    }
    const [first] = Object.values(container);
    if (Array.isArray(container) || first === undefined) return;
    container[this.options.text] = first;
    if (accepted()) this.changed += 1;
    else Reflect.deleteProperty(container, this.options.text);
  }
}

function steers(name: string, value: string): boolean {
  return STEERING_NAMES.has(name) || STEERING_TEXTS.test(value);
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}
