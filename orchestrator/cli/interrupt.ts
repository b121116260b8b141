import { EXIT } from "./exit.ts";

/** A run that a signal ended. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  constructor(readonly signalName: "SIGINT" | "SIGTERM") {
    super(`Interrupted by ${signalName}.`);
  }
}

/**
 * Turns the first SIGINT or SIGTERM into an abort whose reason is an InterruptedError, so that everything is removed in
 * order. A second one ends the process at once, for people who will not wait.
 */
export function interruptible(): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const onSignal = (name: "SIGINT" | "SIGTERM"): void => {
    if (controller.signal.aborted) process.exit(EXIT[name]);
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
