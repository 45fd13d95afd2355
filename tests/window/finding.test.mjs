/** Search and replace in the real window. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createVault, newNovel, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const EDITOR = '[data-testid="editor"]';
const text = (window) => window.run(`return document.querySelector('${EDITOR}').textContent`);

test("a name is replaced in two scenes but not where the tick was taken away, and one press takes it back", async (t) => {
  const window = await open(t, home(t));
  await createVault(window);
  await newNovel(window, "Renamed");
  await window.type(EDITOR, "Natásha came. Natásha left.");
  await window.press(Key.control, "n");
  await until("an empty page", async () => (await text(window)) === "");
  await window.type(EDITOR, "Nobody saw Natásha go.");
  await saved(window);

  await window.press(Key.control, "h");
  await window.type('[data-testid="find-field"]', "natasha");
  await window.type('[data-testid="replace-field"]', "Vera");
  await until("three places", async () => (await window.text('[data-testid="find-said"]')).startsWith("3 places"));
  const ticks = await window.all('[data-testid="tick"]');
  assert.equal(ticks.length, 3);
  await window.ask("POST", `/element/${ticks[1]}/click`, {});
  await until("two ticks", async () => (await window.text('[data-testid="replace"]')).includes("2"));
  await window.click('[data-testid="replace"]');
  await until("the replacement", async () => (await window.text('[data-testid="replace-said"]')).includes("2 places"));
  await until("the open page", async () => (await text(window)) === "Nobody saw Vera go.");
  await window.click('[data-testid="undo-replace"]');
  await until("the old name", async () => (await text(window)) === "Nobody saw Natásha go.");
  await window.press(Key.escape);

  await window.press(Key.control, Key.shift, "F");
  await window.find('[data-testid="hit"]');
  await window.run(`document.querySelectorAll('[data-testid="hit"]')[1].click()`);
  await until("the first scene", async () => (await text(window)).startsWith("Natásha came."));
  await until("the page to have the focus", () => window.run("return document.activeElement?.dataset?.testid === 'editor'"));
  await window.keys("She");
  await until("the exact place", async () => (await text(window)) === "Natásha came. She left.");
});
