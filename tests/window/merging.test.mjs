/** What another laptop wrote is told, and the text from before it is one press away. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { connect, EMAIL, laptop, serve, sync } from "./another.mjs";
import { createVault, newNovel, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const EDITOR = '[data-testid="editor"]';
const text = (window) => window.run(`return document.querySelector('${EDITOR}').textContent`);

test("words from another laptop are listed with their scene, and the version from before them is kept", async (t) => {
  const { url } = await serve(t);
  const window = await open(t, home(t));
  await createVault(window);
  await newNovel(window, "Two Desks");
  await window.type(EDITOR, "Written at the window.");
  await saved(window);
  await connect(window, url);

  const other = laptop(t);
  other.seshat("account", "join", "--server", url, "--email", EMAIL);
  other.seshat("sync");
  const file = join(other.folder, "added.md");
  writeFileSync(file, "Seven words came from the other laptop.\n");
  other.seshat("scene", "append", "Two Desks", "1/1", "--file", file);
  other.seshat("sync");

  await sync(window);
  await until("the other's words", async () => (await text(window)).includes("Seven words came"), 40_000);
  await window.press(Key.escape);
  await window.click('[data-testid="open-merges"]');
  const told = await until("the row", () => window.text('[data-testid="merge"]'));
  assert.match(told, /Chapter 1, scene 1/);
  assert.match(told, /7 words from /);
  await window.click('[data-testid="merge-before"]');
  await until("what came", async () =>
    (await window.run(`return document.querySelector("ins")?.textContent ?? ""`)).includes("Seven words"),
  );
  await window.click('[data-testid="restore-version"]');
  await until("the text from before", async () => (await text(window)) === "Written at the window.");
  await window.click('[data-testid="notice-do"]');
  await until("both laptops' words", async () => (await text(window)).includes("Seven words came"));
  await window.click('[data-testid="open-merges"]');
  await window.click('[data-testid="merges-dismiss"]');
  await until("the list to be put away", async () => (await window.all('[data-testid="merges-banner"]')).length === 0);
});
