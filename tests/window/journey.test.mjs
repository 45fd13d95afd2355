/** The main job in the real window: make a vault, type, lose power, come back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createVault, kitWords, newNovel, PASSWORD, saved, unlock } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const PARAGRAPH = "The ferry left without her, and the river kept the light a while longer.";

test("a paragraph typed into a new vault is there after the power went", async (t) => {
  const folder = home(t);
  const before = await open(t, folder);
  await createVault(before);
  await newNovel(before, "The Crossing");
  await before.type('[data-testid="editor"]', PARAGRAPH);
  await until("typing to be noticed", async () => (await before.text('[data-testid="words"]')).startsWith("14"));
  await saved(before);
  await before.kill();

  const after = await open(t, folder);
  await after.find('[data-testid="unlock"]');
  await unlock(after);
  await after.click('[data-testid="novel"]');
  await until("the paragraph", async () => (await after.text('[data-testid="editor"]')) === PARAGRAPH);
});

test("what was typed two seconds before the power went is there, whether or not it was said to be saved", async (t) => {
  const folder = home(t);
  const before = await open(t, folder);
  await createVault(before);
  await newNovel(before, "Without Warning");
  const words = [];
  // Typing never stops for longer than a moment, so nothing but the clock of the program saves it.
  const end = Date.now() + 5000;
  while (Date.now() < end) {
    words.push({ word: `word${words.length}`, at: Date.now() });
    await before.type('[data-testid="editor"]', `${words.at(-1).word} `);
  }
  const killed = Date.now();
  await before.kill();

  const after = await open(t, folder);
  await after.find('[data-testid="unlock"]');
  await unlock(after);
  await after.click('[data-testid="novel"]');
  const old = words.filter(({ at }) => killed - at > 2000).map(({ word }) => word);
  assert.ok(old.length > 5, `only ${old.length} words were typed in time`);
  const kept = await until("the text", async () => (await after.text('[data-testid="editor"]')) || null);
  assert.deepEqual(kept.split(" ").slice(0, old.length), old);
});

test("a forgotten password is replaced with the words of the kit", async (t) => {
  const window = await open(t, home(t));
  const words = await createVault(window);
  await newNovel(window, "Kept");
  await window.press(Key.control, "l");
  await window.click('[data-testid="go-recover"]');
  await window.type('[data-testid="kit-text"]', words.join(" "));
  await window.type('[data-testid="password"]', "orchid ladder thunder mime");
  await window.click('[data-testid="recover"]');
  await window.find('[data-testid="novel"]', 30_000);
  await window.press(Key.control, "l");
  await unlock(window, "orchid ladder thunder mime");
  await window.find('[data-testid="novel"]', 30_000);
});

test("the keyboard alone makes a vault, a novel and a second scene", async (t) => {
  const window = await open(t, home(t));
  await window.find('[data-testid="password"]');
  await window.keys(PASSWORD, Key.enter);
  await window.find('[data-testid="kit-words"]', 30_000);
  const words = await kitWords(window);
  const reach = async (id) => {
    for (let step = 0; step < 40; step += 1) {
      if (await window.run("return document.activeElement?.dataset?.testid === arguments[0]", id)) return;
      await window.press(Key.tab);
    }
    throw new Error(`Tab never reached ${id}`);
  };
  await reach("kit-next");
  await window.press(Key.enter);
  for (const field of [1, 2, 3]) {
    await reach(`confirm-${field}`);
    const place = await window.run("return Number(document.activeElement.dataset.place)");
    await window.keys(words[place - 1]);
  }
  await window.press(Key.enter);
  await window.find('[data-testid="new-novel"]', 30_000);
  await window.press(Key.control, "n");
  await window.find('[data-testid="title"]');
  await window.keys("By Hand", Key.enter);
  await window.find('[data-testid="editor"]');
  await until("the page to have the focus", () => window.run("return document.activeElement?.dataset?.testid === 'editor'"));
  await window.keys("First scene.");
  await window.press(Key.control, "n");
  await until("a second scene", async () => (await window.all('[data-testid="row-scene"]')).length === 2);
  await until("its empty page", async () => (await window.text('[data-testid="editor"]')) === "");
  await window.keys("Second scene.");
  await saved(window);
  await window.press(Key.control, Key.pageUp);
  await until("the first scene again", async () => (await window.text('[data-testid="editor"]')) === "First scene.");
});

test("bold and italic, split and joined paragraphs survive closing and opening", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "Marks");
  const editor = '[data-testid="editor"]';
  await window.type(editor, "plain ");
  await window.press(Key.control, "b");
  await window.type(editor, "bold");
  await window.press(Key.control, "b");
  await window.type(editor, " and ");
  await window.press(Key.control, "i");
  await window.type(editor, "italic");
  await window.press(Key.control, "i");
  await window.type(editor, `${Key.enter}second${Key.enter}third`);
  await saved(window);
  await window.press(Key.control, "l");
  await window.find('[data-testid="unlock"]');
  const page = await window.run("return document.body.textContent");
  assert.ok(!page.includes("italic"), "the locked page holds no text");
  await unlock(window);
  await window.click('[data-testid="novel"]');
  await until("three paragraphs", () => window.run(`return document.querySelectorAll('${editor} p').length === 3`));
  const marks = await window.run(
    `const e = document.querySelector('${editor}'); return [e.querySelector("strong")?.textContent, e.querySelector("em")?.textContent]`,
  );
  assert.deepEqual(marks, ["bold", "italic"]);
});

test("a wrong password says so in one sentence and opens nothing", async (t) => {
  const window = await open(t, home(t));
  await createVault(window);
  await window.find('[data-testid="new-novel"]');
  await window.press(Key.control, "l");
  await window.find('[data-testid="unlock"]');
  await unlock(window, "another oboe entirely");
  await until("the refusal", async () => (await window.run("return document.body.textContent")).includes("does not open the vault"));
  assert.equal((await window.all('[data-testid="new-novel"]')).length, 0);
});

test("the page can reach no other page and no command of the shell", async (t) => {
  const window = await open(t, home(t));
  await window.find('[data-testid="password"]');
  const before = await window.ask("GET", "/url");
  await window.run(`location.href = "http://127.0.0.1:1/"`);
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(await window.ask("GET", "/url"), before, "navigation was let through");
  const answers = await window.ask("POST", "/execute/async", {
    script: `const done = arguments[0];
      const ask = (command) => window.__TAURI_INTERNALS__.invoke(command).then(() => "allowed", () => "refused");
      Promise.all([ask("plugin:window|close"), ask("plugin:event|listen"), ask("plugin:path|resolve_directory")]).then(done);`,
    args: [],
  });
  assert.deepEqual(answers, ["refused", "refused", "refused"]);
  const script = await window.run(
    `try { document.body.insertAdjacentHTML("beforeend", "<img src=x>"); return "written" } catch { return "refused" }`,
  );
  assert.equal(script, "refused", "trusted types are not enforced");
});
