import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CHECKOUT } from "../artefacts/cache.ts";
import { recognise } from "./recognise.ts";
import { SHORT_TEXTS } from "./short-texts.ts";

const APACHE = readFileSync(join(CHECKOUT, "LICENSE"), "utf8");
/** Debian's copies, which every Debian has in its package base-files. */
const COMMON = "/usr/share/common-licenses";

const BSD_3 = `Copyright (c) 2009 The Go Authors. All rights reserved.

Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are
met:

   * Redistributions of source code must retain the above copyright
notice, this list of conditions and the following disclaimer.
   * Redistributions in binary form must reproduce the above
copyright notice, this list of conditions and the following disclaimer
in the documentation and/or other materials provided with the
distribution.
   * Neither the name of Google Inc. nor the names of its
contributors may be used to endorse or promote products derived from
this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS
"AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT
LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR
A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT
OWNER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL,
SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT
LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY
THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT
(INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
`;

const GPL_NOTICE = `This program is free software; you can redistribute it and/or modify it under the terms of the GNU
General Public License as published by the Free Software Foundation; either version 2 of the License, or (at your option)
any later version.`;

const sampleOf = (text: string): string => text.replaceAll(/ ?<\d+> ?/g, " it ");

test("each short text is recognised as what it is, and as nothing else (defect: MIT-0 for MIT, BSD-2-Clause for BSD-3-Clause)", () => {
  for (const { spdx, text } of SHORT_TEXTS) assert.deepEqual(recognise(sampleOf(text)).spdx, [spdx], text.slice(0, 60));
});

test("a licence is recognised with its bullets, quotes, lines and holder (defect: one line break, and it is not known)", () => {
  const { spdx, by, rest } = recognise(BSD_3);
  assert.deepEqual([spdx, by], [["BSD-3-Clause"], ["text"]]);
  // The copyright line and the bullets' marks are all that is left.
  assert.ok(rest < 60, String(rest));
  assert.deepEqual(recognise(BSD_3.replaceAll(/^/gm, "// ").toUpperCase()).spdx, ["BSD-3-Clause"]);
});

test("a text that was changed is not recognised (defect: a licence with a clause of its own is called MIT)", () => {
  assert.deepEqual(recognise(BSD_3.replace("with or without", "without")).spdx, []);
  // Its appendix quotes the notice by which it is applied.
  assert.deepEqual(recognise(APACHE.replace("royalty-free", "royalty-bearing")).spdx, []);
  const commons = "The Commons Clause: the License does not grant to you the right to Sell the Software.";
  assert.ok(recognise(`${BSD_3}${commons.repeat(30)}`).rest > 1400, "what stands beside it is counted");
});

test("this checkout's own licence is told by its whole text", () => {
  assert.deepEqual(recognise(APACHE).spdx, ["Apache-2.0"]);
  assert.deepEqual(recognise(APACHE).by, ["text"]);
});

test(
  "whole texts of long licences are told, and the notice in their appendix is not the part's (defect: GPL-3.0-or-later by its own example)",
  { skip: !existsSync(COMMON) },
  () => {
    const expected = {
      "Apache-2.0": "Apache-2.0",
      "MPL-2.0": "MPL-2.0",
      "GPL-2": "GPL-2.0-only",
      "GPL-3": "GPL-3.0-only",
      "LGPL-2": "LGPL-2.0-only",
      "LGPL-2.1": "LGPL-2.1-only",
      "LGPL-3": "LGPL-3.0-only",
    };
    for (const [file, spdx] of Object.entries(expected)) {
      const text = readFileSync(join(COMMON, file), "utf8");
      assert.deepEqual(recognise(text).spdx, [spdx], file);
      const middle = text.length / 2;
      const changed = `${text.slice(0, middle)} not ${text.slice(middle)}`;
      assert.deepEqual(recognise(changed).spdx, [], `${file}, changed`);
    }
  },
);

test("a notice says whether later versions may be used, and which GNU licence it is", () => {
  assert.deepEqual(recognise(GPL_NOTICE).spdx, ["GPL-2.0-or-later"]);
  assert.deepEqual(recognise(GPL_NOTICE.replace("version 2 ", "version 3 ")).spdx, ["GPL-3.0-or-later"]);
  const lesser = GPL_NOTICE.replace("General", "Lesser General").replace("version 2 ", "version 2.1 ");
  assert.deepEqual(recognise(lesser).spdx, ["LGPL-2.1-or-later"]);
  assert.deepEqual(recognise(GPL_NOTICE.replace("or (at your option)\nany later version", "and no other")).spdx, []);
});

test("all of several texts in a file are told, in their order and once each (defect: the second licence of a file is lost)", () => {
  const mit = sampleOf(SHORT_TEXTS.find(({ spdx }) => spdx === "MIT")?.text ?? "");
  assert.deepEqual(recognise(`${mit}\n${BSD_3}\n${mit}\n${GPL_NOTICE}`).spdx, [
    "MIT",
    "BSD-3-Clause",
    "GPL-2.0-or-later",
  ]);
});

test("a text without an end to its matching is read quickly (defect: a hostile LICENSE of a module stops the command)", () => {
  const begin =
    "Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following conditions are met:";
  const started = performance.now();
  assert.deepEqual(recognise(begin.repeat(3000)).spdx, []);
  assert.deepEqual(recognise("preamble the gnu".repeat(20_000)).spdx, []);
  assert.ok(performance.now() - started < 5000);
});
