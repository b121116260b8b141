import { EXIT_CODES, type Verdict } from "../judge/verdict.ts";
import { KubeError } from "../kube/kube.ts";
import { RecordingError, SetUpError, UsageError } from "../plan/errors.ts";

/** Exit codes beside those of verdicts; 64, 69 and 70 are those of sysexits.h, 130 and 143 are 128 plus the signal's number. */
export const EXIT = {
  usage: 64,
  setUpFailed: 69,
  internalError: 70,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

/** A run's exit code by its verdict. `acceptKnown` makes a run with nothing but declared upstream defects a success. */
export function exitCodeOfVerdict(verdict: Verdict, acceptKnown = false): number {
  return verdict === "known" && acceptKnown ? EXIT_CODES.pass : EXIT_CODES[verdict];
}

/** A run's exit code by the error that ended it: whatever is no declared kind of error is our own bug. */
export function exitCodeOfError(error: unknown): number {
  const root = rootError(error);
  if (root instanceof UsageError || root instanceof RecordingError) return EXIT.usage;
  // An API server that refuses (quota, admission, no connection) is a cluster that is not as it must be.
  if (root instanceof SetUpError || root instanceof KubeError) return EXIT.setUpFailed;
  return EXIT.internalError;
}

/** Exit codes of runs, the worst first: what was witnessed, then what could not be run at all, then what is too weak or known. */
const WORST_FIRST: readonly number[] = [
  ...[EXIT_CODES.fail, EXIT.internalError, EXIT.setUpFailed, EXIT.usage],
  ...[EXIT_CODES.invalid, EXIT_CODES.known, EXIT_CODES.pass],
];

/** The exit code of several runs: the worst of theirs; 0 when there was none. */
export function worstExitCode(codes: readonly number[]): number {
  return (
    WORST_FIRST.find((code) => codes.includes(code)) ??
    codes.find((code) => code !== EXIT_CODES.pass) ??
    EXIT_CODES.pass
  );
}

/** The error that began it: one thrown while tidying up after it (SuppressedError) does not take its place. */
export function rootError(error: unknown): unknown {
  let root = error;
  while (root instanceof SuppressedError) root = root.suppressed;
  return root;
}
