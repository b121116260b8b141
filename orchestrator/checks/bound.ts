/**
 * Upper 95 % confidence bound of the failure probability when none of n independent requests failed:
 * the p at which n successes in a row still have a probability of 5 %, (1 - p)^n = 0.05. 1 when n is 0.
 */
export function failureUpperBound(n: number): number {
  // expm1 keeps the digits that 1 - 0.05 ** (1 / n) loses for large n.
  return n > 0 ? -Math.expm1(Math.log(0.05) / n) : 1;
}
