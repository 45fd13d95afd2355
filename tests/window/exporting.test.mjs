/** Exports in the real window: pages of the real press, a copy for somebody, a register that only the vault can read. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createVault, lockedWithout, newNovel, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const EDITOR = '[data-testid="editor"]';
const READER = "Quillfeather";

/** Enough of a text for a mark to be found in it. */
const TEXT = Array.from({ length: 90 }, (_, at) => `Crossing ${at + 1}: the ferry left at noon, and nobody waved.`).join("\n");
const PASTE = `
  const carried = new DataTransfer();
  carried.setData("text/plain", arguments[0]);
  const event = new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true });
  document.querySelector('${EDITOR}').dispatchEvent(event);`;

const image = (window) =>
  window.run(`const image = document.querySelector('[data-testid="page-image"]');
    return image && { src: image.src, alt: image.alt, width: image.naturalWidth }`);
const said = (window, testid) =>
  window.run(`return document.querySelector('[data-testid="${testid}"]')?.textContent ?? ""`);

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

test("pages are looked at, a copy is written for somebody, found out by its mark, and nobody else reads the register", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "The Ferry");
  await window.run(PASTE, TEXT);
  await until("the text", async () => (await said(window, "words")).startsWith("900"));
  await saved(window);

  await window.press(Key.control, "e");
  await until("a page of the press", async () => (await image(window))?.width > 0);
  assert.match((await image(window)).src, /^blob:/);
  assert.equal((await image(window)).alt, "Page 1");
  await window.click('[data-preset="builtin-print"]');
  await until("the book's pages", async () => /^Page 1 of \d+$/.test(await said(window, "page-place")));
  await window.click('[data-testid="page-next"]');
  await until("two of them", async () => /^Pages 2 and 3 of \d+$/.test(await said(window, "page-place")));

  // Where to is asked by the system's own dialog, which no test reaches: the same command as behind the button.
  const [novel] = await window.command("library");
  const presets = await window.command("export_presets", { novel: novel.id });
  const ebook = presets.find((preset) => preset.id === "builtin-ebook");
  const path = join(home(t), "ferry.epub");
  const copy = { recipient: READER, line: false, mark: true, cover: null };
  const done = await window.command("export_novel", { novel: novel.id, preset: ebook, copy, path });
  assert.equal(done.words, 900);
  assert.equal(readFileSync(path).subarray(0, 2).toString(), "PK");
  assert.equal(await window.command("export_progress"), null);
  const found = await window.command("identify_copy", { path });
  assert.deepEqual(found.map((row) => [row.recipient, row.kind, row.id]), [[READER, "epub", done.copy]]);

  await window.click('[data-testid="copies"]');
  await until("the register", async () => (await said(window, "register")).includes(READER));
  for (const file of filesBelow(folder))
    assert.ok(!readFileSync(file).includes(READER), `${file} names the reader`);
  await window.press(Key.escape);
  await window.find('[data-testid="exporting"]');
  await window.press(Key.escape);
  await window.press(Key.control, "l");
  await lockedWithout(window, [READER, "ferry left at noon"]);
});
