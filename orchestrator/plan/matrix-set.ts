import { z } from "zod";
import { CLIENT_KINDS } from "./clients.ts";
import { UsageError } from "./errors.ts";
import { nearestIs } from "./nearest.ts";
import { MOST_REPEATS, parseRate, SERVE_INGRESS } from "./options.ts";
import { parseStrategy } from "./strategy.ts";
import { readYaml, shown, valueAt } from "./yaml-input.ts";

const REPEATS = `a whole number from 1 to ${MOST_REPEATS}`;

const FINDING = "the name of a page in docs/findings";

const cellSchema = z.strictObject({
  scenario: z.string({ error: "the name of a scenario" }),
  strategy: z.string({ error: "a strategy's name or STEP/INTERVAL/SURGE as text" }).optional(),
  rate: z.union([z.number(), z.string()], { error: "requests per second, or max" }).optional(),
  serveIngress: z.enum(SERVE_INGRESS.built, { error: SERVE_INGRESS.built.join(" or ") }).optional(),
  clients: z
    .array(z.enum(CLIENT_KINDS, { error: `one of ${CLIENT_KINDS.join(", ")}` }), {
      error: "a list of kinds of clients",
    })
    .min(1, { error: "at least one kind of client" })
    .optional(),
  repeat: z
    .number({ error: REPEATS })
    .refine((times) => Number.isInteger(times) && times >= 1 && times <= MOST_REPEATS, { error: REPEATS })
    .optional(),
  finding: z
    .string({ error: FINDING })
    .regex(/^[a-z0-9-]+$/, { error: FINDING })
    .optional(),
});
const CELL_KEYS = Object.keys(cellSchema.shape);

const setSchema = z.strictObject({ cells: z.array(z.unknown()).min(1) });

/** One cell of a matrix: a scenario, and how it is run. What is left out comes from the scenario. */
export const matrixCellSchema = z.object({
  /** Unique in its set: the scenario and whatever else the cell says, `upgrade-aggressive`. */
  name: z.string().regex(/^[a-z0-9-]+$/),
  scenario: z.string(),
  /** As `--strategy` takes it. */
  strategy: z.string().optional(),
  /** Requests/s. */
  rate: z.union([z.number().int().positive(), z.literal("max")]).optional(),
  serveIngress: z.enum(SERVE_INGRESS.built).optional(),
  clients: z.array(z.enum(CLIENT_KINDS)).min(1).optional(),
  /** Runs of it, at least 1. */
  repeat: z.number().int().min(1).max(MOST_REPEATS),
  /** Page in docs/findings that explains why it does not pass, where none of the declared defects does. */
  finding: z.string().optional(),
});
export type MatrixCell = z.infer<typeof matrixCellSchema>;

/**
 * The cells in the text of a set's file, in its order. `source` names the file, `scenarios` are the names that there are. Throws a UsageError of one
 * sentence that names file and cell.
 */
export function parseMatrixSet(text: string, source: string, scenarios: readonly string[]): MatrixCell[] {
  const parsed = setSchema.safeParse(readYaml(text, source));
  if (!parsed.success) {
    throw new UsageError(
      `${source} must hold one key, cells, with a list of at least one cell; received ${shown(text.trim())}.`,
    );
  }
  const cells = parsed.data.cells.map((cell, index) => cellOf(cell, source, index, scenarios));
  for (const [index, { name }] of cells.entries()) {
    const first = cells.findIndex((cell) => cell.name === name);
    if (first === index) continue;
    throw new UsageError(
      `${source}: cell ${index + 1} (${name}) must differ from every other (repeat says how often one is run); received the same as cell ${first + 1}.`,
    );
  }
  return cells;
}

/** The cells of these names, a scenario's name meaning all of its cells, in the order of the set. `what` begins a UsageError's sentence. */
export function selectCells(cells: readonly MatrixCell[], names: readonly string[], what: string): MatrixCell[] {
  const known = [...new Set(cells.flatMap(({ name, scenario }) => [name, scenario]))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `${what} must name cells or scenarios of the set with commas between them; received "${unknown}", ${nearestIs(unknown, known)}.`,
    );
  }
  return cells.filter(({ name, scenario }) => names.includes(name) || names.includes(scenario));
}

function cellOf(data: unknown, source: string, index: number, scenarios: readonly string[]): MatrixCell {
  const named = z.looseObject({ scenario: z.string() }).safeParse(data).data?.scenario;
  const at = `${source}: cell ${index + 1}${named === undefined ? "" : ` (${named})`}`;
  const parsed = cellSchema.safeParse(data);
  if (!parsed.success) throw new UsageError(sentence(at, parsed.error.issues[0], data));
  const { scenario, strategy, serveIngress, clients, repeat = 1, finding } = parsed.data;
  const rate = parsed.data.rate === undefined ? undefined : parseRate(parsed.data.rate, `${at}: rate`);
  if (!scenarios.includes(scenario)) {
    throw new UsageError(
      `${at}: scenario must be one of the scenarios (--list names those of a set); received "${scenario}", ${nearestIs(scenario, scenarios)}.`,
    );
  }
  // Only to refuse one that is none.
  if (strategy !== undefined) parseStrategy(strategy, `${at}: strategy`);
  return {
    name: nameOf([scenario, strategy, rate === undefined ? undefined : `at ${rate}`, serveIngress, clients?.join("-")]),
    scenario,
    ...(strategy === undefined ? {} : { strategy }),
    ...(rate === undefined ? {} : { rate }),
    ...(serveIngress === undefined ? {} : { serveIngress }),
    ...(clients === undefined ? {} : { clients }),
    repeat,
    ...(finding === undefined ? {} : { finding }),
  };
}

/** Fit for a folder's name. */
function nameOf(parts: readonly (string | undefined)[]): string {
  return parts
    .flatMap((part) => part ?? [])
    .join("-")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-");
}

function sentence(at: string, issue: z.core.$ZodIssue | undefined, data: unknown): string {
  if (issue?.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    return `${at}: "${key}" is no key of a cell; ${nearestIs(key, CELL_KEYS)}.`;
  }
  const [key] = issue?.path ?? [];
  if (key === undefined) return `${at} must be a group of keys (${CELL_KEYS.join(", ")}); received ${shown(data)}.`;
  return `${at}: ${String(key)} must be ${issue?.message ?? "another value"}; received ${shown(valueAt(data, [key]))}.`;
}
