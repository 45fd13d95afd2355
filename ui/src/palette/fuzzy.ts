/**
 * Finding a name by a few of its letters.
 *
 * Every word that is typed must be in the name, in any order; case, accents and the writing of ligatures do not count.
 * The beginning of a word is worth more than its middle, and letters in a row more than scattered ones.
 */

/** How well it fits (higher is better) and which of the name's UTF-16 units were meant. */
export type Fit = { score: number; marks: readonly number[] };

/** Letters that no decomposition takes apart. */
const ALIKE: Readonly<Record<string, string>> = {
  æ: "ae",
  œ: "oe",
  ß: "ss",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
  "’": "'",
  "‘": "'",
  "–": "-",
  "—": "-",
};

/** The bare letters of a text, each with the place in the text that it came from. */
function bare(text: string): { letters: string; from: number[] } {
  let letters = "";
  const from: number[] = [];
  let at = 0;
  for (const sign of text) {
    const plain = sign.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    for (const letter of plain) {
      const alike = ALIKE[letter] ?? letter;
      letters += alike;
      for (let unit = 0; unit < alike.length; unit += 1) from.push(at);
    }
    at += sign.length;
  }
  return { letters, from };
}

const isLetter = (sign: string | undefined) => sign !== undefined && /[\p{L}\p{N}]/u.test(sign);
const begins = (letters: string, at: number) => isLetter(letters[at]) && !isLetter(letters[at - 1]);

/** `null` when the name does not fit. An empty wish fits everything alike. */
export function likeness(wish: string, name: string): Fit | null {
  const { letters, from } = bare(name);
  const words = bare(wish).letters.split(/\s+/).filter(Boolean);
  let score = 0;
  const marks = new Set<number>();
  for (const word of words) {
    const found = whole(word, letters) ?? scattered(word, letters);
    if (!found) return null;
    score += found.score;
    for (const at of found.places) marks.add(from[at] ?? 0);
  }
  // Of two names that fit alike, the shorter one was meant.
  return { score: score - letters.length / 1000, marks: [...marks].sort((a, b) => a - b) };
}

type Found = { score: number; places: number[] };

/** The word as it stands: best at the beginning of the name, well at the beginning of a word. */
function whole(word: string, letters: string): Found | null {
  let best: Found | null = null;
  for (let at = letters.indexOf(word); at >= 0; at = letters.indexOf(word, at + 1)) {
    const score = at === 0 ? 100 : begins(letters, at) ? 80 : 40;
    if (!best || score > best.score) best = { score, places: [...word].map((_, index) => at + index) };
  }
  return best;
}

/** Its letters in their order, the first at the beginning of a word, each next one in a row or at another beginning. */
function scattered(word: string, letters: string): Found | null {
  for (let start = 0; start < letters.length; start += 1) {
    if (letters[start] !== word[0] || !begins(letters, start)) continue;
    const places = follow(word, letters, start);
    if (places) return { score: 20, places };
  }
  return null;
}

function follow(word: string, letters: string, start: number): number[] | null {
  const places = [start];
  let at = start;
  for (const letter of word.slice(1)) {
    let next = at + 1;
    if (letters[next] !== letter) {
      next += 1;
      while (next < letters.length && !(letters[next] === letter && begins(letters, next))) next += 1;
    }
    if (next >= letters.length) return null;
    places.push(next);
    at = next;
  }
  return places;
}
