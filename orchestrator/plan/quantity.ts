/**
 * Kubernetes' text for an amount: a decimal number and a suffix, of thousands, of 1,024s, or an exponent of ten.
 *
 * Source: k8s.io/apimachinery/pkg/api/resource, "The serialization format".
 */
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([numkMGTPE]?)|([KMGTPE])i|[eE]([+-]?\d+))$/;

const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY = "KMGTPE";

/** The amount, undefined when the text is no quantity. A decimal one is as exact as a number can be. */
export function amountOf(text: string): number | undefined {
  const [, digits, decimal = "", binary, exponent] = QUANTITY.exec(text) ?? [];
  if (digits === undefined) return undefined;
  if (binary !== undefined) return Number(digits) * 1024 ** (BINARY.indexOf(binary) + 1);
  // By its text: 35 times 0.001 need not be what 0.035 reads as.
  return Number(`${digits}e${exponent ?? String(DECIMAL[decimal] ?? 0)}`);
}

/** Whether two quantities are the same amount: an API server may write "0.1" as "100m". What is no quantity equals itself only. */
export function sameQuantity(a: string | number, b: string | number): boolean {
  const [left, right] = [String(a), String(b)];
  const amount = amountOf(left);
  return left === right || (amount !== undefined && amount === amountOf(right));
}
