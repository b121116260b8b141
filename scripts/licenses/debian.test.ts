import assert from "node:assert/strict";
import { test } from "node:test";
import { licenceOfCopyright } from "./debian-copyright.ts";
import { installedPackages, packageIndex, partsOfPackages } from "./debian.ts";
import { LayeredFiles } from "./layers.ts";

const FORMAT = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";

test("the licence of a package is that of all its files, and what some are under stands beside it (defect: a test's licence is told as the package's)", () => {
  const licence = licenceOfCopyright(
    `${FORMAT}\nFiles: deps/*\nLicense: Expat\n text\n\nFiles: *\nCopyright: x\nLicense: BSD-3-clause\n\nFiles: a b\nLicense: Expat\n\nLicense: GPL-2\n text\n`,
  );
  assert.equal(licence.spdx, "BSD-3-Clause");
  assert.deepEqual(licence.further, ["MIT"]);
});

test("without a paragraph for all files every one counts, and one that cannot be read is said", () => {
  const two = licenceOfCopyright(`${FORMAT}\nFiles: a\nLicense: GPL-2+ or Artistic\n\nFiles: b\nLicense: MPL-2.0\n`);
  assert.equal(two.spdx, "(GPL-2.0-or-later OR LicenseRef-Artistic) AND MPL-2.0");
  assert.equal(two.incomplete, false);
  const half = licenceOfCopyright(
    `${FORMAT}\nFiles: *\nLicense: Do with it what you like, as long as it is nothing bad.\n\nFiles: b\nLicense: ISC\n`,
  );
  assert.equal(half.spdx, "ISC");
  assert.equal(half.incomplete, true);
});

test("a name on the line below its field is read, and the header's License where there are no files", () => {
  assert.equal(licenceOfCopyright(`${FORMAT}\nFiles: *\nLicense:\n  BSD-2-Clause\n`).spdx, "BSD-2-Clause");
  assert.equal(licenceOfCopyright(`${FORMAT}License: Zlib\n`).spdx, "Zlib");
});

test("prose is read for texts and notices, and says where it refers to instead of guessing", () => {
  const { spdx, told } = licenceOfCopyright(
    "Released under the terms of the GPL; see\n/usr/share/common-licenses/GPL-3.\n",
  );
  assert.equal(spdx, null);
  assert.match(told, /^not recognised: .*GPL-3$/);
});

const STATUS = `Package: base
Status: install ok installed
Architecture: amd64
Version: 1:2.0-1

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: lib
Status: install ok installed
Architecture: all
Version: 3
`;

test("packages that are installed are told, each with the .deb of just that version (defect: the checksum of a newer version)", async () => {
  const packages = installedPackages(STATUS);
  assert.deepEqual(
    packages.map(({ name }) => name),
    ["base", "lib"],
  );
  const index = packageIndex(
    "Package: base\nArchitecture: amd64\nVersion: 1:2.0-2\nSHA256: bb\n\nPackage: base\nArchitecture: amd64\nVersion: 1:2.0-1\nSHA256: aa\n\nPackage: lib\nArchitecture: all\nVersion: 4\nSHA256: cc\n",
  );
  const files = new LayeredFiles([
    [
      { path: "usr/share/doc/base/copyright", text: `${FORMAT}\nFiles: *\nLicense: ISC\n` },
      { path: "usr/share/doc/lib", link: "base" },
    ],
  ]);
  const [base, lib] = await partsOfPackages(packages, files, index, "image");
  assert.deepEqual([base?.checksum.value, lib?.checksum.value], ["sha256:aa", null]);
  // Its folder is a link to that of another package of the same source.
  assert.deepEqual([base?.licence.spdx, lib?.licence.spdx], ["ISC", "ISC"]);
  const [, none] = await partsOfPackages(packages, new LayeredFiles([]), index, "image");
  assert.match(none?.licence.told ?? "", /^not stated: /);
});
