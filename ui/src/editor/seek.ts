/**
 * Finding in one paragraph what a reader would call the same, as the search of the whole novel does
 * (`seshat-search/src/fold.rs`): whatever the case, the accents, the kind of quotation mark, and whatever stands
 * there that nobody sees.
 *
 * **Invariant:** what is found begins and ends between whole characters of the text: one dot is not found in "…",
 * nor か in が.
 *
 * It differs from the novel's search in three things: it has no regular expressions, accents never count, and words
 * end where the browser's dictionary says, which for Thai, Chinese and Japanese may be another one.
 */
import type { Stretch } from "./flat";

export type How = { case: "counts" | "ignored"; words: "whole" | "any" };

/** A text as it counts, and for each unit of it the character that it came from. */
type Folded = { text: string; starts: number[]; ends: number[] };

const UNSEEN = /[\u00ad\u200b-\u200f\u2060\ufeff\u0640\ufffc]/u;
/** Accents, and the points of Hebrew and Arabic. Not what makes other letters: vowel signs, voicing marks. */
// biome-ignore format: a table.
const DROPPED: readonly (readonly [number, number])[] = [
  [0x300, 0x36f], [0x591, 0x5bd], [0x5bf, 0x5bf], [0x5c1, 0x5c2], [0x5c4, 0x5c5], [0x5c7, 0x5c7], [0x610, 0x61a],
  [0x64b, 0x65f], [0x670, 0x670], [0x1ab0, 0x1aff], [0x1dc0, 0x1dff], [0x20d0, 0x20ff], [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
];
const MARK = /^\p{M}/u;

function isDropped(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x300 && DROPPED.some(([first, last]) => first <= code && code <= last);
}

/** The form that keyboards have. */
function plainer(c: string): string {
  if ("‘’‚‛′ʼʹ׳".includes(c)) return "'";
  if ("“”„‟″״".includes(c)) return '"';
  if (c === "‐" || c === "‑") return "-";
  return /\s/u.test(c) ? " " : c;
}

/** One character as it counts. By way of the capital: ß becomes ss, and all three sigmas become one. */
function folded(character: string, how: How["case"]): string {
  if (UNSEEN.test(character)) return "";
  let text = "";
  for (const part of character.normalize("NFKD")) {
    if (isDropped(part)) continue;
    const plain = plainer(part);
    if (how === "counts") text += plain;
    else for (const c of plain.toUpperCase()) for (const d of c.toLowerCase()) if (!isDropped(d)) text += d;
  }
  return text;
}

const KNOWN: Record<How["case"], Map<string, string>> = { counts: new Map(), ignored: new Map() };
/** Characters whose folded form is kept: a novel has a few hundred. */
const MOST = 4096;

function fold(character: string, how: How["case"]): string {
  const known = KNOWN[how];
  const found = known.get(character);
  if (found !== undefined) return found;
  const made = folded(character, how);
  if (known.size < MOST) known.set(character, made);
  return made;
}

function foldText(text: string, how: How["case"]): Folded {
  const result: Folded = { text: "", starts: [], ends: [] };
  let at = 0;
  for (const character of text) {
    const end = at + character.length;
    const form = fold(character, how);
    for (let unit = 0; unit < form.length; unit += 1) {
      result.starts.push(at);
      result.ends.push(end);
    }
    result.text += form;
    at = end;
  }
  return result;
}

/** Where `wanted` stands in `text`, from left to right and without overlaps. */
export function seek(text: string, wanted: string, how: How, words: Intl.Segmenter): Stretch[] {
  const needle = foldText(wanted, how.case).text;
  if (needle === "") return [];
  const hay = foldText(text, how.case);
  const found: Stretch[] = [];
  let edges: Set<number> | null = null;
  for (let at = hay.text.indexOf(needle); at >= 0; ) {
    const hit = whole(text, hay, at, at + needle.length);
    if (hit && how.words === "whole") edges ??= wordEdges(text, words);
    const fits = hit !== null && (edges === null || (edges.has(hit.from) && edges.has(seen(text, hit.to))));
    if (fits) found.push(hit);
    at = hay.text.indexOf(needle, fits ? at + needle.length : at + 1);
  }
  return found;
}

/** What a stretch of the folded text came from; null where that is not whole characters. */
function whole(text: string, hay: Folded, from: number, to: number): Stretch | null {
  const cut = (at: number) => at > 0 && at < hay.starts.length && hay.starts[at] === hay.starts[at - 1];
  if (cut(from) || cut(to)) return null;
  let end = hay.ends[to - 1] as number;
  // Marks that folding dropped belong to the letter before them.
  while (end < text.length && isDropped(text[end] as string)) end += 1;
  return MARK.test(text.slice(end, end + 2)) ? null : { from: hay.starts[from] as number, to: end };
}

/** What nobody sees belongs to the word before it; what stands for an image or a note does not. */
function seen(text: string, at: number): number {
  let end = at;
  while (text[end] !== "\ufffc" && UNSEEN.test(text[end] ?? "")) end += 1;
  return end;
}

/** What stands before an apostrophe in French, Italian and Catalan and is a word of its own. */
const ELIDED =
  /^(l|d|j|m|t|s|n|c|qu|jusqu|lorsqu|puisqu|quoiqu|un|all|dall|dell|nell|sull|coll|quell|quest|com|dov|sant|bell)$/iu;

/** Where words begin and end. "Natasha" is a whole word in "Natasha’s", and "homme" is one in "l’homme". */
function wordEdges(text: string, words: Intl.Segmenter): Set<number> {
  const edges = new Set([text.length]);
  for (const { segment, index } of words.segment(text)) {
    edges.add(index);
    const apostrophe = segment.search(/['’]/u);
    if (apostrophe <= 0) continue;
    if (/^['’]s$/iu.test(segment.slice(apostrophe))) edges.add(index + apostrophe);
    if (ELIDED.test(segment.slice(0, apostrophe))) edges.add(index + apostrophe + 1);
  }
  return edges;
}
