/** A laptop that is remembered opens its window without the password, with a real keychain behind it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keychain } from "./bus.mjs";
import { createVault, newNovel, openVault, page, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const TEXT = "The key was where she had left it.";

test("a remembered laptop opens without the password, after a lock and in a new run, until it is forgotten", async (t) => {
  const [folder, world] = [home(t), await keychain(t)];
  const before = await open(t, folder, { world });
  await createVault(before);
  await newNovel(before, "Under the Mat");
  await before.type('[data-testid="editor"]', TEXT);
  await saved(before);
  await until("the keychain to be open", async () => (await before.command("security")).keychain === "ready");
  await openVault(before, "locking");
  await before.click('[data-testid="remember-7"]');
  await before.find('[data-testid="forget-remembered"]', 30_000);
  await before.press(Key.escape);
  await before.press(Key.control, "l");
  await before.find('[data-testid="open-remembered"]');
  assert.ok(!(await page(before)).includes("Under the Mat"), "it is locked all the same");
  await before.click('[data-testid="open-remembered"]');
  await before.find('[data-testid="novel"]', 30_000);
  await before.kill();

  const after = await open(t, folder, { world });
  await after.click('[data-testid="open-remembered"]');
  await after.click('[data-testid="novel"]');
  await until("the text", async () => (await after.text('[data-testid="editor"]')) === TEXT);
  await openVault(after, "locking");
  await after.click('[data-testid="forget-remembered"]');
  await after.find('[data-testid="remember-7"]', 30_000);
  await after.press(Key.escape);
  await after.press(Key.control, "l");
  await after.find('[data-testid="unlock"]');
  assert.equal(await after.command("remembered"), false);
  assert.equal((await after.all('[data-testid="open-remembered"]')).length, 0);
});
