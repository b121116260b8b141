import { oneLine } from "../report/plain-text.ts";
import { indented } from "../report/wrap.ts";
import { loadSet, setNames } from "./matrix-files.ts";
import { loadScenario } from "./scenario-files.ts";

/** The cells of a set, or of every set, each with what its scenario is for. */
export async function listText(
  asked: string | undefined,
  from: { readonly root: string; readonly cwd: string; readonly width: number },
): Promise<string> {
  const blocks: string[] = [];
  for (const name of asked === undefined ? await setNames(from.root) : [asked]) {
    const cells = await loadSet(name, from);
    const runs = cells.reduce((sum, { repeat }) => sum + repeat, 0);
    const lines = [`${name}: ${String(cells.length)} cells, ${String(runs)} runs`];
    for (const cell of cells) {
      const { description } = await loadScenario(cell.scenario, { root: from.root, what: `Set ${name}: scenario` });
      lines.push(`  ${cell.name}${cell.repeat === 1 ? "" : `, ${String(cell.repeat)} times`}`);
      lines.push(...indented(oneLine(description), from.width, 6));
    }
    blocks.push(lines.join("\n"));
  }
  return `${blocks.join("\n\n")}\n`;
}
