/** Every screen by the keyboard alone; and wherever that leads, something has the focus. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse } from "./page.mjs";
import { Key, until } from "./window.mjs";

const id = (name) => `[data-testid="${name}"]`;
const ends = [];
let page;
before(async () => {
  page = await browse((end) => ends.push(end));
  await page.fit(1400, 840);
});
after(async () => {
  for (const end of ends.toReversed()) await end();
});

const focus = () =>
  page.run(`const { activeElement: it } = document;
    if (!it || it === document.body || !it.isConnected) return null;
    return it.dataset.testid ?? it.getAttribute("aria-label") ?? (it.textContent || it.tagName).trim().slice(0, 40);`);

/** Presses keys, waits for what they lead to, and for the focus to be somewhere then. */
async function keys(pressed, leads) {
  await page.press(...pressed);
  await page.find(leads);
  return until(`the focus, at ${leads}`, focus);
}

async function gone(selector) {
  await until(`${selector} to be gone`, async () => (await page.all(selector)).length === 0);
  return until(`the focus, without ${selector}`, focus);
}

/** With Tab alone. */
async function reach(name) {
  for (let step = 0; step < 80; step += 1) {
    if (await page.run(`return document.activeElement?.matches('${id(name)}')`)) return;
    await page.press(Key.tab);
  }
  throw new Error(`Tab never reached ${name}`);
}

async function show(ask, shows) {
  await page.show({ ask, shows });
}

test("a vault is made, its kit confirmed, a novel begun, locked and unlocked", async () => {
  await show("screen=create", id("create-vault"));
  await page.keys("lantern gravel oboe tuesday", Key.enter);
  await page.find(id("kit-words"));
  const words = await page.run(
    `return [...document.querySelectorAll('${id("kit-words")} .word')].map((word) => word.textContent.trim())`,
  );
  await reach("kit-next");
  await page.press(Key.enter);
  for (const field of [1, 2, 3]) {
    await reach(`confirm-${field}`);
    await page.keys(words[(await page.run("return Number(document.activeElement.dataset.place)")) - 1]);
  }
  await keys([Key.enter], id("new-novel"));
  await keys([Key.control, "n"], id("create-novel"));
  await page.keys("By Hand", Key.enter);
  await page.find(id("editor"));
  await until("the page to have the focus", async () => (await focus()) === "editor");
  await page.keys("First words.");
  await until("the words", async () => (await page.text(id("editor"))).includes("First words."));
  await keys([Key.control, "l"], id("unlock"));
  assert.equal(await focus(), "password");
  await page.keys("lantern gravel oboe tuesday", Key.enter);
  await page.find(id("novel"));
  await until("the focus in the library", focus);
  await reach("novel");
  await page.press(Key.enter);
  await until("the page to have the focus", async () => (await focus()) === "editor");
});

test("every sheet opens by its key, closes by Escape, and the page has the focus again", async () => {
  const sheets = [
    [[Key.f1], "F1"],
    [[Key.control, ","], "settings"],
    [[Key.control, Key.shift, "f"], "find"],
    [[Key.control, "h"], "replace"],
    [[Key.control, "k"], "the palette"],
    [[Key.control, "p"], "go to"],
    [[Key.control, Key.shift, "g"], "goals"],
    [[Key.control, "s"], "a version"],
    [[Key.control, "e"], "export"],
    [[Key.control, Key.shift, "l"], "the vault"],
  ];
  await show("link=online&laptops=2", `${id("editor")} p`);
  await until("the page to have the focus", async () => (await focus()) === "editor");
  for (const [pressed, name] of sheets) {
    await keys(pressed, "dialog");
    assert.ok(await page.run("return document.querySelector('dialog').contains(document.activeElement)"), `${name}: focus outside`);
    // All around it and never out of it.
    for (let step = 0; step < 30; step += 1) {
      await page.press(Key.tab);
      const at = await page.run("return [document.activeElement === document.body, document.querySelector('dialog').contains(document.activeElement)]");
      assert.ok(at[0] || at[1], `${name}: Tab left the sheet`);
    }
    await page.press(Key.escape);
    await gone("dialog");
    assert.equal(await focus(), "editor", `after ${name}`);
  }
});

test("a novel is exported: preset, choices, pages, for whom, and what became of it", async () => {
  await show("", `${id("editor")} p`);
  await until("the page to have the focus", async () => (await focus()) === "editor");
  await keys([Key.control, "e"], id("page-image"));
  const checked = () => page.run("return document.activeElement.closest('[data-preset]')?.dataset.preset ?? null");
  await until("a preset", async () => {
    await page.press(Key.tab);
    return checked();
  });
  await page.press(Key.down);
  await page.press(Key.down);
  await until("the printed book", async () => (await checked()) === "builtin-print");
  await page.find(id("export-paper"));
  await reach("heading-chapter");
  await page.keys(" #d");
  await until("a preset of one's own", async () => (await page.all(id("preset-rename"))).length === 1);
  assert.equal(await focus(), "heading-chapter");
  await reach("spread");
  await page.press(Key.pageDown);
  await until("the next pages", async () => (await page.text(id("page-place"))).startsWith("Pages 2 and 3"));
  await reach("recipient");
  await page.keys("Ada Lane", Key.enter);
  await page.find(id("result-path"));
  assert.equal(await until("the focus at what was written", focus), "show-in-folder");
  await page.press(Key.escape);
  await gone("dialog");
  assert.equal(await focus(), "editor", "after the export");
});

test("the binder, the views and the panes: moved, renamed, put away and brought back, the focus never lost", async () => {
  await show("", `${id("editor")} p`);
  await until("the page to have the focus", async () => (await focus()) === "editor");
  await keys([Key.control, "4"], id("history"));
  await keys([Key.escape], `${id("editor")} p`);
  assert.equal(await focus(), "editor", "after the history");
  await keys([Key.control, "\\"], id("editor"));
  await keys([Key.control, "\\"], id("binder"));
  await keys([Key.control, "n"], id("editor"));
  const rows = (await page.all(id("row-scene"))).length;
  await page.run(`document.querySelector('${id("binder")} [role=row][tabindex="0"]').focus()`);
  await page.press("\uE015");
  await until("the focus on a row", focus);
  await page.press(Key.delete);
  await until("a row less", async () => (await page.all(id("row-scene"))).length < rows);
  assert.ok(await until("the focus after deleting", focus));
  assert.ok(await page.run(`return document.activeElement.closest('${id("binder")}') !== null`), "the focus stays in the binder");
  await page.press("\uE032");
  await until("a field for the title", () => page.run("return document.activeElement.tagName === 'INPUT'"));
  await page.keys("Another name", Key.enter);
  await until("the row again", () => page.run("return document.activeElement.closest('[role=row]') !== null"));
  await page.press(Key.shift, "\uE03A");
  await page.find("[role=menu]");
  await until("the menu to have the focus", () => page.run("return document.activeElement.closest('[role=menu]') !== null"));
  await page.press(Key.escape);
  await gone("[role=menu]");
});

test("no screen opens without a place for the focus, and Tab reaches a control from there", async () => {
  const { STATES } = await import("./states.mjs");
  const lost = [];
  for (const state of STATES) {
    await page.show(state);
    await page.press(Key.tab);
    if (!(await focus())) lost.push(state.name);
  }
  assert.deepEqual(lost, []);
});
