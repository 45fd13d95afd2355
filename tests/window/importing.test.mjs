/** Imports: on the invented host by the keyboard alone, and in the real window from a file to the shelf and back. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { browse } from "./page.mjs";
import { createVault, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const id = (name) => `[data-testid="${name}"]`;
const UP = "\uE013";

const NOVEL = `<!doctype html><html lang="en"><head><title>The Ferry</title></head><body>
<h1>First Part</h1>
<h2>Morning</h2><p>The ferry left without her.</p><p>* * *</p><p>She counted the <em>gulls</em>.</p>
<h2>Noon</h2><p>Nobody rowed.</p>
<h1>Second Part</h1>
<h2>Evening</h2><p>The lamp was lit before anyone asked.</p>
<table><tr><td>wind</td><td>west</td></tr></table>
</body></html>`;

/** A file of an author's, gone after the test. */
function file(t, name, bytes) {
  const folder = mkdtempSync(join(tmpdir(), "seshat-import-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const text = (window, selector) => window.run(`return document.querySelector('${selector}')?.textContent ?? ""`);
const said = (window) => text(window, id("import-said"));
const focus = (window) => window.run("return document.activeElement?.dataset.testid ?? null");

/** With Tab alone. */
async function reach(window, name) {
  for (let step = 0; step < 40; step += 1) {
    if ((await focus(window)) === name) return;
    await window.press(Key.tab);
  }
  throw new Error(`Tab never reached ${name}`);
}

/** Chooses what a sign becomes, as a mouse would. */
function become(window, cut, value) {
  return window.run(
    `const choice = document.querySelector('[data-testid="cut-' + arguments[0] + '"]');
    choice.value = arguments[1];
    choice.dispatchEvent(new Event("change", { bubbles: true }));`,
    cut,
    value,
  );
}

async function look(window, path) {
  await window.click(id("import"));
  await window.type(id("import-path"), path);
  await window.click(id("import-look"));
}

test("a document is chosen, cut, brought in and taken back by the keyboard alone, and the focus is never lost", async (t) => {
  const page = await browse((end) => t.after(end));
  await page.fit(1400, 840);
  await page.show({ ask: "screen=empty", shows: id("import") });
  await reach(page, "import");
  await page.press(Key.enter);
  await until("the sheet", async () => (await focus(page)) === "choose-file");
  await reach(page, "import-path");
  await page.keys("/home/author/long.docx", Key.enter);
  await page.find(id("import-stop"));
  assert.equal(await said(page), "Reading long.docx");
  await reach(page, "import-stop");
  await page.press(Key.enter);
  await until("the question again", async () => (await focus(page)) === "choose-file");
  await page.press(Key.enter);
  await until("the title", async () => (await focus(page)) === "import-title");
  assert.match(await said(page), /^2 parts, 5 chapters, 9 scenes/);
  await reach(page, "cut-lines");
  await page.press(UP);
  await until("more chapters", async () => (await said(page)).includes("7 chapters"));
  assert.equal(await focus(page), "cut-lines", "the choice keeps the focus while what it leads to changes");
  await reach(page, "cut-reset");
  await page.press(Key.enter);
  await until("fewer chapters", async () => (await said(page)).includes("5 chapters"));
  assert.equal(await focus(page), "cut-level-1");
  await reach(page, "import-start");
  await page.press(Key.enter);
  await until("the end", async () => (await focus(page)) === "open-imported");
  await page.press(Key.escape);
  await until("the spine", async () => (await focus(page)) === "novel");
  assert.equal(await text(page, id("notice")), "The Lighthouse Keeper is in your library.");
  await reach(page, "notice-do");
  await page.press(Key.enter);
  await until("an empty shelf", async () => (await page.all(id("novel"))).length === 0);
  assert.ok(await page.run("return document.activeElement !== document.body && document.activeElement.isConnected"), "the focus is lost");
});

test("in the real window a document is cut anew with each choice, comes as it was shown, and is taken back whole", async (t) => {
  const path = file(t, "ferry.html", NOVEL);
  const window = await open(t, home(t));
  await createVault(window);
  await look(window, path);
  await until("the parts", async () => (await said(window)).startsWith("2 parts, 3 chapters, 4 scenes"));
  assert.match(await text(window, id("import-rows")), /First Part.*Morning.*Noon.*Second Part.*Evening/s);
  assert.match(await text(window, id("import-notes")), /1 table became/);
  await become(window, "ornaments", "text");
  await until("a scene less", async () => (await said(window)).includes("3 scenes"));
  await become(window, "level-1", "chapter");
  await until("chapters of the first level", async () => (await said(window)).startsWith("2 chapters"));
  await window.click(id("cut-reset"));
  await until("as it was found", async () => (await said(window)).includes("4 scenes"));
  await window.run(`document.querySelector('${id("import-title")}').value = ""`);
  await window.type(id("import-title"), "Salt");
  await window.click(id("import-start"));
  await window.click(id("open-imported"), 30_000);
  await window.find(id("editor"));
  await until("the first scene", async () => (await text(window, id("editor"))).includes("The ferry left without her."));
  assert.match(await text(window, id("binder")), /First Part.*Morning.*Noon.*Second Part.*Evening/s);

  await window.click(id("to-library"));
  await window.find(id("novel"));
  assert.match(await text(window, id("novel")), /Salt/);
  await look(window, path);
  await window.click(id("import-start"), 30_000);
  await window.click(id("import-undo"), 30_000);
  await until("one novel", async () => (await window.all(id("novel"))).length === 1);
  assert.match(await text(window, id("novel")), /Salt/, "the other import stays");
});

test("in the real window an import is taken back by its notice, and stays once somebody wrote in it", async (t) => {
  const path = file(t, "ferry.html", NOVEL);
  const window = await open(t, home(t));
  await createVault(window);
  await look(window, path);
  await window.click(id("import-start"), 30_000);
  await window.click(id("import-close"), 30_000);
  await window.click(id("notice-do"));
  await until("an empty shelf", async () => (await window.all(id("novel"))).length === 0);

  await look(window, path);
  await window.click(id("import-start"), 30_000);
  await window.click(id("import-close"), 30_000);
  const [{ id: novel }] = await window.command("library");
  await window.click(id("novel"));
  await window.type(id("editor"), "And then. ");
  await saved(window);
  await assert.rejects(window.command("undo_import", { novel }), /written in since/);
  assert.equal((await window.command("library")).length, 1);
});

test("in the real window a damaged document is refused in one sentence, and another one can be chosen", async (t) => {
  const broken = file(t, "broken.docx", "PK\u0003\u0004 and nothing else");
  const window = await open(t, home(t));
  await createVault(window);
  await look(window, broken);
  const refused = () => text(window, "dialog [role=alert]");
  await until("the refusal", refused);
  assert.match(await refused(), /broken\.docx.*[Nn]othing was imported/s);
  assert.equal(await window.run(`return document.querySelector('${id("import-path")}').value`), broken);
  assert.deepEqual(await window.command("library"), []);
  const good = file(t, "ferry.html", NOVEL);
  await window.run(`const path = document.querySelector('${id("import-path")}'); path.value = ""; path.focus()`);
  await window.type(id("import-path"), good);
  await window.click(id("import-look"));
  await window.find(id("import-rows"));
});
