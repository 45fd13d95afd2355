/**
 * Which quotes, dashes and spaces a language has: one row a language, in one place.
 *
 * The marks are those of the Unicode CLDR (delimiters) and of "Quotation mark" in Wikipedia, where the two differ the
 * one that novels are printed with. Spaces of French: U+202F inside « » and before ; ! ?, and U+00A0 before a colon.
 */

const NARROW = "\u202f";
const FIXED = "\u00a0";

type Pair = readonly [open: string, close: string];

export type Conventions = {
  /** For a typed `"`. */
  readonly double: Pair;
  /** For a typed `'` that is no apostrophe. */
  readonly single: Pair;
  /** For two hyphens inside a sentence. */
  readonly dash: "\u2013" | "\u2014";
  /** Two hyphens at the beginning of a paragraph are the dash before speech. */
  readonly speech: boolean;
  /** Between « » and what is inside. */
  readonly inside: string;
  /** The space before `;`, `!` and `?`, and before a colon. */
  readonly before: { readonly strong: string; readonly colon: string };
  /** A question begins with ¿ and an exclamation with ¡. */
  readonly inverted: boolean;
  /** Written without spaces between words: a quote opens when none is open. */
  readonly unspaced: boolean;
  /** Words that begin with an apostrophe, in small letters and without it. */
  readonly elided: readonly string[];
};

const PLAIN: Conventions = {
  double: ["“", "”"],
  single: ["‘", "’"],
  dash: "\u2014",
  speech: false,
  inside: "",
  before: { strong: "", colon: "" },
  inverted: false,
  unspaced: false,
  elided: [],
};

const quotes = (four: string, rest: Partial<Conventions> = {}): Conventions => {
  const [a, b, c, d] = [...four] as [string, string, string, string];
  return { ...PLAIN, double: [a, b], single: [c, d], ...rest };
};
const short = { dash: "\u2013" } as const;
const speaking = { speech: true };

const ENGLISH = ["tis", "twas", "twere", "twill", "twould", "twixt", "tisn’t", "twasn’t", "em", "til", "n"];
const DUTCH = ["s", "t", "n", "k", "m", "r", "ns"];

/** By language, or by language and region where a region differs. */
const TABLE: Readonly<Record<string, Conventions>> = {
  en: quotes("“”‘’", { elided: ENGLISH }),
  "en-gb": quotes("“”‘’", { ...short, elided: ENGLISH }),
  fr: quotes("«»“”", {
    ...speaking,
    inside: NARROW,
    before: { strong: NARROW, colon: FIXED },
  }),
  "fr-ca": quotes("«»“”", { ...speaking, inside: FIXED, before: { strong: "", colon: FIXED } }),
  "fr-ch": quotes("«»‹›", {
    ...speaking,
    ...short,
    inside: NARROW,
    before: { strong: NARROW, colon: NARROW },
  }),
  de: quotes("„“‚‘", short),
  "de-ch": quotes("«»‹›", short),
  "de-li": quotes("«»‹›", short),
  es: quotes("«»“”", { ...speaking, inverted: true }),
  "es-419": quotes("“”‘’", { ...speaking, inverted: true }),
  it: quotes("«»“”", { ...short, ...speaking }),
  pt: quotes("“”‘’", speaking),
  "pt-pt": quotes("«»“”", speaking),
  ca: quotes("«»“”", speaking),
  nl: quotes("“”‘’", { ...short, elided: DUTCH }),
  sv: quotes("””’’", short),
  fi: quotes("””’’", short),
  da: quotes("»«›‹", short),
  nb: quotes("«»‘’", short),
  pl: quotes("„”«»", { ...short, ...speaking }),
  cs: quotes("„“‚‘", short),
  sk: quotes("„“‚‘", short),
  sl: quotes("„“‚‘", short),
  hr: quotes("„”‚’", short),
  hu: quotes("„”»«", { ...short, ...speaking }),
  ro: quotes("„”«»", { ...short, ...speaking }),
  ru: quotes("«»„“", speaking),
  uk: quotes("«»„“", speaking),
  bg: quotes("„“‚‘", { ...short, ...speaking }),
  el: quotes("«»“”", { ...short, ...speaking }),
  tr: quotes("“”‘’", { ...short, ...speaking }),
  he: quotes("””’’", short),
  ja: quotes("「」『』", { unspaced: true }),
  zh: quotes("“”‘’", { unspaced: true }),
  "zh-hant": quotes("「」『』", { unspaced: true }),
};

/** Other names of the same rows. Spanish of America, and English of where it is written as in Britain. */
const SAME: Readonly<Record<string, string>> = {
  no: "nb",
  nn: "nb",
  "zh-tw": "zh-hant",
  "zh-hk": "zh-hant",
  "zh-mo": "zh-hant",
  ...Object.fromEntries(["au", "ie", "in", "nz", "za"].map((region) => [`en-${region}`, "en-gb"])),
  ...Object.fromEntries(
    "ar bo cl co cr cu do ec gt hn mx ni pa pe pr py sv us uy ve"
      .split(" ")
      .map((r) => [`es-${r}`, "es-419"]),
  ),
};

/** For a language tag (BCP 47). A language without a row of its own is written as English is. */
export function conventionsFor(tag: string): Conventions {
  const parts = tag.toLowerCase().split(/[-_]/);
  for (let length = parts.length; length > 0; length -= 1) {
    const name = parts.slice(0, length).join("-");
    const found = TABLE[SAME[name] ?? name];
    if (found) return found;
  }
  return PLAIN;
}
