/** What the window says of syncing, and what can be told it; the other laptop is the command line. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { connect, EMAIL, laptop, serve, sync } from "./another.mjs";
import { createVault, newNovel, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

/** A window with a novel of one scene. */
async function desk(test) {
  const window = await open(test, home(test));
  await createVault(window);
  await newNovel(window, "Two Desks");
  await window.type('[data-testid="editor"]', "Written at the window.");
  await saved(window);
  return window;
}

const headline = (window, words) =>
  until(`"${words}"`, async () => (await window.text('[data-testid="headline"]')).includes(words), 40_000);

const footer = (window, words) =>
  until(
    `"${words}" in the footer`,
    () => window.run(`return document.querySelector('[data-testid="link"]').textContent.includes(arguments[0])`, words),
    40_000,
  );

/** In the sheet about syncing: `automatic`, `when_asked` or `offline`. */
const mode = (window, place) =>
  window.run(`document.querySelectorAll("dialog [role=radiogroup] input")[arguments[0]].click()`, place);
const AUTOMATIC = 0;
const OFFLINE = 2;

test("the window says which laptop has what, and keeps to itself for as long as it is set offline", async (t) => {
  const { url } = await serve(t);
  const window = await desk(t);
  await connect(window, url);
  await headline(window, "The server has everything.");

  const other = laptop(t);
  other.seshat("account", "join", "--server", url, "--email", EMAIL);
  other.seshat("sync");
  // The second round tells the server that what the first one fetched is stored there.
  other.seshat("sync");
  await headline(window, "Both laptops have everything.");

  await mode(window, OFFLINE);
  await footer(window, "Offline, as you set it");
  await window.press(Key.escape);
  await window.type('[data-testid="editor"]', " And written on the train.");
  await saved(window);
  await footer(window, "1 scene waiting");
  other.seshat("sync");
  assert.doesNotMatch(other.seshat("scene", "show", "Two Desks", "1/1"), /on the train/);

  await window.click('[data-testid="link"]');
  await headline(window, "1 scene waits until this laptop may sync again.");
  await mode(window, AUTOMATIC);
  await headline(window, "The server has everything");
  other.seshat("sync");
  assert.match(other.seshat("scene", "show", "Two Desks", "1/1"), /on the train/);
});

test("what is written after signing out goes to the server when the account is connected again", async (t) => {
  const { url } = await serve(t);
  const window = await desk(t);
  await connect(window, url);
  await headline(window, "The server has everything.");
  await window.click('[data-testid="leave"]');
  await window.click('[data-testid="leave-now"]');
  await window.find('[data-testid="connect"]');
  await footer(window, "On this laptop only");
  await window.press(Key.escape);
  await window.type('[data-testid="editor"]', " And written alone.");
  await saved(window);
  await connect(window, url);
  await headline(window, "The server has everything.");

  const other = laptop(t);
  other.seshat("account", "join", "--server", url, "--email", EMAIL);
  other.seshat("sync");
  assert.match(other.seshat("scene", "show", "Two Desks", "1/1"), /at the window\. And written alone\./);
});

test("a server that takes accounts by invitation asks for the code, and one code makes one account", async (t) => {
  const server = await serve(t, "--registration", "invited");
  const window = await desk(t);
  await window.click('[data-testid="link"]');
  await window.type('[data-testid="server"]', server.url);
  await window.type('[data-testid="email"]', EMAIL);
  await window.click('[data-testid="connect"]');
  await window.type('[data-testid="invitation"]', "no code of this server");
  await window.click('[data-testid="connect"]');
  await until("the refusal", async () => (await window.text('dialog [role="alert"]')).includes("by invitation only"));
  await window.run(`const field = document.querySelector('[data-testid="invitation"]'); field.select()`);
  const code = server.invite();
  await window.type('[data-testid="invitation"]', code);
  await window.click('[data-testid="connect"]');
  await headline(window, "The server has everything.");

  const second = laptop(t);
  second.seshat("init", "--kit", join(second.folder, "kit"), "--new-password-file", join(second.folder, "password"));
  const other = ["account", "create", "--server", server.url, "--email", "other@example.org"];
  assert.match(second.refused(...other, "--invitation", code), /by invitation only/, "the code was used");
  assert.match(second.seshat(...other, "--invitation", server.invite()), /syncs with/);
});

test("two laptops meet in a folder, and the window that lets go of it keeps what it has", async (t) => {
  const stick = join(home(t), "stick");
  mkdirSync(stick);
  const window = await desk(t);
  await window.click('[data-testid="link"]');
  await window.run(`document.querySelectorAll("dialog [role=radiogroup] input")[1].click()`);
  await window.type('[data-testid="folder-path"]', stick);
  await window.click('[data-testid="connect"]');
  await sync(window);
  await headline(window, "The folder has everything.");
  assert.ok((await window.text('[data-testid="place"]')).includes(stick));

  const other = laptop(t);
  other.seshat("folder", "connect", stick);
  other.seshat("sync");
  const file = join(other.folder, "added.md");
  writeFileSync(file, "Written on the other laptop.\n");
  other.seshat("scene", "append", "Two Desks", "1/1", "--file", file);
  other.seshat("sync");
  await sync(window);
  const text = () => window.text('[data-testid="editor"]');
  await until("the other laptop's paragraph", async () => (await text()).includes("on the other laptop."), 40_000);

  await window.click('[data-testid="leave"]');
  await window.click('[data-testid="leave-now"]');
  await window.find('[data-testid="connect"]');
  await footer(window, "On this laptop only");
  await window.press(Key.escape);
  await window.type('[data-testid="editor"]', " Written alone.");
  await saved(window);
  for (const words of ["at the window.", "on the other laptop.", "alone."])
    assert.ok((await text()).includes(words), `"${words}" stays`);
  other.seshat("sync");
  assert.doesNotMatch(other.seshat("scene", "show", "Two Desks", "1/1"), /alone/);
});

test("a large deletion on another laptop is done in the window only when its author says so", async (t) => {
  const { url } = await serve(t);
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  const file = join(home(t), "Long.md");
  const chapters = Array.from({ length: 12 }, (_, at) => `# Chapter ${at + 1}\n\nThe words of chapter ${at + 1}.\n`);
  writeFileSync(file, chapters.join("\n"));
  await window.command("import_novel", { path: file, title: "Long", language: "en", shaping: null });
  await connect(window, url);
  const other = laptop(t);
  other.seshat("account", "join", "--server", url, "--email", EMAIL);
  other.seshat("sync");
  for (let left = 12; left > 1; left -= 1) other.seshat("trash", "put", "Long", "1");
  other.seshat("sync");

  await sync(window);
  await window.find('[data-testid="held"]', 40_000);
  assert.match(await window.text('[data-testid="held"]'), /11 of 12 texts would go to the trash\./);
  const [card] = await window.command("library");
  assert.equal((await window.command("trash", { novel: card.id })).length, 0, "nothing of that was done");
  await window.click('[data-testid="held-keep"]');
  await headline(window, "The server has everything");
  assert.equal((await window.command("outline", { novel: card.id })).nodes.length, 12, "everything stays here");
  other.seshat("sync");
  assert.equal(JSON.parse(other.seshat("--json", "novel", "outline", "Long")).nodes.length, 12, "and there");
});
