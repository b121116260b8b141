import assert from "node:assert/strict";
import { test } from "node:test";
import { spdxOfName, spdxOfSynopsis } from "./short-names.ts";
import { isSpdxExpression, licenceReference } from "./spdx.ts";

const SYNOPSES = {
  Expat: "MIT",
  "GPL-2+": "GPL-2.0-or-later",
  "GPL-2": "GPL-2.0-only",
  "GPL-2.0+": "GPL-2.0-or-later",
  "GPLv3+": "GPL-3.0-or-later",
  "LGPLv2.1+": "LGPL-2.1-or-later",
  "AGPL-3": "AGPL-3.0-only",
  "LGPL-3+ or GPL-2+": "LGPL-3.0-or-later OR GPL-2.0-or-later",
  "LGPLv3+_or_GPLv2+": "LGPL-3.0-or-later OR GPL-2.0-or-later",
  "Sleepycat and BSD-3-clause": "Sleepycat AND BSD-3-Clause",
  "GPL-1+ or Artistic, and Expat": "(GPL-1.0-or-later OR LicenseRef-Artistic) AND MIT",
  "public-domain": "LicenseRef-public-domain",
  "GPL-3+ with Bison exception": "LicenseRef-GPL-3-or-later-with-Bison-exception",
  GPL: "LicenseRef-GPL",
};

test("Debian's names become SPDX expressions, and what SPDX has no name for a reference (defect: GPL-2+ is told as GPL-2.0-only)", () => {
  for (const [synopsis, spdx] of Object.entries(SYNOPSES)) {
    assert.equal(spdxOfSynopsis(synopsis), spdx);
    assert.ok(isSpdxExpression(spdx), spdx);
  }
});

test("a name that may mean several licences is not resolved (defect: BSD is told as BSD-3-Clause)", () => {
  for (const name of ["BSD", "GPL", "LGPL", "Artistic", "Apache", "Dual License", ""])
    assert.equal(spdxOfName(name), undefined);
  assert.equal(spdxOfName("Apache License, Version 2.0"), "Apache-2.0");
  assert.equal(spdxOfName("3-Clause BSD License"), "BSD-3-Clause");
});

test("expressions are told from other text by their form", () => {
  for (const text of [
    "MIT",
    "GPL-2.0+",
    "(MIT OR Apache-2.0) AND BSD-3-Clause",
    "GPL-2.0-only WITH Classpath-exception-2.0",
  ]) {
    assert.ok(isSpdxExpression(text), text);
  }
  for (const text of [
    "",
    "BSD",
    "UNLICENSED",
    "Apache 2.0",
    "SEE LICENSE IN x.txt",
    "MIT OR",
    "(MIT",
    "MIT)",
    "()",
    "MIT / X11",
    "OR",
  ]) {
    assert.ok(!isSpdxExpression(text), text);
  }
  assert.ok(isSpdxExpression(licenceReference("MIT/X11 (as is)")));
});
