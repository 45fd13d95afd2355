/** Every screen, in every theme, under axe-core: nothing that it can see stands in the way of a screen reader or a weak eye. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { browse, ui } from "./page.mjs";
import { STATES } from "./states.mjs";

const axe = readFileSync(`${ui}node_modules/axe-core/axe.min.js`, "utf8");
const THEMES = ["light", "sepia", "dark"];

test("axe-core finds nothing on any screen in any theme", async (t) => {
  const page = await browse((end) => t.after(end));
  await page.fit(1400, 840);
  const found = [];
  for (const state of STATES) {
    try {
      await page.show(state);
    } catch (error) {
      found.push(`${state.name} was not reached: ${error.message}`);
      continue;
    }
    for (const theme of THEMES) {
      await page.theme(theme);
      for (const what of await violations(page)) found.push(`${state.name}, ${theme}: ${what}`);
    }
  }
  assert.deepEqual(found, []);
});

/**
 * What axe finds, one line for each element. Paragraphs that the author had dimmed are dim on purpose: of them the tokens'
 * test says how dim, and that they are not for who asks the system for more contrast.
 */
async function violations(page) {
  const results = await page.ask("POST", "/execute/async", {
    script: `const [source, done] = arguments;
      if (!window.axe) (0, eval)(source);
      const seen = { include: [document], exclude: [["[data-dimmed=yes] .ProseMirror"]] };
      axe.run(seen, { resultTypes: ["violations"] }).then(({ violations }) => done(violations), (error) => done(String(error)));`,
    args: [axe],
  });
  assert.ok(Array.isArray(results), `axe did not run: ${results}`);
  return results.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary.split("\n").slice(1).join("; ")}`),
  );
}
