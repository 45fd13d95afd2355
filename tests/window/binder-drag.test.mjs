/** Rows of the binder carried with a real pointer in the real window: over a chapter's edge, a whole chapter, several. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createVault, newNovel, reopened, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const EDITOR = '[data-testid="editor"]';

/** Titles with their levels, from top to bottom: `1Chapter 1, 2a, 2b`. */
const shape = (window) =>
  window.run(`return [...document.querySelectorAll('[data-testid="binder"] [role=row]')]
    .map((row) => row.getAttribute("aria-level") + row.querySelector(".title").textContent.trim()).join(", ")`);
const becomes = (window, wanted) => until(wanted, async () => (await shape(window)) === wanted);

/** The middle of a row, or how far down in it. */
const at = (window, title, down = 0.5) =>
  window.run(
    `const row = [...document.querySelectorAll('[role=row]')].find((one) => one.querySelector(".title").textContent.trim() === arguments[0]);
     const box = row.getBoundingClientRect();
     return { x: Math.round(box.left + 60), y: Math.round(box.top + box.height * arguments[1]) };`,
    title,
    down,
  );

function pointer(window, actions, keys = []) {
  const mouse = { type: "pointer", id: "mouse", parameters: { pointerType: "mouse" }, actions };
  const held = keys.length > 0 ? [{ type: "key", id: "keys", actions: keys }] : [];
  return window.ask("POST", "/actions", { actions: [...held, mouse] });
}
const to = ({ x, y }) => ({ type: "pointerMove", duration: 80, x, y });

async function take(window, title) {
  await pointer(window, [to(await at(window, title)), { type: "pointerDown", button: 0 }]);
}

async function carry(window, title, over, down) {
  await take(window, title);
  const place = await at(window, over, down);
  await pointer(window, [to({ x: place.x + 3, y: place.y - 3 }), to(place)]);
}
const drop = (window) => pointer(window, [{ type: "pointerUp", button: 0 }]);

async function pick(window, title, key) {
  const place = to(await at(window, title));
  await pointer(
    window,
    [{ type: "pause" }, place, { type: "pointerDown", button: 0 }, { type: "pointerUp", button: 0 }, { type: "pause" }],
    [{ type: "keyDown", value: key }, { type: "pause" }, { type: "pause" }, { type: "pause" }, { type: "keyUp", value: key }],
  );
}

/** Two chapters: a b c, and d. */
async function desk(t, folder) {
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "Carried");
  for (const [index, word] of ["a", "b", "c", "d"].entries()) {
    if (index === 3) await window.press(Key.control, Key.shift, "N");
    else if (index > 0) await window.press(Key.control, "n");
    await until(`scene ${word}`, async () => (await window.all('[data-testid="row-scene"]')).length === index + 1);
    await until("its empty page", () =>
      // The page may show several scenes.
      window.run(`const on = document.activeElement; return on.matches('${EDITOR}') && on.textContent === ""`),
    );
    await window.keys(word);
    await saved(window);
  }
  await window.press(Key.control, Key.pageUp);
  await becomes(window, "1Chapter 1, 2a, 2b, 2c, 1Chapter 2, 2d");
  return window;
}

test("a scene is carried over the edge of its chapter, a line shows where to, and it is there after a power cut", async (t) => {
  const folder = home(t);
  const window = await desk(t, folder);
  await carry(window, "a", "d", 0.8);
  const mark = () =>
    window.run(`const row = document.querySelector("[data-drop]"); return row && row.dataset.drop + " " + row.textContent.trim()[0]`);
  await until("the line below d", async () => (await mark()) === "after d");
  assert.equal(await window.run("return String(getSelection())"), "", "no text is selected on the way");
  await drop(window);
  await becomes(window, "1Chapter 1, 2b, 2c, 1Chapter 2, 2d, 2a");
  assert.equal(await window.run(`return document.querySelector("[data-drop]") === null`), true);
  assert.match(await window.run("return document.activeElement.getAttribute('aria-label')"), /^a,/);
  assert.match(await window.text('[data-testid="novel-words"]'), /^4 /);
  const again = await reopened(t, window, folder);
  await becomes(again, "1Chapter 1, 2b, 2c, 1Chapter 2, 2d, 2a");
});

test("a chapter takes its scenes along, and Ctrl and Z takes it back", async (t) => {
  const window = await desk(t, home(t));
  await carry(window, "Chapter 2", "Chapter 1", 0.2);
  await drop(window);
  await becomes(window, "1Chapter 1, 2d, 1Chapter 2, 2a, 2b, 2c");
  await window.press(Key.control, "z");
  await becomes(window, "1Chapter 1, 2a, 2b, 2c, 1Chapter 2, 2d");
});

test("several are chosen with Ctrl and a click, carried as one, and come back with one Undo", async (t) => {
  const window = await desk(t, home(t));
  await window.run(`[...document.querySelectorAll('[role=row]')].find((row) => row.textContent.trim().startsWith("a")).click()`);
  await until("a on the desk", () =>
    window.run(`return document.querySelector('[role=row][aria-current="true"]')?.textContent.trim().startsWith("a")`),
  );
  await pick(window, "c", Key.control);
  await until("two chosen rows", async () => (await window.all('[role=row].chosen[aria-selected="true"]')).length === 2);
  await carry(window, "c", "d", 0.2);
  await drop(window);
  await becomes(window, "1Chapter 1, 2b, 1Chapter 2, 2a, 2c, 2d");
  assert.match(await window.text('[data-testid="notice"]'), /^2 rows moved/);
  await window.click('[data-testid="notice-do"]');
  await becomes(window, "1Chapter 1, 2a, 2b, 2c, 1Chapter 2, 2d");
});

test("Escape puts it down where it was, and so does letting go where it may not stand", async (t) => {
  const window = await desk(t, home(t));
  await carry(window, "b", "d", 0.8);
  await window.press(Key.escape);
  await drop(window);
  await carry(window, "Chapter 1", "b", 0.5);
  assert.equal(await window.run(`return document.querySelector("[data-drop]") === null`), true, "not into itself");
  await drop(window);
  assert.equal(await shape(window), "1Chapter 1, 2a, 2b, 2c, 1Chapter 2, 2d");
  assert.equal(await window.run(`return document.querySelectorAll('.chosen').length`), 0);
});
