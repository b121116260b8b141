import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { z } from "zod";
import { proxyReportSchema } from "./report.ts";

const data: unknown = JSON.parse(
  await readFile(new URL("../../../saboteur/testdata/report.json", import.meta.url), "utf8"),
);

void test("a report is read as the proxy writes it (defect: fields that one side lacks, or drops)", () => {
  assert.deepEqual(proxyReportSchema.parse(data), data);
});

void test("a report with what nobody knows, or without what is needed, is none (defect: a misread account)", () => {
  const report = z.record(z.string(), z.unknown()).parse(data);
  assert.equal(proxyReportSchema.safeParse({ ...report, more: 1 }).success, false);
  for (const key of Object.keys(report)) {
    assert.equal(proxyReportSchema.safeParse({ ...report, [key]: undefined }).success, false, key);
  }
});
