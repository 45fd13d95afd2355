/** The vault's own sheet in the real window: another password, the kit again, new keys, and a lock that leaves nothing. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { confirmKit, createVault, kitWords, lockedWithout, newNovel, openVault, PASSWORD, said, saved, unlock } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const TITLE = "The Heron at Low Water";
const TEXT = "She counted the posts again and there was one too many.";
const SECOND = "orchid ladder thunder mime";
const THIRD = "velvet anvil sparrow quince";

async function renew(window, current, next) {
  await window.type('[data-testid="current"]', current);
  await window.type('[data-testid="password"]', next);
  await window.click('[data-testid="set-password"]');
}

test("password, kit and keys are changed in the window, and after the lock only the newest password opens it", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  const words = await createVault(window);
  await newNovel(window, TITLE);
  await window.type('[data-testid="editor"]', TEXT);
  await saved(window);

  await openVault(window, "keys");
  await window.click('[data-testid="change-password"]');
  await renew(window, "not the password at all", SECOND);
  await until("the refusal", async () => (await window.text('dialog [role="alert"]')).includes("is not the password of the vault"), 30_000);
  await window.run(`document.querySelector('[data-testid="current"]').select()`);
  await window.type('[data-testid="current"]', PASSWORD);
  await window.click('[data-testid="set-password"]');
  await said(window, "The password is changed.");

  await window.click('[data-testid="part-kit"]');
  await window.click('[data-testid="show-kit"]');
  await window.type('[data-testid="password"]', SECOND);
  await window.click('[data-testid="answer"]');
  await window.find('[data-testid="kit-words"]', 30_000);
  assert.deepEqual(await kitWords(window), words, "the kit of the beginning is still in force");
  // The buttons ask where to, in a dialog of the system; the same commands take a path.
  const [text, html] = [join(folder, "kit.txt"), join(folder, "kit.html")];
  await window.command("save_kit", { path: text });
  await window.command("save_kit_page", { path: html });
  for (const word of words) {
    for (const kept of [text, html]) assert.match(readFileSync(kept, "utf8"), new RegExp(`\\b${word}\\b`), `${kept} lacks ${word}`);
  }
  assert.match(readFileSync(html, "utf8"), /^<!doctype html>/i);
  await window.click('[data-testid="kit-done"]');

  await window.click('[data-testid="part-keys"]');
  await window.click('[data-testid="leaked"]');
  await renew(window, SECOND, THIRD);
  await window.find('[data-testid="kit-words"]', 60_000);
  const renewed = await kitWords(window);
  assert.notDeepEqual(renewed, words, "new keys come with a new kit");
  await confirmKit(window, renewed);
  await said(window, "New keys, a new password and a new Emergency Kit are in force.");

  await window.press(Key.escape);
  await window.press(Key.control, "l");
  await lockedWithout(window, [TITLE, TEXT, "posts", renewed.join(" "), ...[SECOND, THIRD]]);
  for (const old of [PASSWORD, SECOND]) {
    await window.run(`document.querySelector('[data-testid="password"]').select()`);
    await unlock(window, old);
    await until("the refusal", async () => (await window.text('[role="alert"]')).includes("does not open the vault"), 30_000);
    await until("the field to be ready", () => window.run(`return document.querySelector('[data-testid="unlock"]').getAttribute("aria-busy") !== "true"`));
  }
  await window.run(`document.querySelector('[data-testid="password"]').select()`);
  await unlock(window, THIRD);
  await window.click('[data-testid="novel"]');
  await until("the text", async () => (await window.text('[data-testid="editor"]')) === TEXT);
});
