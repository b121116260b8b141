import { EXIT } from "./exit.ts";

/** A run that a signal ended. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  constructor(readonly signalName: "SIGINT" | "SIGTERM") {
    super(`Interrupted by ${signalName}.`);
  }
}

/** A terminal's Ctrl-C reaches us directly and again through npm and tsx: repetitions this close are the same one. */
const ECHO_MS = 1_000;

/**
 * Turns the first SIGINT or SIGTERM into an abort whose reason is an InterruptedError, so that everything is removed in
 * order. A second one ends the process at once, for people who will not wait.
 */
export function interruptible(): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (name: "SIGINT" | "SIGTERM"): void => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt > ECHO_MS) process.exit(EXIT[name]);
      return;
    }
    firstAt = performance.now();
    controller.abort(new InterruptedError(name));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
