import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLIENT_KINDS } from "../plan/clients.ts";
import { bundleOwn, bundleScenario } from "./bundle.ts";

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

describe("the bundle of the user's own clients", () => {
  const script = `import { LoadClient } from "zerodrop/k6";
import { sleep } from "k6";
var client = new LoadClient("journey");
export default function journey() { client.post("/a"); sleep(1); }
`;

  // Would catch: k6 left without the function that a scenario names; a name that is a word of the language; an import that k6 would look for beside the file.
  it("has a function for every request and script, and imports k6 alone", async () => {
    const bundle = await bundleOwn([{ name: "predict" }, { name: "delete" }, { name: "journey", script }]);
    assert.deepEqual(exportsOf(bundle), ["delete", "handleSummary", "journey", "options", "predict"]);
    const imports = [...bundle.matchAll(/^import .* from "(.*)";$/gm)].map(([, name]) => name);
    assert.deepEqual([...new Set(imports)].sort(), ["k6", "k6/http", "k6/x/ledger"]);
  });

  // Would catch: scripts of which one is taken for the other, or that share what each has of its own.
  it("keeps scripts apart", async () => {
    const other = script.replace('"journey"', '"checkout"').replace("/a", "/b");
    const bundle = await bundleOwn([
      { name: "journey", script },
      { name: "checkout", script: other },
    ]);
    assert.deepEqual(exportsOf(bundle), ["checkout", "handleSummary", "journey", "options"]);
    assert.match(bundle, /var client = new LoadClient\d*\("journey"\);/);
    assert.match(bundle, /var client2 = new LoadClient\d*\("checkout"\);/);
    assert.match(bundle, /client2\.post\("\/b"\)/);
  });

  // Would catch: k6 running what a kind of client happens to be called as its set-up.
  it("has no client by a name that k6 knows, nor two by one", async () => {
    await assert.rejects(bundleOwn([{ name: "setup" }]), /no client setup/);
    await assert.rejects(bundleOwn([{ name: "predict" }, { name: "predict" }]), /no client predict/);
  });
});
