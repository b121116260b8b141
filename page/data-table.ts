import type { Chart } from "./chart.ts";
import { byId, element } from "./dom.ts";
import type { Range, TimeAxis } from "./time-axis.ts";

/** Fills a chart's table when it is opened, with what is in view, and again when that changes. */
export function fillTable(chart: Chart, axis: TimeAxis): () => void {
  const details = byId(`data-${chart.spec.id}`);
  if (!(details instanceof HTMLDetailsElement)) throw new Error("A chart's table is no details element.");
  const fill = (): void => {
    if (details.open) details.querySelector(".scroll")?.replaceChildren(...tableOf(chart, axis));
  };
  details.addEventListener("toggle", fill);
  axis.onRange(fill);
  return fill;
}

function tableOf(chart: Chart, axis: TimeAxis): HTMLElement[] {
  const { columns, rows, all, leadTo, note } = chart.spec.table(axis.range);
  const noted = note === undefined ? [] : [element("p", "", note)];
  if (rows.length === 0) return [element("p", "", "Nothing in view."), ...noted];
  const table = element("table");
  const head = element("tr");
  for (const column of columns) {
    const cell = element("th", "", column);
    cell.scope = "col";
    head.append(cell);
  }
  const top = element("thead");
  top.append(head);
  const body = element("tbody");
  for (const [index, [first = "", ...cells]] of rows.entries()) {
    const row = element("tr");
    const goal = leadTo?.[index];
    const name = element("th", "", goal === undefined ? first : "");
    name.scope = "row";
    if (goal !== undefined) name.append(momentButton(first, goal, axis));
    row.append(name, ...cells.map((cell) => element("td", "", cell)));
    body.append(row);
  }
  table.append(top, body);
  if (all === rows.length) return [table, ...noted];
  return [
    table,
    element("p", "", `The first ${String(rows.length)} of ${String(all)} in view; zoom in to see the others.`),
    ...noted,
  ];
}

/** Goes to what a row tells of. The table is made anew for what is in view then, and the row with it: the focus goes to the chart. */
function momentButton(text: string, { from, to }: Range, axis: TimeAxis): HTMLElement {
  const button = element("button", "moment", text);
  button.type = "button";
  button.setAttribute("aria-label", `Show ${text} on the time axis`);
  button.addEventListener("click", () => {
    const place = button.closest("figure")?.querySelector<HTMLElement>(".plot");
    axis.show(from, to);
    place?.focus();
  });
  return button;
}
