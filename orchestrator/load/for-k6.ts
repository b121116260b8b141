import type { BuildOptions } from "esbuild";

/** What a script of the user's imports as zerodrop's part of k6. */
export const ZERODROP_K6 = "zerodrop/k6";

/** How a bundle is made that k6 runs; what it is called by what stands in its comments hangs on the working folder alone. */
export const FOR_K6 = {
  bundle: true,
  // The same bytes wherever zerodrop lies and is started: below node_modules esbuild finds no tsconfig.json, and a user's may say anything.
  tsconfigRaw: { compilerOptions: { strict: true, verbatimModuleSyntax: true } },
  write: false,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  // Read in the cluster by people who wonder what ran.
  minify: false,
  logLevel: "silent",
} as const satisfies BuildOptions;
