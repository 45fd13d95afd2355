/** Footnotes, and finding in the scene, in the real window. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createVault, newNovel, reopened, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const EDITOR = '[data-testid="editor"]';
const text = (window) => window.run(`return document.querySelector('${EDITOR}').textContent`);
const focused = (window, name) =>
  until(`the focus in ${name}`, () => window.run("return document.activeElement?.dataset?.testid === arguments[0]", name));
const marks = (window) => window.run(`return document.querySelectorAll('${EDITOR} [data-footnote]').length`);

/** What stands in the open card. */
const note = (window) => window.run(`return document.querySelector('[data-testid="footnote-text"]')?.textContent ?? null`);

test("a footnote is written, survives a power cut, and comes back with its words when it was taken out", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "Marginal");
  await window.type(EDITOR, "The ferry came");
  await window.press(Key.control, Key.alt, "f");
  await focused(window, "footnote-text");
  await window.keys("Not the old one: Fähre Nr. 2");
  await window.press(Key.escape);
  await focused(window, "editor");
  await window.keys(" late.");
  await until("the words behind the mark", async () => (await text(window)) === "The ferry came late.");
  assert.equal(await marks(window), 1);

  const again = await reopened(t, window, folder);
  await until("the mark", async () => (await marks(again)) === 1);
  await again.click("[data-footnote]");
  await focused(again, "footnote-text");
  assert.equal(await note(again), "Not the old one: Fähre Nr. 2");
  assert.match(await again.text('[data-testid="footnote"]'), /FOOTNOTE 1/i);
  await again.keys(", in 1911");

  await again.click('[data-testid="footnote-remove"]');
  await until("no mark", async () => (await marks(again)) === 0);
  await again.press(Key.control, "z");
  await until("the mark again", async () => (await marks(again)) === 1);
  await saved(again);
  await again.click("[data-footnote]");
  await focused(again, "footnote-text");
  assert.match((await note(again)) ?? "", /Nr\. 2/);
  assert.match((await note(again)) ?? "", /in 1911/);
});

test("what is looked for in the scene is drawn, gone through by keys, and replaced with one undo", async (t) => {
  const window = await open(t, home(t));
  await createVault(window);
  await newNovel(window, "Sought");
  await window.type(EDITOR, "Natásha came. Natásha left. Nobody saw natasha go.");
  await window.press(Key.control, "f");
  await focused(window, "seek-field");
  await window.keys("natasha");
  await until("three places", () => window.run("return document.querySelectorAll('.sought').length === 3"));
  await window.press(Key.enter);
  const at = await window.text('[data-testid="seek-said"]');
  assert.match(at, /of 3$/);
  await window.click('[data-testid="seek-more"]');
  await focused(window, "seek-with");
  await window.keys("Vera");
  await window.click('[data-testid="seek-all"]');
  await until("the new name", async () => (await text(window)) === "Vera came. Vera left. Nobody saw Vera go.");
  await window.press(Key.escape);
  await focused(window, "editor");
  await window.press(Key.control, "z");
  await until("the old name", async () => (await text(window)) === "Natásha came. Natásha left. Nobody saw natasha go.");
});
