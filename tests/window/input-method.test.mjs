/**
 * German, Hebrew and Japanese in the real window: typed, on the disk, opened again, letter by letter the same. What an
 * input method does is imitated by its events; no real one runs here.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createVault, newNovel, reopened } from "./steps.mjs";
import { home, open, until } from "./window.mjs";

const editor = '[data-testid="editor"]';
const TEXTS = [
  ["German", "Fünf süße Straußeneier fraß der Fähnrich, „weiß Gott“, über Nacht."],
  ["Hebrew", "המגדלור עמד בצפון, והים היה שקט."],
  ["Japanese", "灯台守は、夜ごと海を見ていた。"],
];
/** The driver has no keys for these, so they come as a keyboard's picker gives them. */
const ASTRAL = " 𝔖 👩‍🚀 𠮷野家";

/** What stands on the page, without what the page itself puts there. */
const text = (window) => window.run(`return [...document.querySelectorAll('${editor} p')].map((p) => p.textContent).join("\\n")`);

test("German, Hebrew and Japanese are on the disk as they were typed", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "Leuchtturm מגדלור 灯台");
  const whole = TEXTS.map(([, words]) => words).join("\n");
  for (const [index, [, words]] of TEXTS.entries()) await window.type(editor, (index > 0 ? "\uE007" : "") + words);
  await window.run("document.execCommand('insertText', false, arguments[0])", ASTRAL);
  await until("the words on the page", async () => (await text(window)) === whole + ASTRAL);
  const direction = await window.run(
    `return [...document.querySelectorAll('${editor} p')].map((p) => getComputedStyle(p).direction)`,
  );
  assert.deepEqual(direction, ["ltr", "rtl", "ltr"]);
  const again = await reopened(t, window, folder);
  await until("the words again", async () => (await text(again)).includes("𠮷野家"));
  assert.equal(await text(again), whole + ASTRAL);
});

/** What an input method does to the page: it begins, puts letters into the text, changes them, and lets go of them. */
const COMPOSE = `
  const [steps, done] = arguments;
  const editor = document.querySelector('${editor}');
  const tell = (type, data) => editor.dispatchEvent(new CompositionEvent(type, { data, bubbles: true }));
  const press = (key) => editor.dispatchEvent(new KeyboardEvent("keydown", { ...key, isComposing: true, bubbles: true, cancelable: true }));
  const frame = () => new Promise(requestAnimationFrame);
  (async () => {
    const place = editor.querySelector("p");
    getSelection().selectAllChildren(place);
    getSelection().collapseToEnd();
    await frame();
    tell("compositionstart", "");
    const node = document.createTextNode("");
    place.append(node);
    for (const step of steps) {
      tell("compositionupdate", step);
      node.data = step;
      getSelection().collapse(node, step.length);
      await frame();
    }
    press({ key: "n", ctrlKey: true });
    press({ key: "Enter" });
    tell("compositionend", steps.at(-1));
    done();
  })();`;

test("what an input method composes is on the disk as it let go of it, and no key of the desk fires meanwhile", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "Input");
  await window.type(editor, "The ");
  await window.ask("POST", "/execute/async", { script: COMPOSE, args: [["と", "とう", "とうだい", "灯台"]] });
  await until("the word on the page", async () => (await text(window)) === "The 灯台");
  assert.equal((await window.all('[data-testid="row-scene"]')).length, 1, "Ctrl+N fired while composing");
  const again = await reopened(t, window, folder);
  await until("the word again", async () => (await text(again)) === "The 灯台");
});
