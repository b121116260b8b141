import type { ChartSpec, Reading } from "./chart-spec.ts";
import { element } from "./dom.ts";

/**
 * The keys above a chart: what each line is, its value at the cursor, and a switch to hide it. `hidden` names those that are. `tell` shows
 * the values of a moment, or none.
 */
export function showKeys(
  place: HTMLElement,
  spec: ChartSpec,
  hidden: ReadonlySet<string>,
  onSwitch: (label: string, show: boolean) => void,
): { tell: (readings: readonly Reading[] | null) => void } {
  place.replaceChildren();
  if (spec.kind === "lanes") {
    for (const { label, colour, shape } of spec.marks.length === 0 ? [] : spec.keys) {
      const key = element("span", "key");
      key.append(element("span", `sign ${shape} ${colour}`), label);
      place.append(key);
    }
    return { tell: () => undefined };
  }
  const values: HTMLElement[] = [];
  for (const line of spec.lines) {
    if (line.boundOf !== undefined) continue;
    const value = element("b", "value");
    values.push(value);
    const key = element(line.told === true ? "span" : "button", "key");
    if (key instanceof HTMLButtonElement) {
      key.type = "button";
      key.setAttribute("aria-pressed", String(!hidden.has(line.label)));
      key.title = "Hide or show this line";
      key.addEventListener("click", () => {
        const show = key.getAttribute("aria-pressed") !== "true";
        key.setAttribute("aria-pressed", String(show));
        onSwitch(line.label, show);
      });
      key.append(element("span", `sign ${line.style} ${line.colour}`));
    }
    key.append(element("span", "", line.label), value);
    place.append(key);
  }
  return {
    tell(readings) {
      for (const [index, value] of values.entries()) value.textContent = readings?.[index]?.text ?? "";
    },
  };
}
