/** Versions, bringing one back, comments, and copies of the vault in the real window. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createVault, newNovel, PASSWORD, reopened, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const EDITOR = '[data-testid="editor"]';
const text = (window) => window.text(EDITOR);

test("a named version is compared word by word, brought back, and that is taken back, too", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "Versions");
  await window.type(EDITOR, "The lamp was burning.");
  await saved(window);
  await window.press(Key.control, "s");
  await window.type('[data-testid="snapshot-name"]', "Before the storm");
  await window.click('[data-testid="snapshot-keep"]');
  await until("the sheet to go", async () => (await window.all("dialog")).length === 0);
  await window.press(Key.control, "a");
  await window.type(EDITOR, "The lamp was out.");
  await saved(window);

  await window.press(Key.control, "4");
  await window.click('[data-testid="version"][data-kind="named"]');
  await until("what changed", async () => (await window.run(`return document.querySelector("ins")?.textContent ?? ""`)).includes("out"));
  assert.match(await window.run(`return document.querySelector("del").textContent`), /burning/);
  await window.click('[data-testid="restore-version"]');
  await until("the old words, behind the history", async () =>
    (await window.run(`return document.querySelector('${EDITOR}').textContent`)) === "The lamp was burning.",
  );
  await window.find('[data-testid="version"][data-kind="before_restore"]');
  await window.press(Key.escape);
  await until("the page", async () => (await text(window)) === "The lamp was burning.");

  const again = await reopened(t, window, folder);
  await until("the old words on the disk", async () => (await text(again)) === "The lamp was burning.");
  await again.press(Key.control, "4");
  await again.click('[data-testid="version"][data-kind="before_restore"]');
  await again.click('[data-testid="restore-version"]');
  await again.click('[data-testid="view-write"]');
  await until("the newer words", async () => (await text(again)) === "The lamp was out.");
});

test("a comment stands with its words through closing and opening, and is in no count", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "Remarks");
  await window.type(EDITOR, "Only one key.");
  await saved(window);
  await window.press(Key.control, "a");
  await window.press(Key.control, Key.shift, "M");
  await window.find('[data-testid="new-comment"]');
  await window.keys("Which key?");
  await window.press(Key.control, Key.enter);
  await until("the comment", async () => (await window.text('[data-testid="comment"]')).includes("Which key?"));
  assert.match(await window.text('[data-testid="words"]'), /^3 /);
  const again = await reopened(t, window, folder);
  await until("the comment again", () =>
    again.run(`return document.querySelector('[data-testid="comment"]')?.textContent.includes("Only one key.")`),
  );
  await until("its mark", async () => (await again.run(`return document.querySelector(".remark")?.textContent`)) === "Only one key.");
});

test("a copy is made and checked from the window, and a vault begins with it elsewhere", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "Twice");
  await window.type(EDITOR, "Written once.");
  await saved(window);
  await window.click('[data-testid="vault-and-devices"]');
  await window.click('[data-testid="part-backups"]');
  await window.click('[data-testid="backup-now"]');
  await until("the copy", async () => (await window.text('[data-testid="backups"]')).includes("opened to be sure"), 30_000);
  const copies = join(folder, "backups");
  assert.ok(existsSync(copies) && readdirSync(copies).length > 0, "a file is in the folder of copies");
  await window.click('[data-testid="backup-check"]');
  await until("the check", async () => (await window.text('[data-testid="backup-said"]')).includes("All is well"), 30_000);
  const file = join(copies, readdirSync(copies).sort().at(-1));

  const other = await open(t, home(t));
  await other.click('[data-testid="go-restore"]');
  await other.type('[data-testid="restore-path"]', file);
  await other.type('[data-testid="restore-secret"]', "another oboe entirely");
  await other.click('[data-testid="restore-start"]');
  await until("the refusal", async () => (await other.run("return document.querySelector('[role=alert]')?.textContent ?? ''")) !== "", 30_000);
  await other.run(`document.querySelector('[data-testid="restore-secret"]').select()`);
  await other.type('[data-testid="restore-secret"]', PASSWORD);
  await other.click('[data-testid="restore-start"]');
  await other.click('[data-testid="restore-open"]', 60_000);
  await other.click('[data-testid="novel"]');
  await until("the words", async () => (await text(other)) === "Written once.");
});
