import { KubeError } from "../kube/kube.ts";
import { SetUpError } from "../plan/errors.ts";
import { codeOf } from "../recording/parse.ts";
import { rootError } from "./exit.ts";
import { typed } from "./started.ts";

/** What a disk says that takes no more: full, over a quota, a limit of the process, broken, or read-only by now. */
const DISK: readonly string[] = ["ENOSPC", "EDQUOT", "EFBIG", "EIO", "EROFS"];
/** Reasons of a KubeError for no answer at all. */
const NO_ANSWER: readonly string[] = ["Unreachable", "Timeout", "Silent", "Interrupted"];

/**
 * The error that ended a run, as people are to be told: where the disk or the API server gave out, which is no bug of ours, a SetUpError with what happened and the next
 * command; any other error as it is. `recording` is the recording's folder as a reader would type it.
 */
export function explained(error: unknown, recording: string): unknown {
  const root = rootError(error);
  if (root instanceof Error && DISK.includes(codeOf(root) ?? "")) {
    const next = `make room there, and judge what there is with: ${typed(`analyze ${recording}`)}`;
    return new SetUpError(`The recording in ${recording} could not be written (${root.message}); ${next}`, {
      cause: error,
    });
  }
  const next = `see what runs with: ${typed("cluster status")}`;
  if (isUnanswered(root)) {
    return new SetUpError(`The cluster's API server does not answer (${root.message}); ${next}`, { cause: error });
  }
  if (root instanceof SetUpError && isUnanswered(root.cause)) {
    return new SetUpError(`${root.message}; ${next}`, { cause: error });
  }
  return error;
}

function isUnanswered(error: unknown): error is KubeError {
  return error instanceof KubeError && error.status === 0 && NO_ANSWER.includes(error.reason);
}
