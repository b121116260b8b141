import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import { importX } from "eslint-plugin-import-x";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/**
 * The rooms of orchestrator/ and what each may import besides itself. plan holds the vocabulary and the declared
 * errors, imports nothing, and is open to all. docs/architecture.md gives the reasons.
 */
const ROOMS = {
  plan: [],
  history: ["plan"],
  checks: ["history", "plan"],
  judge: ["checks", "history", "plan"],
  report: ["judge", "history", "plan"],
  kube: ["plan"],
  // What it tells people to do next are commands as they type them.
  target: ["kube", "plan", "cli/started.ts"],
  stage: ["kube", "plan"],
  load: ["kube", "plan", "history"],
  change: ["kube", "plan", "history"],
  record: ["kube", "plan", "history"],
  recording: ["plan", "history"],
  // A sabotage is put into a run by the hooks that the run offers.
  prove: [
    ...["kube", "plan", "history", "stage", "load", "change", "recording"],
    ...["cli/scenario-files.ts", "cli/tampering.ts"],
  ],
};

/** Rooms that read values and return values: the same recording must give the same verdict for ever. */
const PURE = ["plan", "history", "checks", "judge", "report"];
/** Of prove, what proofs and the proxy's rules and account are: values too. */
const PURE_OF_PROVE = [
  "proof",
  "kinds",
  "moment",
  "proxy/rules",
  "proxy/report",
  "fire/phases",
  "fire/kills",
  "fire/troubles",
].map((name) => `orchestrator/prove/${name}.ts`);
/** What sabotages make of a recording: values, of which it is also told what can be seen by what the checks go by. */
const DERIVED = ["orchestrator/prove/derive/**/*.ts"];
/**
 * Packages without I/O, clocks or chance. fast-xml-builder makes a string of an object, preact-render-to-string one of a tree of elements;
 * neither imports anything that does more.
 */
const PURE_PACKAGES = [
  ...["zod", "yaml", "simple-statistics", "fastest-levenshtein", "fast-xml-builder"],
  ...["preact", "preact/jsx-runtime", "preact-render-to-string"],
  ...["@stdlib/stats-base-dists-binomial-cdf", "@stdlib/stats-base-dists-binomial-quantile"],
  "@stdlib/stats-base-dists-beta-quantile",
];
const KUBERNETES_CLIENT = "@kubernetes/client-node";

const TESTS = ["**/*.test.{ts,tsx}", "**/testing/**"];

const filesOf = (room) => [`orchestrator/${room}/**/*.{ts,tsx}`];

/** No import from other rooms than those allowed, nor from beyond orchestrator/. */
function boundaries(room, allowed, files = filesOf(room)) {
  const target = `./orchestrator/${room}`;
  // The embedded cluster is made of what scripts/artefacts builds, and so are the mutants of its operator.
  const scripts = room === "target" || room === "prove" ? ["./artefacts"] : [];
  const rooms = [room, ...allowed];
  const message = `${room} may import ${rooms.join(", ")} only.`;
  return {
    files,
    ignores: TESTS,
    rules: {
      "import-x/no-restricted-paths": [
        "error",
        {
          basePath: import.meta.dirname,
          zones: [
            { target, from: "./orchestrator", except: rooms.map((name) => `./${name}`), message },
            { target, from: "./scripts", except: scripts, message },
            { target, from: ["./k6", "./page", "./test"], message },
          ],
        },
      ],
    },
  };
}

/** No I/O, no clock, no chance, by import or by global. */
function pure(room, files = filesOf(room)) {
  const message = `${room} is pure: pass the value in.`;
  const packages = PURE_PACKAGES.join("|");
  return {
    files,
    ignores: TESTS,
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ regex: `^(?!\\.{1,2}/|(${packages})$)`, message }] }],
      "no-restricted-globals": [
        "error",
        ...[
          ...["process", "Buffer", "globalThis", "global", "console", "crypto", "performance", "navigator"],
          ...["fetch", "WebSocket", "EventSource", "require"],
          ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask"],
        ].map((name) => ({ name, message })),
      ],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message },
        { object: "Math", property: "random", message },
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message },
        { selector: "CallExpression[callee.name='Date']", message },
        { selector: "ImportExpression", message },
        { selector: "MetaProperty[meta.name='import']", message },
      ],
    },
  };
}

/** What runs in the reader's browser: no Node, and of the orchestrator only the reports, which are pure. */
const PAGE = {
  files: ["page/**/*.ts"],
  ignores: TESTS,
  rules: {
    "no-restricted-imports": [
      "error",
      { patterns: [{ regex: "^(?!\\.{1,2}/|uplot$)", message: "page runs in a browser: uplot only." }] },
    ],
    "import-x/no-restricted-paths": [
      "error",
      {
        basePath: import.meta.dirname,
        zones: [
          {
            target: "./page",
            from: ".",
            except: ["./page", "./orchestrator/report", "./node_modules"],
            message: "page may import orchestrator/report only.",
          },
        ],
      },
    ],
  },
};

export default defineConfig(
  { ignores: ["results/**", "reports/**", "node_modules/**"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["{orchestrator,scripts,test,k6,page,examples}/**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "import-x": importX },
    settings: {
      "import-x/resolver-next": [createTypeScriptImportResolver({ project: "tsconfig.json" })],
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "@typescript-eslint/no-floating-promises": [
        "error",
        // node:test waits for its own.
        {
          allowForKnownSafeCalls: [
            { from: "package", package: "node:test", name: ["test", "it", "describe", "suite"] },
          ],
        },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", ignoreRestSiblings: true, ignoreUsingDeclarations: true },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      // `== null` asks for null and undefined at once.
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-restricted-imports": [
        "error",
        {
          paths: [{ name: KUBERNETES_CLIENT, message: "Only orchestrator/kube knows the Kubernetes client library." }],
        },
      ],
    },
  },
  ...Object.entries(ROOMS).map(([room, allowed]) => boundaries(room, allowed)),
  ...PURE.map((room) => pure(room)),
  boundaries("prove", ["history", "plan"], PURE_OF_PROVE),
  pure("prove", PURE_OF_PROVE),
  boundaries("prove", ["checks", "history", "plan"], DERIVED),
  pure("prove", DERIVED),
  PAGE,
  { files: ["orchestrator/kube/**/*.ts"], rules: { "no-restricted-imports": "off" } },
  {
    files: ["k6/**/*.ts"],
    ignores: TESTS,
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^(?!\\.{1,2}/|k6$|k6/)", message: "k6 runs this: there is no Node in it." }] },
      ],
      // @types/k6 describes option objects as abstract classes.
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
    },
  },
  {
    files: ["k6/lib/**/*.ts", "k6/scenarios/**/*.ts"],
    ignores: TESTS,
    rules: {
      "import-x/no-restricted-paths": [
        "error",
        {
          basePath: import.meta.dirname,
          zones: [
            {
              target: "./k6",
              from: ".",
              except: ["./k6/lib", "./node_modules"],
              message: "A scenario may import k6/lib only.",
            },
          ],
        },
      ],
    },
  },
);
