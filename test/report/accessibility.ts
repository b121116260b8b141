import axe from "axe-core";
import type { Page } from "playwright-core";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

/**
 * Rules of WCAG 2.1 A and AA that axe-core finds broken, each with the elements concerned. It is run by the browser's debugger, so that the
 * page's content security policy, which lets no foreign script in, stays as it is.
 */
export async function rulesBroken(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async (values) => {
    const { axe: injected } = window as unknown as { readonly axe: typeof axe };
    const found = await injected.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] });
    return found.violations;
  }, RULES);
  return violations.map(({ id, nodes }) => {
    const where = nodes
      .slice(0, 5)
      .map(({ target, failureSummary }) => `${target.join(" ")} (${failureSummary ?? ""})`);
    return `${id}: ${String(nodes.length)} elements, such as ${where.join("; ")}`;
  });
}
