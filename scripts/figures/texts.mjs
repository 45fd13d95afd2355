/** Text to measure with: the same in every run, of words about as long as those of a novel. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const WORDS =
  "the of and to in a that it was he she had with for as on at by from they were which or an but not be are his her all " +
  "there been one so no when who them would more if out into up said what could time than only some very two then do any " +
  "lamp ferry harbour morning window letter brother silence keeper stairs winter candle garden evening remembered waited " +
  "answered wondered carried nothing because without between through against towards perhaps, suddenly, slowly, however,";

/** Numbers that look random and are not. */
function dice(seed) {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * sides);
  };
}

/** Paragraphs of about 80 words, `count` words in all; the first begins with `opening`. */
export function paragraphs(count, opening, seed = 1) {
  const [words, roll] = [WORDS.split(" "), dice(seed)];
  const said = opening.split(" ");
  while (said.length < count) said.push(words[roll(words.length)]);
  const made = [];
  while (said.length > 0) made.push(`${said.splice(0, 60 + roll(40)).join(" ")}.`);
  return made;
}

/** A novel in one file: `chapters` of one scene, `words` in all. */
export function novel(folder, name, chapters, words) {
  mkdirSync(folder, { recursive: true });
  const each = Math.round(words / chapters);
  const text = Array.from({ length: chapters }, (_, at) => {
    const scene = paragraphs(each, `Opening ${at + 1} of them`, at + 1);
    return `# Chapter ${at + 1}\n\n${scene.join("\n\n")}\n`;
  });
  const path = join(folder, `${name}.md`);
  writeFileSync(path, text.join("\n"));
  return path;
}

/** The bare page: the same paragraphs, editable. */
export function page(folder, name, paragraphs) {
  const path = join(folder, `${name}.html`);
  const body = paragraphs.map((text) => `<p>${text}</p>`).join("\n");
  writeFileSync(
    path,
    `<!doctype html><meta charset="utf-8"><title>bare</title><style>body{font:19px/31px serif;max-width:34em;margin:72px auto}</style>
<div id="editor" contenteditable="true" spellcheck="false">${body}</div>`,
  );
  return `file://${path}`;
}
