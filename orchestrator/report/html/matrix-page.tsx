import type { JSX } from "preact";
import { renderToStaticMarkup } from "preact-render-to-string";
import type { Matrix } from "../matrix/matrix.ts";
import {
  environmentRows,
  FIGURE_COLUMNS,
  FLAKE_COLUMNS,
  flakeRows,
  matrixCounts,
  matrixRows,
  occasionRows,
  setName,
  type MatrixRow,
} from "../matrix/matrix-rows.ts";
import { oneLine } from "../plain-text.ts";
import { REPORT_HTML } from "./page.tsx";
import type { PageAssets } from "./report-input.ts";
import { Facts, Table } from "./table.tsx";

interface MatrixPageInput {
  readonly matrix: Matrix;
  readonly assets: Pick<PageAssets, "style" | "styleHash">;
  /** From the page's folder to the project's root, ending in a slash; null when the pages of known defects cannot be reached from there. */
  readonly toRoot: string | null;
}

/**
 * index.html of a matrix: every run with a link to its report.html, in one page without a script. Its content security policy allows its own style and
 * nothing else; every text of a recording is escaped. Pure: equal inputs give equal bytes.
 */
export function matrixPage(input: MatrixPageInput): string {
  return `<!doctype html>\n${renderToStaticMarkup(<Page {...input} />)}\n`;
}

function Page({ matrix, assets, toRoot }: MatrixPageInput): JSX.Element {
  const policy = ["default-src 'none'", `style-src '${assets.styleHash}'`, "base-uri 'none'", "form-action 'none'"];
  const flakes = flakeRows(matrix);
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy.join("; ")} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{oneLine(`${setName(matrix)}: ${matrixCounts(matrix)}`)}</title>
        <style dangerouslySetInnerHTML={{ __html: assets.style }} />
      </head>
      <body>
        <header>
          <h1>{oneLine(`Matrix ${setName(matrix)}`)}</h1>
          <p>{matrixCounts(matrix)}</p>
        </header>
        <main>
          <Runs rows={matrixRows(matrix)} toRoot={toRoot} />
          {flakes.length === 0 ? null : (
            <Table caption="Flake rates" columns={FLAKE_COLUMNS} rows={flakes} align="right" />
          )}
          <h2>Run</h2>
          <Facts rows={occasionRows(matrix)} />
          {matrix.environments.map((environment, index) => (
            <section key={index}>
              <h2>{index === 0 ? "Environment" : `Environment ${String(index + 1)}`}</h2>
              <Facts rows={environmentRows(environment)} />
            </section>
          ))}
        </main>
      </body>
    </html>
  );
}

function Runs({ rows, toRoot }: { readonly rows: readonly MatrixRow[]; readonly toRoot: string | null }): JSX.Element {
  const columns = ["scenario", "strategy", "verdict", ...FIGURE_COLUMNS, "explanation"];
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Runs">
      <table class="matrix">
        <caption>Runs</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index} class={row.style}>
              <th scope="row">
                <Name row={row} />
              </th>
              <td>{oneLine(row.strategy)}</td>
              <td class="word">{row.verdict}</td>
              {row.figures.map((figure, column) => (
                <td key={column} class="figure">
                  {figure}
                </td>
              ))}
              <td>
                {oneLine(row.explanation)}
                {[...row.pages, ...(row.finding === null ? [] : [row.finding])].map(({ id, page }) => (
                  <DefectPage key={id} id={id} href={toRoot === null ? null : toRoot + page} />
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A run without a verdict has no report. */
function Name({ row: { name, folder } }: { readonly row: MatrixRow }): JSX.Element {
  if (folder === null) return <>{oneLine(name)}</>;
  const path = folder.split("/").map(encodeURIComponent).join("/");
  return <a href={`./${path}/${REPORT_HTML}`}>{oneLine(name)}</a>;
}

function DefectPage({ id, href }: { readonly id: string; readonly href: string | null }): JSX.Element {
  return <> {href === null ? oneLine(id) : <a href={`./${encodeURI(href)}`}>{oneLine(id)}</a>}</>;
}
