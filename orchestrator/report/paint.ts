import type { CheckResult } from "../judge/run-result.ts";

type FindingVerdict = CheckResult["verdict"];

/** Styles for a terminal; every one returns its text as it is when colour is off. */
export interface Painter {
  strong(text: string): string;
  faint(text: string): string;
  verdict(verdict: FindingVerdict, text: string): string;
}

const RESET = "\u001b[0m";
const STYLES: Readonly<Record<FindingVerdict | "strong" | "faint", string>> = {
  strong: "\u001b[1m",
  faint: "\u001b[2m",
  pass: "\u001b[1;32m",
  fail: "\u001b[1;31m",
  invalid: "\u001b[1;33m",
  known: "\u001b[1;35m",
  "not-applicable": "\u001b[2m",
};

export function painter(colour: boolean): Painter {
  const style = (name: keyof typeof STYLES, text: string): string => (colour ? STYLES[name] + text + RESET : text);
  return {
    strong: (text) => style("strong", text),
    faint: (text) => style("faint", text),
    verdict: (verdict, text) => style(verdict, text),
  };
}
