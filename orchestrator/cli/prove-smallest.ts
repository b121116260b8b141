import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { withUnpacked } from "../../scripts/recordings.ts";
import { JUDGE_VERSION } from "../judge/judge.ts";
import { UsageError } from "../plan/errors.ts";
import type { CheckId } from "../plan/plan.ts";
import { halve } from "../prove/derive/halving.ts";
import type { Recorded } from "../prove/derive/recorded.ts";
import type { Sized } from "../prove/derive/size.ts";
import { sizeOf } from "../prove/derive/sizes.ts";
import type { Proof } from "../prove/proof.ts";
import { PROOFS } from "../prove/proof-files.ts";
import { codeOf, parse } from "../recording/parse.ts";
import { replaceFile } from "../recording/replace-file.ts";
import { proofOutcome, type Expectation } from "../report/prove/outcome.ts";
import {
  SMALLEST_JSON,
  smallestFileSchema,
  type Found,
  type Smallest,
  type SmallestFile,
} from "../report/prove/smallest.ts";
import { smallestLines } from "../report/prove/prove-text.ts";
import { smallestText } from "../report/prove/smallest-rows.ts";
import { judgeRecorded, readRecorded } from "./recorded.ts";
import { tableJson } from "./table-files.ts";

/** The recording of test/recordings that others are derived from: an upgrade under every kind of client, in which nothing was wrong. */
const RECORDING = "all-kinds-pass";

/** What is known of a proof's smallest size without a search; undefined where one would have to be made by the judge of today. */
export function knownSmallest(proof: Proof, { found }: SmallestFile): Smallest | undefined {
  const size = sizeOf(proof);
  if (size === undefined) return undefined;
  if ("why" in size) return { kind: "none", why: size.why };
  const { unit } = size;
  if (proof.boundaryOf !== undefined) return { kind: "boundary", of: proof.boundaryOf, size: size.own(proof), unit };
  const there = found.find((one) => isOf(one, proof, size));
  if (there === undefined) return undefined;
  const { proof: _, expect: __, ...smallest } = there;
  return smallest;
}

/** By this judge, with this expectation and over this range: of another one nothing is known. */
function isOf(one: SmallestFile["found"][number], proof: Proof, size: Sized): boolean {
  return (
    one.proof === proof.name &&
    one.judge === JUDGE_VERSION &&
    one.recording === RECORDING &&
    one.own === size.own(proof) &&
    one.unit === size.unit &&
    isDeepStrictEqual(one.expect, proof.expect)
  );
}

/** What was found so far. Nothing where the file is not there, or is of another version: it can be made again. */
export async function readSmallest(root: string): Promise<SmallestFile> {
  const path = join(root, PROOFS, SMALLEST_JSON);
  const none: SmallestFile = { schemaVersion: 1, found: [] };
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return none;
    throw error;
  }
  try {
    return parse(smallestFileSchema, text, () => path);
  } catch {
    return none;
  }
}

/**
 * Searches for the smallest sizes that are not known yet, one proof after another, and keeps each in proofs/smallest.json. Needs no cluster; a search judges up to
 * 16 recordings. Rejects with a UsageError in a package, which has no recordings; and when the recording that others are derived from does not pass, as nothing could be told from them then.
 */
export async function findSmallest(
  proofs: readonly Proof[],
  { root, note, signal }: { root: string; note: (line: string) => void; signal: AbortSignal },
): Promise<SmallestFile> {
  let file = await readSmallest(root);
  const left = proofs.flatMap((proof) => {
    const size = sizeOf(proof);
    if (size === undefined || "why" in size || knownSmallest(proof, file) !== undefined) return [];
    return [{ proof, size }];
  });
  if (left.length === 0) return file;
  const folder = join(root, "test/recordings", RECORDING);
  if (!(await isThere(folder))) {
    throw new UsageError(
      `--smallest needs a checkout of zerodrop, as it derives recordings from test/recordings/${RECORDING} and keeps sizes in ${PROOFS}/${SMALLEST_JSON}; received "${root}", which has no such recording.`,
    );
  }
  const recorded = await withUnpacked(folder, readRecorded);
  const { verdict, sentence } = judgeRecorded(recorded);
  if (verdict !== "pass") throw new Error(`Recording ${RECORDING} must pass; it is ${verdict}: ${sentence}`);
  for (const [index, { proof, size }] of left.entries()) {
    // What has been found is on disk.
    signal.throwIfAborted();
    note(`Smallest size ${String(index + 1)} of ${String(left.length)}: ${proof.name}`);
    const found = smallestOf(proof, size, recorded);
    const others = file.found.filter((one) => one.proof !== proof.name);
    file = { schemaVersion: 1, found: [...others, { ...found, proof: proof.name, expect: proof.expect }] };
    await replaceFile(join(root, PROOFS, SMALLEST_JSON), tableJson(file));
    // Judging lets nobody else have a turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return file;
}

/** The smallest size of a proof's sabotage at which the judge says what it must of the recording that is derived from this one. */
export function smallestOf({ expect, ...proof }: Proof, size: Sized, recorded: Recorded): Found {
  const right = rightChecks(expect, size.by);
  const whys = new Map<number, string>();
  const own = size.own(proof);
  const { missed, caught, tried } = halve({ none: size.none, own, step: size.step }, (at) => {
    const outcome = proofOutcome(right, {
      broke: undefined,
      sabotage: { begunMs: null },
      result: judgeRecorded(size.derive(recorded, at)),
    });
    if (outcome.came === "missed") whys.set(at, outcome.why);
    return outcome.came === "caught";
  });
  return {
    kind: "found",
    ...{ unit: size.unit, of: size.of, own, missed, why: whys.get(missed) ?? null, caught },
    by: [...right.fails, ...right.invalid],
    tried,
    possible: size.possible(recorded),
    judge: JUDGE_VERSION,
    recording: RECORDING,
  };
}

/** What must be said of it, of a proof that names more checks than must see the smallest size. */
function rightChecks({ verdict, fails, invalid, not }: Expectation, by: readonly CheckId[] | undefined): Expectation {
  const is = (id: CheckId): boolean => by?.includes(id) ?? true;
  return { verdict, fails: fails.filter(is), invalid: invalid.filter(is), not };
}

/** For people at a terminal: each proof with what is known of its smallest size. */
export function smallestList(
  proofs: readonly Proof[],
  { file, width }: { readonly file: SmallestFile; readonly width: number },
): string {
  const blocks = proofs.flatMap((proof) => {
    const smallest = knownSmallest(proof, file);
    if (smallest === undefined) return [];
    // Whether a run confirmed it is told by a table of runs.
    return [[`  ${proof.name}`, ...smallestLines(smallestText(smallest, false), width)].join("\n")];
  });
  return `${blocks.join("\n")}\n`;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
