import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions } from "esbuild";
import type { PageAssets } from "../report/html/report-input.ts";

const PAGE = fileURLToPath(new URL("../../page", import.meta.url));

let made: Promise<PageAssets> | undefined;

/** Script and style of report.html, bundled from page/ with uPlot, and their hashes. Made once in a process. */
export function pageAssets(): Promise<PageAssets> {
  return (made ??= bundle());
}

async function bundle(): Promise<PageAssets> {
  const [script, style] = await Promise.all([
    bundled({ entryPoints: [`${PAGE}/main.ts`], format: "iife", target: "es2022" }),
    bundled({
      stdin: {
        contents: '@import "uplot/dist/uPlot.min.css";\n@import "./style.css";',
        resolveDir: PAGE,
        loader: "css",
      },
    }),
  ]);
  return { script, scriptHash: sha256(script), style, styleHash: sha256(style) };
}

async function bundled(own: BuildOptions): Promise<string> {
  const result = await build({
    ...own,
    bundle: true,
    // Below node_modules esbuild finds no tsconfig.json, and the page would be another one.
    tsconfigRaw: { compilerOptions: { strict: true, verbatimModuleSyntax: true } },
    write: false,
    minify: true,
    // A page that is read from a file may be read as anything: what is not ASCII is escaped.
    charset: "ascii",
    legalComments: "inline",
    logLevel: "silent",
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error("esbuild made nothing of page/.");
  // A newline at the end would be one more byte than the element's text, to which the hash must belong.
  return file.text.trimEnd();
}

/** As a content security policy names it. */
function sha256(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
