/** A novel with a passphrase of its own, in the real window. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createVault, newNovel, page, saved } from "./steps.mjs";
import { home, open, until } from "./window.mjs";

const TITLE = "What the Ferryman Kept";
const TEXT = "Nobody had asked him for the other oar.";
const PASSPHRASE = "salt copper window eleven";
const CLOSED = 'li[data-lock="locked"] [data-testid="novel"]';

/** Closes the novel with the passphrase, with a copy for the kit or without. */
async function lockIt(window, kit) {
  await window.click('li:has([data-testid="novel"]:not([aria-label])):last-child [data-testid="novel-sheet"]');
  await window.click('[data-testid="set-passphrase"]');
  await window.type('[data-testid="passphrase"]', PASSPHRASE);
  await window.type('[data-testid="passphrase-again"]', PASSPHRASE);
  if (kit === "kit opens it") await window.click('[data-testid="kit-copy"]');
  await window.click('[data-testid="lock-novel"]');
  await window.find('[data-testid="close-novel"]', 30_000);
  await window.click('[data-testid="close-novel"]');
  await window.find(CLOSED);
}

async function write(window, title, text) {
  await newNovel(window, title);
  await window.type('[data-testid="editor"]', text);
  await saved(window);
  await window.click('[data-testid="to-library"]');
  await window.find('[data-testid="new-novel"]');
}

const reads = (window, text) =>
  until(`"${text}"`, async () => (await window.text('[data-testid="editor"]')) === text, 30_000);

test("a closed novel is a spine, costs nothing when the passphrase is wrong, and opens with it or with the kit", async (t) => {
  const window = await open(t, home(t));
  const words = await createVault(window);
  await write(window, TITLE, TEXT);
  await lockIt(window, "kit opens it");
  const shelf = await page(window);
  for (const kept of [TITLE, "Ferryman", TEXT]) assert.ok(!shelf.includes(kept), `the shelf still has "${kept}"`);
  await write(window, "Open Shelf", "Read by anybody.");

  await window.click(CLOSED);
  await window.type('[data-testid="passphrase"]', "salt copper window twelve");
  await window.click('[data-testid="open-novel"]');
  await until("the refusal", async () => (await window.text('dialog [role="alert"]')).includes("does not open"), 30_000);
  assert.ok(!(await page(window)).includes(TITLE), "a wrong passphrase shows nothing");
  assert.equal((await window.all(CLOSED)).length, 1);
  assert.ok((await page(window)).includes("Open Shelf"), "nothing else was touched");
  await window.run(`document.querySelector('[data-testid="passphrase"]').select()`);
  await window.type('[data-testid="passphrase"]', PASSPHRASE);
  await window.click('[data-testid="open-novel"]');
  await reads(window, TEXT);

  await window.click('[data-testid="close-this-novel"]');
  await window.click(CLOSED);
  await window.click('[data-testid="other-way"]');
  await window.type('[data-testid="kit-text"]', words.join(" "));
  await window.click('[data-testid="open-novel"]');
  await reads(window, TEXT);
});

test("where the kit was not allowed, it is not offered and refused when it is used all the same", async (t) => {
  const window = await open(t, home(t));
  const words = await createVault(window);
  await write(window, TITLE, TEXT);
  await lockIt(window, "only the passphrase");
  await window.click(CLOSED);
  await window.find('[data-testid="passphrase"]');
  assert.equal((await window.all('[data-testid="other-way"]')).length, 0);
  const [{ id }] = await window.command("library");
  await assert.rejects(window.command("open_novel_with_kit", { novel: id, kitText: words.join(" ") }), /.*;.*\./);
  assert.ok(!(await page(window)).includes(TITLE));
});
