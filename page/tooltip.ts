import type { Reading } from "./chart-spec.ts";
import { byId, element } from "./dom.ts";

const AWAY = 14;

/** Shows what stands at the pointer (in the window's pixels), beside it and within the window. Groups are set apart. */
export function showTooltip(
  at: { readonly x: number; readonly y: number },
  title: string,
  groups: readonly (readonly Reading[])[],
): void {
  const tooltip = byId("tooltip");
  tooltip.replaceChildren();
  if (title !== "") tooltip.append(element("strong", "", title));
  for (const group of groups) {
    const list = element("dl");
    for (const { label, text } of group) {
      list.append(element("dt", "", label), element("dd", "", text));
    }
    tooltip.append(list);
  }
  tooltip.hidden = false;
  const { width, height } = tooltip.getBoundingClientRect();
  const right = at.x + AWAY + width;
  const left = right > document.documentElement.clientWidth ? at.x - AWAY - width : at.x + AWAY;
  const below = at.y + AWAY + height;
  const top = below > innerHeight ? at.y - AWAY - height : at.y + AWAY;
  tooltip.style.left = `${String(Math.max(4, left) + scrollX)}px`;
  tooltip.style.top = `${String(Math.max(4, top) + scrollY)}px`;
}

export function hideTooltip(): void {
  byId("tooltip").hidden = true;
}
