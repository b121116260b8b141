import type { Tampering } from "../cli/tampering.ts";
import type { Clock } from "../kube/clock.ts";
import type { Proof } from "./proof.ts";
import type { SabotageFacts } from "./tamper/account.ts";
import { watchDeaf } from "./tamper/deaf-watch.ts";
import { loadStarved } from "./tamper/load-starved.ts";
import { loadStopped } from "./tamper/load-stopped.ts";
import { operatorMutant } from "./tamper/mutant.ts";
import { proxied } from "./tamper/proxied.ts";
import { runnerKilled } from "./tamper/runner-killed.ts";
import { untouched } from "./tamper/untouched.ts";
import { rowsLost, stampsShifted } from "./tamper/spoilt-ledger.ts";
import type { Tamper } from "./tamper/tamper.ts";

export { sabotageFactsSchema, type SabotageFacts } from "./tamper/account.ts";

/** A sabotage, to be put into one run. */
export interface Sabotage {
  /** For the run. Nothing of it throws into the run but what keeps it from beginning; what goes wrong under load is told by `done`. */
  readonly tampering: Tampering;
  /**
   * What was done. To be asked when the run is over, whatever it came to.
   *
   * @throws SetUpError when it was not done: nobody is to take the run for one with it.
   */
  done(): Promise<SabotageFacts>;
}

export interface SabotageParts {
  /** The build that has every mutant of the operator in it, and the proxy. */
  readonly images: { readonly mutants: string; readonly saboteur: string };
  readonly clock: Clock;
  /** Told, of a runner that ends itself, what it is about to do: `done` is never reached then. It has to be on disk when this resolves. */
  readonly lastWords: (facts: SabotageFacts) => Promise<void>;
  /** How it ends itself; by SIGKILL when left out. */
  readonly kill?: () => void;
}

/** The sabotage of a proof, for one run: it keeps the account of that run. */
export function sabotageOf(proof: Pick<Proof, "sabotage">, parts: SabotageParts): Sabotage {
  const { tampering, account } = tamperOf(proof.sabotage, parts);
  return {
    tampering,
    // The account throws, and a promise rejects.
    done: () => Promise.resolve().then(() => account.facts()),
  };
}

function tamperOf(sabotage: Proof["sabotage"], parts: SabotageParts): Tamper {
  const { images, clock, lastWords, kill = killSelf } = parts;
  switch (sabotage.kind) {
    case "operator-mutant":
      return operatorMutant(sabotage, { image: images.mutants, clock });
    case "proxy":
      return proxied(sabotage, images.saboteur);
    case "ledger-rows-lost":
      return rowsLost(sabotage, clock);
    case "ledger-shifted":
      return stampsShifted(sabotage, clock);
    case "watch-deaf":
      return watchDeaf(sabotage);
    case "load-starved":
      return loadStarved(sabotage);
    case "load-stopped":
      return loadStopped(sabotage);
    case "runner-killed":
      return runnerKilled(sabotage, { lastWords, kill });
    case "none":
      return untouched(clock);
  }
}

function killSelf(): void {
  process.kill(process.pid, "SIGKILL");
}
