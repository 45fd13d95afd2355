/** The window and another laptop, with a real server between them. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { connect, EMAIL, laptop, serve, sync } from "./another.mjs";
import { createVault, newNovel, saved } from "./steps.mjs";
import { home, open, until } from "./window.mjs";

test("what another laptop writes comes into the open page, and what is typed here goes there", async (t) => {
  const { url } = await serve(t);
  const window = await open(t, home(t));
  await createVault(window);
  await newNovel(window, "Two Desks");
  await window.type('[data-testid="editor"]', "Written at the window.");
  await saved(window);
  await connect(window, url);

  const other = laptop(t);
  other.seshat("account", "join", "--server", url, "--email", EMAIL);
  other.seshat("sync");
  assert.match(other.seshat("scene", "show", "Two Desks", "1/1"), /Written at the window\./);
  const file = join(other.folder, "added.md");
  writeFileSync(file, "Written on the other laptop.\n");
  other.seshat("scene", "append", "Two Desks", "1/1", "--file", file);
  other.seshat("sync");

  await sync(window);
  await until(
    "the other laptop's paragraph on the open page",
    async () => (await window.text('[data-testid="editor"]')).includes("Written on the other laptop."),
    40_000,
  );
  const text = await window.text('[data-testid="editor"]');
  assert.equal(text.split("Written at the window.").length, 2, "what was typed here stands there once");
});
