import type { JSX } from "preact";
import { oneLine } from "../plain-text.ts";

/**
 * A table of texts. The first column names its row. Wide ones scroll by themselves, so that a phone's page does not; a region that
 * scrolls can be reached by keyboard.
 */
export function Table({
  caption,
  columns,
  rows,
  align = "left",
}: {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly align?: "left" | "right";
}): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table class={align === "right" ? "numbers" : ""}>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column, index) =>
              column === "" ? (
                <td key={index} />
              ) : (
                <th key={index} scope="col">
                  {oneLine(column)}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map(([first = "", ...cells], index) => (
            <tr key={index}>
              <th scope="row">{oneLine(first)}</th>
              {cells.map((cell, column) => (
                <td key={column}>{oneLine(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Names with their values. */
export function Facts({ rows }: { readonly rows: readonly (readonly [name: string, value: string])[] }): JSX.Element {
  return (
    <dl class="facts">
      {rows.map(([name, value], index) => (
        <div key={index}>
          <dt>{oneLine(name)}</dt>
          <dd>{oneLine(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
