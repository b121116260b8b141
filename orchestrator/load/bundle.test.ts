import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLIENT_KINDS } from "../plan/clients.ts";
import { bundleScenario } from "./bundle.ts";

/** The names that a bundle exports, as k6 looks for them. */
function exportsOf(bundle: string): string[] {
  const [, names = ""] = /^export \{([^}]*)\};\s*$/m.exec(bundle) ?? [];
  return names
    .split(",")
    .map((name) => name.trim().replace(/^.* as /, ""))
    .filter((name) => name !== "")
    .sort();
}

describe("the bundle of a load", () => {
  // Would catch: a kind without a file, or k6 left without the function that a scenario names.
  it("has a function for every kind", async () => {
    const bundle = await bundleScenario(CLIENT_KINDS);
    assert.deepEqual(exportsOf(bundle), [...CLIENT_KINDS, "handleSummary", "options"].sort());
  });

  // Would catch: a kind that nobody chose refusing to start, because the load has no part for it.
  it("leaves out the kinds that were not chosen", async () => {
    const bundle = await bundleScenario(["stream", "steady"]);
    assert.deepEqual(exportsOf(bundle), ["handleSummary", "options", "steady", "stream"]);
    assert.doesNotMatch(bundle, /new LoadClient\("(?!steady|stream)/);
  });

  // Would catch: an import that k6 would look for beside the file.
  it("imports k6 alone, the ledger among it", async () => {
    const bundle = await bundleScenario(CLIENT_KINDS);
    const imports = [...bundle.matchAll(/^import .* from "(.*)";$/gm)].map(([, name]) => name);
    assert.deepEqual([...new Set(imports)].sort(), ["k6", "k6/crypto", "k6/http", "k6/x/ledger"]);
  });
});
