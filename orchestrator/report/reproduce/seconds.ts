/**
 * The seconds of which a configuration makes these ms, `seconds * 1000`, to the last bit: dividing and multiplying again may miss it by
 * one. As short a number as there is.
 */
export function secondsOf(ms: number): number {
  const plain = ms / 1000;
  const near = [0, 1, -1, 2, -2].map((ulps) => plain * (1 + ulps * Number.EPSILON));
  const candidates = [...[15, 16, 17].map((digits) => Number(plain.toPrecision(digits))), ...near];
  return candidates.find((seconds) => seconds * 1000 === ms) ?? plain;
}
