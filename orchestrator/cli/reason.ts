import { codeOf } from "../recording/parse.ts";

/** Why a file could not be had, for a sentence: the system's code, such as ENOENT, else the error's own words. */
export function reasonOf(error: unknown): string {
  return codeOf(error) ?? String(error);
}
