/** For tests only: readers that are given what nobody should write, and must come back, with a value or with an error that says what is wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KubeError } from "../../orchestrator/kube/kube.ts";
import { RecordingError, UsageError } from "../../orchestrator/plan/errors.ts";

/** The same inputs whenever the tests run; a failure prints it with the path to its input. */
const SEED = 20_260_314;
/** CPU time that one input may take, µs: the clock on the wall tells of the neighbours too. */
const MOST_CPU_US = 5_000_000;

let given = 0;

/** Inputs given so far. */
export function inputsGiven(): number {
  return given;
}

/** A test that gives a reader so many inputs. What it throws, and more than 5 s of CPU time for one input, is a failure. */
export function fuzzed<T>(
  name: string,
  inputs: number,
  arbitrary: fc.Arbitrary<T>,
  read: (input: T) => void | Promise<void>,
): void {
  test(`${String(inputs)} inputs: ${name}`, async () => {
    const property = fc.asyncProperty(arbitrary, async (input) => {
      given += 1;
      const before = process.cpuUsage();
      await read(input);
      const { user, system } = process.cpuUsage(before);
      assert.ok(user + system < MOST_CPU_US, `took ${String((user + system) / 1e6)} s of CPU time`);
    });
    // Shrinking would give the reader far more inputs than there are.
    await fc.assert(property, { seed: SEED, numRuns: inputs, endOnFailure: true });
  });
}

/** What a reader makes of an input; undefined where it refuses it with an error of its own, which must be a sentence. */
export async function readOrRefused<T>(read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof KubeError) return undefined;
    if (!(error instanceof UsageError || error instanceof RecordingError)) throw error;
    assert.match(error.message, /^[^\n\r\u001b]+\.$/);
    return undefined;
  }
}

/** Stands for arrays within arrays, more of them than there is stack for: JSON.stringify itself could not write them. */
const ABYSS = "(abyss)";
const LEVELS = 20_000;

/** A value as JSON. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value).replaceAll(`"${ABYSS}"`, () => "[".repeat(LEVELS) + "]".repeat(LEVELS));
}

const HOSTILE: readonly unknown[] = [
  ...[null, true, false, [], {}, [[]], [null], ""],
  ...[0, -0, -1, 1, 0.5, 1e-300, 1e300, -1e300, 100, 101, 2 ** 31, 2 ** 53, -(2 ** 53), 8.64e15, -8.64e15, 8.65e15],
  ...[
    "0",
    "-1",
    "1e999",
    "NaN",
    "Infinity",
    "x",
    "a b",
    "../../etc",
    "a\nb",
    "\u0000",
    "\u001b[31m",
    "\ud800",
    "\u202e",
  ],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "length"],
  ...["2026-13-45T99:99:99Z", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "-000001-01-01T00:00:00Z"],
  ...["x".repeat(20_000), "<script>alert(1)</script>", "]]>", "|`*_[", "%s%n", "${x}", "(.*)+$", ABYSS],
  JSON.parse('{"__proto__": {"x": 1}, "constructor": 1}'),
];

/** A value as a text: a name or a word. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Values that nobody expects. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** A change of one place of a value. */
interface Change {
  /** Which of its places, counted on from the first again. */
  readonly at: number;
  readonly how: "replace" | "remove" | "rename" | "double";
  readonly by: unknown;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom("replace", "replace", "replace", "remove", "rename", "double"),
  by: hostile,
});
export const changes: fc.Arbitrary<readonly Change[]> = fc.array(change, { minLength: 1, maxLength: 4 });

/** A JSON value with these changes done one after another. */
export function changed(value: unknown, made: readonly Change[]): unknown {
  return made.reduce((now, one) => changedOnce(now, one), value);
}

function changedOnce(value: unknown, { at, how, by }: Change): unknown {
  const copy: unknown = structuredClone(value);
  const places = placesIn(copy);
  const place = places[at % places.length];
  if (place === undefined) return by;
  const { holder, key } = place;
  const held: unknown = Reflect.get(holder, key);
  const put = (name: string, what: unknown): void => {
    // By definition: a setter of that name, as __proto__ has one, would take it.
    Object.defineProperty(holder, name, { value: what, enumerable: true, configurable: true, writable: true });
  };
  if (how === "replace") put(key, by);
  else if (Array.isArray(holder)) holder.splice(Number(key), 1, ...(how === "double" ? [held, held] : []));
  else {
    Reflect.deleteProperty(holder, key);
    if (how === "rename") put(textOf(by), held);
    if (how === "double") put(`${key}${key}`, held);
  }
  return copy;
}

function placesIn(value: unknown): { holder: object; key: string }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((key) => {
    const inner: unknown = Reflect.get(value, key);
    return [{ holder: value, key }, ...placesIn(inner)];
  });
}

/** A change of a text, or of bytes, by a part of its length. */
interface Cut {
  readonly from: number;
  readonly length: number;
  readonly by: "nothing" | "itself twice" | "other bytes" | "the end";
  readonly bytes: Uint8Array;
}
export const cuts: fc.Arbitrary<readonly Cut[]> = fc.array(
  fc.record({
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat({ max: 40 }),
    by: fc.constantFrom("nothing", "itself twice", "other bytes", "other bytes", "the end"),
    bytes: fc.uint8Array({ maxLength: 8 }),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Bytes after cuts. */
export function cutBytes(bytes: Buffer, made: readonly Cut[]): Buffer {
  return made.reduce((now, { from, length, by, bytes: other }) => {
    const start = Math.floor(from * now.length);
    const [head, part, tail] = [
      now.subarray(0, start),
      now.subarray(start, start + length),
      now.subarray(start + length),
    ];
    if (by === "the end") return head;
    const put = by === "nothing" ? [] : by === "itself twice" ? [part, part] : [other];
    return Buffer.concat([head, ...put, tail]);
  }, bytes);
}

/** A text after cuts of its bytes. */
export function cutText(text: string, made: readonly Cut[]): string {
  return cutBytes(Buffer.from(text), made).toString("utf8");
}
