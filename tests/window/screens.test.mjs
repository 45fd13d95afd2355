/**
 * Every screen where there is little room: a window of 700 by 500, which is also what 200 % zoom leaves of 1400 by 1000,
 * and in a language that runs the other way. Nothing lies outside, nothing is cut off, and no control has no name.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse } from "./page.mjs";
import { STATES } from "./states.mjs";

const ROOMS = [
  { name: "700 by 500", width: 700, height: 500, more: "" },
  { name: "700 by 500, French", width: 700, height: 500, more: "&locale=fr" },
  { name: "700 by 500, right to left", width: 700, height: 500, more: "&locale=rtl" },
  { name: "1400 by 840, right to left", width: 1400, height: 840, more: "&locale=rtl" },
];

/** In the page: what of it cannot be reached by any scrolling, or only by scrolling sideways. */
const LOST = `
  const lost = [];
  const told = (element) => {
    const id = element.closest("[data-testid]")?.dataset.testid;
    return element.tagName.toLowerCase() + (id ? " in " + id : "") + " " + JSON.stringify((element.textContent || element.ariaLabel || "").trim().slice(0, 40));
  };
  const shown = (element) => element.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true }) && !element.closest(".hidden-visually, [inert], [data-testid=sample]");
  const scrolls = (element, axis) => /auto|scroll/.test(getComputedStyle(element)[axis]);
  if (document.scrollingElement.scrollWidth > innerWidth) lost.push("the page is wider than the window");
  const modal = document.querySelector("dialog:modal");
  for (const element of (modal ?? document.body).querySelectorAll("button, input, select, textarea, a[href], [tabindex], h1, h2, p")) {
    if (!shown(element)) continue;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    let [left, right, top, bottom] = [0, innerWidth, 0, innerHeight];
    for (let up = getComputedStyle(element).position === "fixed" ? null : element.parentElement; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      const edge = up.getBoundingClientRect();
      const sideways = /hidden|clip|auto|scroll/.test(style.overflowX);
      // What is shortened says so with an ellipsis.
      if (sideways && style.textOverflow !== "ellipsis" && (box.right > edge.right + 1 || box.left < edge.left - 1)) { lost.push("cut at the side: " + told(element)); break; }
      if (scrolls(up, "overflowY")) { top = bottom = null; break; }
      if (/hidden|clip/.test(style.overflowY) && (box.bottom > edge.bottom + 1 || box.top < edge.top - 1)) { lost.push("cut above or below: " + told(element)); break; }
      if (style.position === "fixed" || up === modal) break;
    }
    if (box.right > right + 1 || box.left < left - 1) lost.push("outside at the side: " + told(element));
    if (top !== null && (box.bottom > bottom + 1 || box.top < top - 1)) lost.push("outside above or below: " + told(element));
  }
  return [...new Set(lost)];`;

let page;
const ends = [];
before(async () => {
  page = await browse((end) => ends.push(end));
});
after(async () => {
  for (const end of ends.toReversed()) await end();
});

for (const room of ROOMS) {
  test(`nothing is lost at ${room.name}`, async () => {
    await page.fit(room.width, room.height);
    const found = [];
    for (const state of STATES.filter((state) => !state.wide || room.width > 860)) {
      try {
        await page.show(state, room.more);
      } catch (error) {
        found.push(`${state.name} was not reached: ${error.message}`);
        continue;
      }
      for (const what of await page.run(LOST)) found.push(`${state.name}: ${what}`);
    }
    assert.deepEqual(found, []);
  });
}
