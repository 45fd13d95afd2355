/** The vault locks by itself, and the page then holds nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { screenSaver } from "./bus.mjs";
import { createVault, lockedWithout, newNovel, saved, unlock } from "./steps.mjs";
import { home, open, until } from "./window.mjs";

const TITLE = "A House Without Clocks";
const TEXT = "By the third evening they had stopped listening for it.";

async function writing(test) {
  const window = await open(test, home(test));
  await createVault(window);
  await newNovel(window, TITLE);
  await window.type('[data-testid="editor"]', TEXT);
  return window;
}

async function comesBack(window) {
  await unlock(window);
  await window.click('[data-testid="novel"]');
  await until("the text", async () => (await window.text('[data-testid="editor"]')) === TEXT, 30_000);
}

test("a minute in which nothing happens locks the window", async (t) => {
  const window = await writing(t);
  await saved(window);
  await window.command("set_idle_minutes", { minutes: 1 });
  await new Promise((resolve) => setTimeout(resolve, 40_000));
  assert.equal((await window.all('[data-testid="editor"]')).length, 1, "not before its time");
  await lockedWithout(window, [TITLE, TEXT], 50_000);
  await comesBack(window);
});

test("a desktop that locks its screen locks the window, and the last letters are kept", async (t) => {
  const window = await writing(t);
  const saver = await screenSaver(t);
  await until("the screen saver to be noticed", async () => (await window.command("security")).watches_screen);
  saver.locks();
  await lockedWithout(window, [TITLE, TEXT]);
  await comesBack(window);
});
