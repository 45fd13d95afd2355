/** The whole of a long novel on one page, in the real window: few editors, quiet scrolling, and no word lost. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { laptop } from "./another.mjs";
import { saved, unlock } from "./steps.mjs";
import { Key, open, until } from "./window.mjs";

const CHAPTERS = Number(process.env.SESHAT_CHAPTERS ?? 60);
const PARAGRAPHS = Number(process.env.SESHAT_PARAGRAPHS ?? 24);
/** Of the height of the window. */
const STEP = Number(process.env.SESHAT_STEP ?? 0.85);
const SENTENCE = "The river kept the light a while longer than the town did, and nobody on the quay said why. ";

/** A novel of chapters of one scene each, every one of which begins with its own number. */
function write(folder) {
  mkdirSync(folder);
  for (let at = 1; at <= CHAPTERS; at += 1) {
    const lines = Array.from({ length: PARAGRAPHS }, (_, line) => SENTENCE.repeat(1 + ((at + line) % 5)).trim());
    const text = [`# Chapter ${at}`, `Number${at} begins.`, ...lines].join("\n\n");
    writeFileSync(join(folder, `${String(at).padStart(4, "0")}.md`), `${text}\n`);
  }
}

/** How many editors there are, how far the page is scrolled, and what is in sight. */
const look = (window) =>
  window.run(`const main = document.querySelector("[data-scroller]");
    const { top, bottom } = main.getBoundingClientRect();
    const leaves = [...main.querySelectorAll("[data-leaf]")];
    const seen = leaves.filter((leaf) => { const one = leaf.getBoundingClientRect(); return one.bottom > top + 40 && one.top < bottom - 40; });
    return {
      editors: main.querySelectorAll(".ProseMirror").length,
      leaves: leaves.length,
      blank: seen.filter((leaf) => !leaf.querySelector(".ProseMirror")).length,
      first: leaves.indexOf(seen[0]) + 1,
      top: main.scrollTop, height: main.clientHeight, end: main.scrollHeight,
    };`);

const scroll = (window, top) => window.run(`document.querySelector("[data-scroller]").scrollTop = arguments[0]`, top);

/** What the processes of the window hold for themselves, in MiB; shared pages by their share. */
function memory(pid) {
  const parents = new Map();
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      parents.set(Number(name), Number(readFileSync(`/proc/${name}/stat`, "utf8").replace(/^.*\) . /, "").split(" ")[0]));
    } catch {
      // It has ended.
    }
  }
  const below = (one) => one === pid || (parents.has(one) && one > 1 && below(parents.get(one)));
  const held = [...parents.keys()].filter(below).map((one) => {
    try {
      return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, "utf8"))?.[1] ?? 0);
    } catch {
      return 0;
    }
  });
  return Math.round(held.reduce((sum, one) => sum + one, 0) / 1024);
}

test("a book is scrolled to its end with few editors, and what is typed in three of its scenes is there after the power went", async (t) => {
  const desk = laptop(t);
  desk.seshat("init", "--kit", join(desk.folder, "kit.txt"));
  write(join(desk.folder, "Longshore"));
  desk.seshat("import", join(desk.folder, "Longshore"), "--language", "en-GB");
  const vault = join(desk.folder, "vault");

  const window = await open(t, vault);
  await window.find('[data-testid="unlock"]');
  await unlock(window);
  await window.click('[data-testid="novel"]', 30_000);
  await until("the first scene", async () => (await window.text('[data-testid="editor"]')).startsWith("Number1 "));
  await window.press(Key.control, Key.alt, "3");
  await until("the whole book", async () => (await look(window)).leaves === CHAPTERS);

  const pid = await window.process();
  const held = [memory(pid)];
  let most = 0;
  let at = await look(window);
  while (at.top + at.height < at.end - 4) {
    const before = at;
    await scroll(window, before.top + before.height * STEP);
    at = await until("the text in sight", async () => {
      const now = await look(window);
      most = Math.max(most, now.editors);
      return now.blank === 0 && now.top > before.top ? now : null;
    });
    if (at.first % 50 === 0 && at.first !== before.first) held.push(memory(pid));
  }
  held.push(memory(pid));
  t.diagnostic(`${CHAPTERS} scenes, at most ${most} editors; PSS in MiB on the way: ${held.join(", ")}`);
  assert.ok(most <= 8, `${most} editors at once`);
  assert.equal(at.first === CHAPTERS || at.first === CHAPTERS - 1, true, "the end is in sight");

  const middle = Math.ceil(CHAPTERS / 2);
  for (const [scene, word] of [
    [CHAPTERS, "Ultima"],
    [middle, "Media"],
    [1, "Prima"],
  ]) {
    await window.run(`document.querySelectorAll("[data-leaf]")[arguments[0]].scrollIntoView()`, scene - 1);
    await window.click(`[data-leaf]:nth-child(${scene}) .ProseMirror p:first-child`);
    await until("the cursor there", () =>
      window.run(`return document.activeElement?.closest("[data-leaf]")?.dataset.open === "yes"`),
    );
    await window.press(Key.home);
    await window.keys(`${word} `);
    await until(`${word} on the page`, async () =>
      (await window.text(`[data-leaf]:nth-child(${scene}) .ProseMirror p:first-child`)).startsWith(word),
    );
  }
  await saved(window);
  await window.click(`[data-leaf]:nth-child(1) .ProseMirror p:first-child`);
  // The way down out of a scene by the arrow keys, and the binder goes along.
  await window.press(Key.control, Key.end);
  await window.press(Key.down);
  const second = await until("the cursor in the second scene", () =>
    window.run(`const leaf = document.activeElement?.closest("[data-leaf]");
      return leaf?.matches(":nth-child(2)") ? leaf.dataset.leaf : null`),
  );
  const [{ id: novel }] = await window.command("library");
  await until("the place to be on the disk", async () => (await window.command("place", { novel }))?.scene === second);
  await window.kill();

  const again = await open(t, vault);
  await again.find('[data-testid="unlock"]');
  await unlock(again);
  await again.click('[data-testid="novel"]', 30_000);
  await until("the scene where the author was", async () => (await again.text('[data-open="yes"] [data-testid="editor"]')).startsWith("Number2 "));
  await again.press(Key.control, Key.alt, "3");
  await until("the book again, at that scene", () =>
    again.run(`const leaf = document.querySelector('[data-leaf][data-open="yes"]');
      return leaf?.matches(":nth-child(2)") && leaf.querySelector(".ProseMirror") !== null`),
  );
  for (const [scene, word] of [
    [1, "Prima"],
    [middle, "Media"],
    [CHAPTERS, "Ultima"],
  ]) {
    await again.run(`document.querySelectorAll("[data-leaf]")[arguments[0]].scrollIntoView()`, scene - 1);
    const first = `[data-leaf]:nth-child(${scene}) .ProseMirror p:first-child`;
    await until(`${word} again`, async () => (await again.text(first)) === `${word} Number${scene} begins.`);
  }
});
