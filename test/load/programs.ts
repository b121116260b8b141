import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { access, mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The two programs of the load's image. */
export interface Programs {
  readonly k6: string;
  readonly ledger: string;
}

let built: Promise<Programs> | undefined;

/**
 * The real k6, named by the environment variable ZERODROP_K6, and the real ledger holder, built from k6/holder by Go.
 * Rejects when either cannot be had: who asks for these tests wants them run, not skipped.
 */
export function programs(): Promise<Programs> {
  built ??= build();
  return built;
}

async function build(): Promise<Programs> {
  const k6 = process.env["ZERODROP_K6"];
  if (k6 === undefined || k6 === "") {
    throw new Error("These tests run the real k6: set ZERODROP_K6 to the path of its binary.");
  }
  await access(k6);
  const directory = await mkdtemp(path.join(os.tmpdir(), "zerodrop-ledger-"));
  process.once("exit", () => {
    rmSync(directory, { recursive: true, force: true });
  });
  const ledger = path.join(directory, "zerodrop-ledger");
  await promisify(execFile)("go", ["build", "-o", ledger, "."], {
    cwd: fileURLToPath(new URL("../../k6/holder", import.meta.url)),
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" },
    timeout: 300_000,
  });
  return { k6, ledger };
}
