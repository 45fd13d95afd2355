/** Splitting, merging and trashing in the real window, with the keys and with the way back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createVault, newNovel, reopened, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const EDITOR = '[data-testid="editor"]';
const scenes = async (window) => (await window.all('[data-testid="row-scene"]')).length;
const paragraphs = (window) =>
  window.run(`return [...document.querySelectorAll('${EDITOR} p')].map((line) => line.textContent)`);

test("a scene is split with Ctrl and Enter and merged with Ctrl, Shift and J, and no word is lost", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "Two Halves");
  await window.type(EDITOR, `First half.${Key.enter}Second half.`);
  await saved(window);
  await window.press(Key.home);
  await window.press(Key.control, Key.enter);
  await until("a second scene", async () => (await scenes(window)) === 2);
  await until("the second half on the page", async () => (await paragraphs(window)).join() === "Second half.");
  assert.match(await window.text('[data-testid="novel-words"]'), /^4 /);
  await window.keys("Now: ");
  await saved(window);

  await window.press(Key.control, Key.pageUp);
  await until("the first half", async () => (await paragraphs(window)).join() === "First half.");
  await window.press(Key.control, Key.shift, "J");
  await until("one scene", async () => (await scenes(window)) === 1);
  await until("both halves", async () => (await paragraphs(window)).join("|") === "First half.|Now: Second half.");
  assert.match(await window.text('[data-testid="novel-words"]'), /^5 /);

  await window.click('[data-testid="notice-do"]');
  await until("the merge to be taken back", async () => (await scenes(window)) === 2);
  await until("the first half again", async () => (await paragraphs(window)).join() === "First half.");
  await saved(window);

  const again = await reopened(t, window, folder);
  await until("two scenes on the disk", async () => (await scenes(again)) === 2);
  assert.deepEqual(await paragraphs(again), ["First half."]);
});

test("a split in the middle of a paragraph is taken back to the very same paragraph", async (t) => {
  const window = await open(t, home(t));
  await createVault(window);
  await newNovel(window, "Seam");
  await window.type(EDITOR, "One two three.");
  for (let step = 0; step < 6; step += 1) await window.press(Key.left);
  await window.press(Key.control, Key.enter);
  await until("the tail on the page", async () => (await paragraphs(window)).join() === "three.");
  await window.click('[data-testid="notice-do"]');
  await until("the whole paragraph", async () => (await paragraphs(window)).join("|") === "One two three.");
  await saved(window);
  assert.equal(await scenes(window), 1);
});

test("what is thrown away comes back with Undo, from the trash, and after the program was closed", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "Kept");
  await window.type(EDITOR, "Worth keeping.");
  await window.press(Key.control, "n");
  await until("a second scene", async () => (await scenes(window)) === 2);
  await until("its empty page", async () => (await paragraphs(window)).join("") === "");
  await window.type(EDITOR, "The other one.");
  await saved(window);

  const trash = async (on, title) => {
    await on.run(
      `[...document.querySelectorAll('[data-testid="row-scene"]')].find((row) => row.textContent.includes(arguments[0])).focus()`,
      title,
    );
    await on.press(Key.delete);
    await until("one scene left", async () => (await scenes(on)) === 1);
  };
  await trash(window, "Worth keeping");
  assert.match(await window.text('[data-testid="notice"]'), /is in the trash/);
  const focused = await window.run("return document.activeElement.dataset.testid");
  assert.equal(focused, "row-scene", "the notice takes no focus");
  await window.press(Key.control, "z");
  await until("both scenes", async () => (await scenes(window)) === 2);

  await trash(window, "Worth keeping");
  const again = await reopened(t, window, folder);
  await until("one scene on the disk", async () => (await scenes(again)) === 1);
  await again.click('[data-testid="open-trash"]');
  await again.click('[data-testid="restore"]');
  await until("an empty trash", async () => (await again.text("dialog")).includes("Nothing is in the trash."));
  await again.press(Key.escape);
  await until("both scenes again", async () => (await scenes(again)) === 2);
  await again.run(
    `[...document.querySelectorAll('[data-testid="row-scene"]')].find((row) => row.textContent.includes("Worth")).click()`,
  );
  await until("its words", async () => (await paragraphs(again)).join() === "Worth keeping.");
});

test("notes in a folder are written like scenes and count for nothing", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "Noted");
  await window.type(EDITOR, "Three words here.");
  await saved(window);
  await window.click('[data-testid="add-folder"]');
  await window.find('[data-testid="rename"]');
  await window.keys("Research", Key.enter);
  await until("the folder's name", () =>
    window.run(`return document.querySelector('[data-testid="row-folder"]')?.textContent.includes("Research")`),
  );
  await window.click('[data-testid="add-note"]');
  await until("an empty page", async () => (await paragraphs(window)).join("") === "");
  await window.type(EDITOR, "Ask about the tides.");
  await saved(window);
  assert.match(await window.text('[data-testid="novel-words"]'), /^3 /);
  const again = await reopened(t, window, folder);
  await until("the note in its folder", () =>
    again.run(`return document.querySelector('[data-testid="row-note"]')?.getAttribute("aria-level") === "2"`),
  );
});
