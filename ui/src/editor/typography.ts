/**
 * What a typed character becomes: quotes, apostrophes, primes, dashes, the ellipsis and the spaces of French.
 *
 * Pure: from the text in front of the cursor and the character to the change, nothing of the screen.
 *
 * **Invariants:** no letter is ever changed. A change never reaches outside the paragraph. What is not sure is left as
 * it was typed: a wrong mark costs more than a straight one.
 */
import type { Conventions } from "./typography-table";

/** Replaces `from` to `to` of the text with the typed character behind it. UTF-16 units of the paragraph. */
export type Change = { from: number; to: number; text: string };

/** Null: the character stays as it was typed. */
export function smarten(before: string, typed: string, language: Conventions): Change | null {
  const at = before.length;
  const last = (text: string, back = 0): Change => ({ from: at - back, to: at + typed.length, text });
  switch (typed) {
    case '"':
      return doubleQuote(before, language, last);
    case "'":
      return singleQuote(before, language, last);
    case "-":
      return dash(before, language, last);
    case ".":
      if (before.endsWith("..") && !before.endsWith("...")) return last("…", 2);
      return elision(before, typed, language, last);
    case ";":
    case "!":
    case "?":
      return (
        spaced(before, typed, language.before.strong, last) ??
        inverted(before, typed, language) ??
        elision(before, typed, language, last)
      );
    case ":":
      return spaced(before, typed, language.before.colon, last);
    case "«":
      return language.inside === "" ? null : last(`«${language.inside}`);
    case "»":
      return language.inside === "" ? null : closeInside(before, language, last);
    default:
      return mend(before, typed, language, last);
  }
}

/** Replaces the typed character, and as many units before it as `back` says. */
type Last = (text: string, back?: number) => Change;

const isSpace = (sign: string | undefined) => sign === undefined || /\s/u.test(sign);
const isDash = (sign: string | undefined) => sign !== undefined && "-–—".includes(sign);
const isDigit = (sign: string | undefined) => sign !== undefined && /\p{Nd}/u.test(sign);
const isLetter = (sign: string | undefined) => sign !== undefined && /[\p{L}\p{M}]/u.test(sign);
const HEBREW = /[\u05d0-\u05ea]/;

/** The last character, a pair of surrogates whole. */
const end = (text: string): string | undefined => text.match(/.$/su)?.[0];

function isOpen(before: string, [open, close]: readonly [string, string]): boolean {
  if (open === close) return (before.split(open).length - 1) % 2 === 1;
  return before.lastIndexOf(open) > before.lastIndexOf(close);
}

/** Whether a quote begins after this: at a space, a bracket, or another quote that has just begun. */
function begins(before: string, language: Conventions): boolean {
  const sign = end(before);
  if (isSpace(sign)) return true;
  if ("([{¿¡/".includes(sign as string)) return true;
  return [language.double, language.single].some(([open, close]) => open !== close && open === sign);
}

function doubleQuote(before: string, language: Conventions, last: Last): Change | null {
  const { double, inside, unspaced } = language;
  const open = isOpen(before, double);
  const sign = end(before);
  if (isDigit(sign) && !open && !unspaced) return last("″");
  if (inside !== "" && open && sign === " " && before.at(-2) !== double[0])
    return last(inside + double[1], 1);
  const opens = unspaced || isDash(sign) ? !open : begins(before, language);
  if (opens) return last(double[0] + inside);
  return inside === "" ? last(double[1]) : closeInside(before, language, last);
}

/** The closing guillemet with its space, in the place of one that was typed. */
function closeInside(before: string, { double, inside }: Conventions, last: Last): Change {
  const spaces = before.match(/[ \u00a0\u202f]$/)?.[0].length ?? 0;
  return last(inside + double[1], spaces);
}

function singleQuote(before: string, language: Conventions, last: Last): Change | null {
  const { single, unspaced } = language;
  const [opening, closing] = single;
  const open = isOpen(before, single);
  const sign = end(before);
  if (unspaced && !/[\p{Script=Latin}\p{Nd}]/u.test(sign ?? "")) return last(open ? closing : opening);
  if (HEBREW.test(sign ?? "")) return last("\u05f3");
  if (isDigit(sign) && !open) return last("′");
  if (isDash(sign) ? !open : begins(before, language)) return last(opening);
  return last(open ? closing : "’");
}

function dash(before: string, language: Conventions, last: Last): Change | null {
  const sign = before.at(-1);
  if (sign === "–" || sign === "—") return last("—", 1);
  if (sign !== "-" || before.at(-2) === "-") return null;
  const text = before.slice(0, -1);
  if (isDigit(end(text))) return last("–", 1);
  if (language.speech && text.trim() === "") return last("—", 1);
  return last(language.dash, 1);
}

/** The narrow or fixed space before a mark, instead of one that was typed or where none was. */
function spaced(before: string, typed: string, space: string, last: Last): Change | null {
  if (space === "") return null;
  const sign = before.at(-1);
  if (sign === " ") return before.trim() === "" ? null : last(space + typed, 1);
  const fits = typed === ":" ? isLetter(end(before)) : isLetter(end(before)) || isDigit(sign);
  return fits || (sign !== undefined && "»”’…)]".includes(sign)) ? last(space + typed) : null;
}

/** The sentence that ends here, after the last sign that ends another or opens a quotation. */
const SENTENCE = /(?:^|[.!?…]["”»’)]*\s+|[«“‘("—–]\s*)(\p{L}[^.!?…«“‘("—–]*)$/u;

/**
 * ¿ or ¡ before a sentence that began without. Only where there is no doubt where that is: a sentence with a comma may
 * turn into a question in its middle.
 */
function inverted(before: string, typed: string, language: Conventions): Change | null {
  if (!language.inverted || typed === ";") return null;
  const sentence = before.match(SENTENCE)?.[1];
  if (sentence === undefined || /[,;:¿¡]/.test(sentence)) return null;
  const at = before.length - sentence.length;
  return { from: at, to: at, text: typed === "?" ? "¿" : "¡" };
}

/** What the character behind a mark says about the mark: a letter after a closing quote makes an apostrophe of it. */
function mend(before: string, typed: string, language: Conventions, last: Last): Change | null {
  const sign = before.at(-1) ?? "";
  const closing = language.single[1];
  if (isLetter(typed)) {
    const quoted = sign === closing && isLetter(end(before.slice(0, -1)));
    if (sign === "′" || (quoted && closing !== "’")) return last(`’${typed}`, 1);
    if (HEBREW.test(typed) && /[\u05d0-\u05ea]”$/.test(before)) return last(`״${typed}`, 1);
    // The decades: ’90s.
    const decade = typed === "s" && before.match(/(?:^|[\s(“—–])‘(\d0)$/u);
    return decade ? last(`’${decade[1]}s`, 3) : null;
  }
  // A colon that belongs to an address or to the time of day takes no space before it.
  if (language.before.colon !== "" && /[\u00a0\u202f]:$/.test(before) && !isSpace(typed))
    return last(`:${typed}`, 2);
  if (typed === " " && language.inside !== "" && before.endsWith(`«${language.inside}`)) return last("", 0);
  return elision(before, typed, language, last);
}

/** ’tis, rock ’n’ roll, ’s avonds: the word is over, and it is one that an apostrophe begins. */
function elision(before: string, typed: string, language: Conventions, last: Last): Change | null {
  if (language.elided.length === 0 || isDigit(typed)) return null;
  const [, word] = before.match(/(?:^|[\s(“—–])‘([\p{L}’]+)$/u) ?? [];
  if (word === undefined) return null;
  const bare = word.toLowerCase();
  if (!language.elided.includes(bare) && bare !== "n’") return null;
  return last(`’${word}${typed}`, word.length + 1);
}
