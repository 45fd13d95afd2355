/** Spelling in the real window: the bundled dictionaries, waves, the menu, and what the author adds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createVault, newNovel, reopened, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const EDITOR = '[data-testid="editor"]';
const F7 = "\uE037";
const text = (window) => window.run(`return document.querySelector('${EDITOR}').textContent`);
const waves = (window) => window.run(`return [...document.querySelectorAll('.misspelt')].map((it) => it.textContent)`);
const drawn = (window, words) =>
  until(`waves under ${words.join(", ") || "nothing"}`, async () => (await waves(window)).join() === words.join());
const inMenu = (window) => window.run(`return document.activeElement?.closest('[data-testid="menu"]') !== null`);

test("misspelt words are found, mended by keys alone and taken back, and the author's own are kept", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "Spelt");
  await window.type(EDITOR, "The lanturn of Gryffald burned in the theatre; l’été was far. ");
  await drawn(window, ["lanturn", "Gryffald", "l’été"]);
  const style = await window.run(`const it = getComputedStyle(document.querySelector('.misspelt'));
    return [it.textDecorationLine, it.textDecorationStyle]`);
  assert.deepEqual(style, ["underline", "wavy"], "a misspelt word is told by a shape");

  // From the end of the text round to its beginning.
  await window.press(F7);
  await until("the menu", () => inMenu(window));
  assert.equal(await window.text('[data-testid="menu-suggestion-0"]'), "lantern");
  await window.press(Key.enter);
  await until("the right word", async () => (await text(window)).startsWith("The lantern of"));
  assert.equal(await window.run(`return document.activeElement?.dataset.testid`), "editor", "the focus is in the text");
  await drawn(window, ["Gryffald", "l’été"]);
  await window.press(Key.control, "z");
  await until("the slip again", async () => (await text(window)).startsWith("The lanturn of"));
  await window.press(Key.control, Key.shift, "z");
  await until("the right word again", async () => (await text(window)).startsWith("The lantern of"));

  await window.press(F7);
  await until("the menu", () => inMenu(window));
  await window.click('[data-testid="menu-add"]');
  await drawn(window, ["l’été"]);
  await saved(window);

  const again = await reopened(t, window, folder);
  await drawn(again, ["l’été"]);
  await again.press(F7);
  await until("the menu", () => inMenu(again));
  await again.press(Key.escape);
  await until("the text to have the focus", () => again.run(`return document.activeElement?.dataset.testid === 'editor'`));
  assert.match(await text(again), /Gryffald burned/);
});
