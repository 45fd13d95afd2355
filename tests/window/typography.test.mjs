/** Typing in the novel's language, formatting by keys, and hostile HTML on the real clipboard, in the real window. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { createVault, newNovel, reopened, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const EDITOR = '[data-testid="editor"]';
const BACKSPACE = "\uE003";
const lines = (window) => window.run(`return [...document.querySelectorAll('${EDITOR} > p')].map((p) => p.textContent)`);
const reads = (window, ...expected) =>
  until(`the page to read ${JSON.stringify(expected)}`, async () => {
    const now = await lines(window);
    if (JSON.stringify(now) === JSON.stringify(expected)) return true;
    throw new Error(`it reads ${JSON.stringify(now)}`);
  });

test("typed quotes and dashes are those of English, a key takes each back, and they are on the disk", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "Marks");
  await window.keys(`"Don't," he said... "'no'" teh THe end`);
  await reads(window, "“Don’t,” he said… “‘no’” the The end");
  await window.keys(' "');
  await window.press(BACKSPACE);
  await reads(window, "“Don’t,” he said… “‘no’” the The end \"");
  await window.keys("-> so");
  await window.press(Key.enter);
  await window.keys("wait--");
  await window.press(Key.control, "z");
  await reads(window, "“Don’t,” he said… “‘no’” the The end \"-> so", "wait--");
  await window.press(Key.control, Key.shift, "z");
  await until("the dash again", async () => /wait.$/.test((await lines(window)).at(-1)));
  const there = await lines(window);

  const again = await reopened(t, window, folder);
  await reads(again, ...there);
});

test("formatting by keys and by the bar is on the disk, and in what is exported", async (t) => {
  const folder = home(t);
  const window = await open(t, folder);
  await createVault(window);
  await newNovel(window, "Looks");
  await window.keys("Corvo");
  await window.press(Key.control, "a");
  await window.press(Key.control, Key.shift, "s");
  await window.find(`${EDITOR} .smallcaps`);
  await window.click('[data-testid="format-superscript"]');
  await window.find(`${EDITOR} sup`);
  await window.press(Key.control, Key.shift, "k");
  await window.type('[data-testid="format-address"]', "example.org");
  await window.press(Key.enter);
  await window.find(`${EDITOR} .link`);
  await window.press(Key.end);
  await window.press(Key.control, Key.shift, "5");
  await window.keys("after");
  await window.press(Key.control, Key.shift, "3");
  await window.find(`${EDITOR} p[data-block="verse"]`);
  await saved(window);

  const again = await reopened(t, window, folder);
  for (const part of [".smallcaps", "sup", '[data-block="break"]', '[data-block="verse"]', '.link[title="https://example.org"]'])
    await again.find(`${EDITOR} ${part}`);
  const [novel] = await again.command("library");
  const path = join(folder, "looks");
  const [preset] = await again.command("export_presets", { novel: novel.id });
  const copy = { recipient: "", line: false, mark: false, cover: null };
  await again.command("export_novel", { novel: novel.id, preset: { ...preset, kind: "markdown_folder" }, copy, path });
  const files = readdirSync(path, { recursive: true }).filter((name) => name.endsWith(".md"));
  const markdown = files.map((name) => readFileSync(join(path, name), "utf8")).join("\n");
  for (const part of ["Corvo", ".smallcaps", "https://example.org", "after"]) assert.ok(markdown.includes(part), `${part} in ${markdown}`);
});

/** Everything that a page could fetch with. `AT` is a server that must not hear of it. */
const HOSTILE = `<html><head><link rel=stylesheet href="AT/a.css"><meta http-equiv=refresh content="0;url=AT/m"><base href="AT/">
<style>@import url(AT/b.css); @font-face { font-family: x; src: url(AT/f.woff) } p { background: url(AT/c.png); font-family: x }</style></head><body>
<p>before <img src="AT/i.png" srcset="AT/s.png 2x"> after</p><picture><source srcset="AT/p.png"><img src="AT/q.png"></picture>
<iframe src="AT/frame" srcdoc="<img src=AT/in>"></iframe><video src="AT/v.mp4" poster="AT/poster.png"></video><audio src="AT/a.mp3" autoplay></audio>
<object data="AT/o"></object><embed src="AT/e"><svg><image href="AT/svg.png"/><use href="AT/use.svg#x"/></svg>
<div style="background-image:url(AT/d.png)">styled</div><script src="AT/x.js"></script><script>fetch("AT/run"); window.ran = true</script>
<img src=x onerror="window.ran = true; fetch('AT/err')"><a href="javascript:window.ran = true" ping="AT/ping">click</a>
<form action="AT/form"><input name=a autofocus onfocus="window.ran = true"></form><p>end</p></body></html>`;

test("hostile HTML on the clipboard brings its words, and no request, no script, no breach of the page's policy", async (t) => {
  const heard = [];
  const server = createServer((request, response) => {
    heard.push(request.url);
    response.end();
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  t.after(() => server.close());
  const window = await open(t, home(t));
  await createVault(window);
  await newNovel(window, "Guests");
  const html = HOSTILE.replaceAll("AT", `http://127.0.0.1:${server.address().port}`);
  await window.run(
    `const html = arguments[0];
     window.breaches = [];
     addEventListener("securitypolicyviolation", (event) => breaches.push(event.violatedDirective + " " + event.blockedURI));
     addEventListener("copy", (event) => {
       event.clipboardData.setData("text/html", html);
       event.clipboardData.setData("text/plain", "plain");
       event.preventDefault();
       event.stopImmediatePropagation();
     }, { capture: true, once: true });`,
    html,
  );
  await window.keys("x");
  await window.press(Key.control, "a");
  await window.press(Key.control, "c");
  await window.press(Key.control, "v");
  await reads(window, "before after", "styled", "click", "end");
  await until("word of the pictures", async () => /pictures in the pasted text were left out/.test(await window.text('[data-testid="notice"]')));
  assert.equal(await window.run("return window.ran ?? null"), null, "nothing of it ran");
  assert.deepEqual(await window.run("return window.breaches"), [], "nothing of it was even tried");
  const inside = await window.run(`return [...document.querySelectorAll('${EDITOR} *')].map((node) => node.tagName)`);
  assert.deepEqual([...new Set(inside)], ["P"], "nothing but paragraphs came in");
  await saved(window);
  assert.deepEqual(heard, []);
});
