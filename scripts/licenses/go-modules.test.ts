import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { buildInfoSchema, modulesOf, moduleFolderName, partsOfProgram } from "./go-modules.ts";
import { SHORT_TEXTS } from "./short-texts.ts";

const MIT = SHORT_TEXTS.find(({ spdx }) => spdx === "MIT")?.text.replaceAll(/ <\d+> /g, " it ") ?? "";

const INFO = buildInfoSchema.parse({
  GoVersion: "go1.26.8",
  Main: { Path: "example.com/operator", Version: "v1.6.2", Replace: { Path: "./operator", Version: "(devel)" } },
  Deps: [
    { Path: "github.com/Masterminds/semver/v3", Version: "v3.5.0", Sum: "h1:A=" },
    { Path: "k8s.io/api", Version: "v0.0.0", Replace: { Path: "k8s.io/api", Version: "v0.35.4", Sum: "h1:B=" } },
    {
      Path: "zerodrop.dev/k6/ledger",
      Version: "v0.0.0",
      Replace: { Path: "/home/somebody/k6/ledger", Version: "(devel)" },
    },
    { Path: "unsummed.example", Version: "v1.0.0" },
  ],
});

test("a program's modules are those that it was really built of (defect: the version before a replace; a path of this machine)", () => {
  const modules = modulesOf(INFO);
  assert.deepEqual(
    modules.map(({ name, version, checksum }) => [name, version, checksum.value]),
    [
      ["example.com/operator", "v1.6.2", null],
      ["github.com/Masterminds/semver/v3", "v3.5.0", "h1:A="],
      ["k8s.io/api", "v0.35.4", "h1:B="],
      ["unsummed.example", "v1.0.0", null],
    ],
  );
  assert.match(modules[0]?.checksum.of ?? "", /a copy that this checkout changes/);
  assert.ok(!JSON.stringify(modules).includes("/home/"));
});

test("a program of this checkout alone, and one built from a folder, have no modules of others", () => {
  const own = { GoVersion: "go1.26.8", Main: { Path: "zerodrop.dev/saboteur", Version: "(devel)" } };
  assert.deepEqual(modulesOf(buildInfoSchema.parse(own)), []);
  assert.deepEqual(modulesOf(buildInfoSchema.parse({ ...own, Main: { Path: "k6", Version: "(devel)" } })), []);
});

test("the module cache has capital letters escaped (defect: the licence of every such module is not found)", () => {
  assert.equal(moduleFolderName("github.com/BurntSushi/toml", "v1.6.0"), "github.com/!burnt!sushi/toml@v1.6.0");
});

test("licences come from the module cache and Go's folder, and what is not there any more is said", async () => {
  const folder = await mkdtemp(join(tmpdir(), "zerodrop-modules-"));
  try {
    const cached = join(folder, "github.com/!masterminds/semver/v3@v3.5.0");
    await mkdir(join(cached, "LICENSES"), { recursive: true });
    await writeFile(join(cached, "LICENSE.txt"), MIT);
    await writeFile(join(cached, "license.go"), "package semver");
    const go = { GOROOT: join(folder, "none"), GOMODCACHE: folder, GOVERSION: "go1.27.0" };
    const parts = await partsOfProgram(INFO, "operator", go);
    const told = new Map(parts.map(({ name, licence }) => [name, licence]));
    assert.equal(told.get("github.com/Masterminds/semver/v3")?.told, "LICENSE.txt: text of MIT");
    assert.match(told.get("k8s.io/api")?.told ?? "", /^not stated: Go's module cache no longer has it/);
    assert.match(
      told.get("Go's standard library")?.told ?? "",
      /built by go1\.26\.8, and this machine has go1\.27\.0 now/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
