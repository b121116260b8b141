/** The class of a page that is made ready for paper. */
const PAPER = "paper";

/** A colour of the style sheet by its name, as the reader's theme has it now. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** A colour with an opacity from 0 to 1; the style sheet's colours are written as six hexadecimal digits. */
export function faint(name: string, opacity: number): string {
  const alpha = Math.round(opacity * 255);
  return `${colour(name)}${alpha.toString(16).padStart(2, "0")}`;
}

/** Whether the page is being made ready for paper. */
export function isOnPaper(): boolean {
  return document.documentElement.classList.contains(PAPER);
}

/** Calls `redraw` whenever colours change: by the system's theme, or for paper. */
export function onThemeChange(redraw: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  // What was drawn on a canvas for a dark screen would waste ink and hide grey lines.
  addEventListener("beforeprint", () => {
    document.documentElement.classList.add(PAPER);
    redraw();
  });
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove(PAPER);
    redraw();
  });
}
