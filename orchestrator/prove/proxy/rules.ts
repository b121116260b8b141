import { z } from "zod";
import { UsageError } from "../../plan/errors.ts";
import { nearest } from "../../plan/nearest.ts";
import { shown, valueAt } from "../../plan/yaml-input.ts";

/** Bounds of saboteur/decode.go and rules.go, which has the last word: it refuses what it does not take. */
const MOST_RULES = 64;
const MOST_COUNT = 2 ** 31 - 1;
const MOST_CLASSES = 1024;
const DAY_MS = 86_400_000;
const BODILESS: readonly number[] = [204, 205, 304];

function whole(least: number, most: number): z.ZodNumber {
  const error = `a whole number from ${least} to ${most}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}

function above(least: number, most: number): z.ZodNumber {
  const error = `a number above ${least}, at most ${most}`;
  return z.number({ error }).gt(least, { error }).max(most, { error });
}

const text = z.string({ error: "text" }).min(1, { error: "text that is not empty" });

/**
 * "answer": the upstream is asked and its answer read to the end first, so that it and the gateway did and counted what they would have.
 * "request", or left out: it is not asked, unless `on` goes by the answer.
 */
const after = z.enum(["request", "answer"], { error: "request or answer" }).optional();

/**
 * What a client gets; saboteur/rules.go says each precisely.
 *
 * - `wrong-body`: an answer with status 200 of which one byte, at `offset` (0 when left out), is another one.
 * - `other-body`: an answer with status 200 and `body` in the place of its own.
 * - `status`: a short answer of the proxy's with that status.
 * - `truncate`: the connection is closed half-way through the body; with `properly` the answer ends well, and still too early.
 * - `reset`: the connection is reset before any byte of the answer.
 * - `refuse`: nobody listens for new connections as long as the rule is active; kept ones live on.
 * - `delay`: the answer begins `factor` times as late as the upstream began it, or `plusMs` later.
 * - `hang`: no answer until the client goes away.
 * - `relabel`: the answer names another `version` or `cluster`, in its body, where the application names them.
 * - `replay`: the last good answer of `version` to the same method, path and query, of those given since there is a replay rule.
 */
const deedSchema = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("wrong-body"), offset: whole(0, MOST_COUNT).optional() }),
    z.strictObject({ kind: z.literal("other-body"), body: text }),
    z.strictObject({
      kind: z.literal("status"),
      status: whole(200, 599).refine((status) => !BODILESS.includes(status), {
        error: "one of an answer with a body",
      }),
      after,
    }),
    z.strictObject({
      kind: z.literal("truncate"),
      properly: z.boolean({ error: "true or false" }).optional(),
    }),
    z.strictObject({ kind: z.literal("reset"), after }),
    z.strictObject({ kind: z.literal("refuse") }),
    z
      .strictObject({
        kind: z.literal("delay"),
        factor: above(1, 1000).optional(),
        plusMs: above(0, 600_000).optional(),
      })
      .refine(({ factor, plusMs }) => (factor === undefined) !== (plusMs === undefined), {
        error: "a delay with either factor or plusMs",
      }),
    z.strictObject({ kind: z.literal("hang"), after }),
    z
      .strictObject({ kind: z.literal("relabel"), version: text.optional(), cluster: text.optional() })
      .refine(({ version, cluster }) => version !== undefined || cluster !== undefined, {
        error: "a relabel with version, cluster or both",
      }),
    z.strictObject({ kind: z.literal("replay"), version: text, after }),
  ],
  {
    error: ({ input }) =>
      typeof input === "object" && input !== null
        ? "one of wrong-body, other-body, status, truncate, reset, refuse, delay, hang, relabel, replay"
        : "a group of keys with a kind",
  },
);

const SHARE = `[k, n], whole numbers with 0 <= k < n <= ${MOST_CLASSES}`;

/**
 * Whom a rule is for; what is left out does not matter.
 *
 * - `every`: each Nth of the requests that all else holds for, counted from 1.
 * - `forMs`: until so long after the rule took effect. `times`: so often at most.
 * - `connection`: the first request on a client's connection, or a later one.
 * - `path`: of the request, without its query.
 * - `version`, `cluster`: as the answer names them.
 * - `share` [k, n]: answers by replicas in class k of n, by FNV-1a (32 bits) of the replica's name as the answer gives it.
 */
const conditionSchema = z.strictObject(
  {
    every: whole(1, MOST_COUNT).optional(),
    forMs: above(0, DAY_MS).optional(),
    times: whole(1, MOST_COUNT).optional(),
    connection: z.enum(["new", "kept"], { error: "new or kept" }).optional(),
    path: z
      .string({ error: "text" })
      .regex(/^\/[^?#]*$/, { error: "a path that begins with a slash, without a query" })
      .optional(),
    version: text.optional(),
    cluster: text.optional(),
    share: z
      .tuple([whole(0, MOST_CLASSES - 1), whole(1, MOST_CLASSES)], { error: SHARE })
      .refine(([k, n]) => k < n, { error: SHARE })
      .optional(),
  },
  { error: (issue) => (issue.code === "invalid_type" ? "a group of keys" : undefined) },
);

type Condition = z.infer<typeof conditionSchema>;

function goesByAnswer(on: Condition): boolean {
  return on.version !== undefined || on.cluster !== undefined || on.share !== undefined;
}

/** A rule of the proxy: whom it hurts, and how. */
export const proxyRuleSchema = z
  .strictObject(
    {
      id: z
        .string({ error: "text" })
        .regex(/^[A-Za-z0-9._-]{1,64}$/, { error: "1 to 64 letters, digits, dots, hyphens or underscores" }),
      do: deedSchema,
      on: conditionSchema.optional(),
    },
    { error: (issue) => (issue.code === "invalid_type" ? "a group of the keys id, do and on" : undefined) },
  )
  .refine(({ do: deed, on = {} }) => !("after" in deed && deed.after === "request" && goesByAnswer(on)), {
    path: ["do", "after"],
    error: "answer, or left out, where on has version, cluster or share",
  })
  .refine(({ do: deed, on = {} }) => deed.kind !== "refuse" || Object.keys(on).every((key) => key === "forMs"), {
    path: ["on"],
    error: "of nothing but forMs for refuse, which is not done to requests",
  });
export type ProxyRule = z.infer<typeof proxyRuleSchema>;

/**
 * Rules, asked in their order: first, when a request has come, those that need no answer, then the others when it begins. The first that picks a request
 * hurts it. An empty list makes the proxy transparent. Messages say what is expected, to stand after "must be".
 */
export const proxyRulesSchema = z
  .array(proxyRuleSchema, { error: "a list of rules" })
  .max(MOST_RULES, { error: `a list of at most ${MOST_RULES} rules` })
  .superRefine((rules, context) => {
    for (const [index, { id, do: deed }] of rules.entries()) {
      const earlier = rules.slice(0, index);
      if (earlier.some((other) => other.id === id)) {
        context.addIssue({ code: "custom", path: [index, "id"], message: "unlike that of any rule before it" });
      }
      if (deed.kind === "refuse" && earlier.some((other) => other.do.kind === "refuse")) {
        context.addIssue({
          code: "custom",
          path: [index, "do", "kind"],
          message: "another one where a rule before it refuses",
        });
      }
    }
  });

/** Outside data as rules. `what` begins the UsageError's sentence when it is none. */
export function readProxyRules(data: unknown, what: string): ProxyRule[] {
  const parsed = proxyRulesSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new UsageError(issueText(what, parsed.error.issues[0], data));
}

function issueText(what: string, issue: z.core.$ZodIssue | undefined, data: unknown): string {
  const path = issue?.path ?? [];
  const at = placeOf(what, path);
  if (issue?.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const meant = nearest(key, keysAt(path, valueAt(data, path)));
    return `${at}: "${key}" is no key here${meant === undefined ? "" : `; nearest is ${meant}`}.`;
  }
  return `${at} must be ${issue?.message ?? "a list of rules"}; received ${shown(valueAt(data, path))}.`;
}

/** `what: rule 2: do.status`: rules are counted from 0, as in the proxy's report. */
function placeOf(what: string, [index, ...keys]: readonly PropertyKey[]): string {
  if (index === undefined) return what;
  // A place in a list, share's, says no more than the list's name.
  const names = keys.filter((key) => typeof key === "string");
  return `${what}: rule ${String(index)}${names.length === 0 ? "" : `: ${names.join(".")}`}`;
}

function keysAt([, part]: readonly PropertyKey[], value: unknown): readonly string[] {
  if (part === undefined) return ["id", "do", "on"];
  if (part === "on") return Object.keys(conditionSchema.shape);
  const kind = valueAt(value, ["kind"]);
  const option = deedSchema.options.find(({ shape }) => shape.kind.value === kind);
  return Object.keys(option?.shape ?? {});
}
