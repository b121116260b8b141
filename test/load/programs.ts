import { join } from "node:path";
import { buildAll } from "../../scripts/artefacts/artefact.ts";
import { cacheRoot } from "../../scripts/artefacts/cache.ts";
import { ARTEFACTS } from "../../scripts/artefacts/list.ts";
import { layoutOf } from "../../orchestrator/target/embedded/layout.ts";
import { takeLock } from "../../scripts/artefacts/lock.ts";

/** The two programs of the load's image. */
export interface Programs {
  readonly k6: string;
  readonly ledger: string;
}

let built: Promise<Programs> | undefined;

/** The real k6 and the real holder of its ledger, the same artefacts that the load's image is made of; built if they are missing. */
export function programs(): Promise<Programs> {
  built ??= build();
  return built;
}

async function build(): Promise<Programs> {
  const cache = cacheRoot();
  const ignore = (): void => undefined;
  await using _lock = await takeLock(layoutOf().lock, { holder: "test:load", timeoutMs: 45 * 60_000 });
  const found = await buildAll(
    ARTEFACTS.filter(({ name }) => name === "k6" || name === "ledger"),
    { cache, progress: { started: ignore, finished: ignore, failed: ignore, kept: ignore } },
  );
  const [k6, ledger] = [found.get("k6"), found.get("ledger")];
  if (k6 === undefined || ledger === undefined) throw new Error("k6 and ledger are no artefacts any more.");
  return { k6: join(k6.dir, "k6"), ledger: join(ledger.dir, "zerodrop-ledger") };
}
