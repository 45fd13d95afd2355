/**
 * What each kind of export can do with the choices of a preset, so that nobody is asked for what the file will not
 * have. Follows docs/exports.md.
 */
import type { ExportKind, PaperSize } from "../host/host";

export type Fact = "author" | "subtitle" | "publisher" | "rights" | "description";

export type Knows = {
  /** The outline alone, without the text. */
  outline: boolean;
  headings: boolean;
  separator: boolean;
  contents: boolean;
  /** Pages before and behind the text. */
  matter: boolean;
  facts: readonly Fact[];
  /** Contact, header, and which form. */
  manuscript: boolean;
  /** Paper that can be chosen; empty: none. */
  papers: readonly PaperSize[];
  /** Left and right pages, openers, initials, letters. */
  print: boolean;
  cover: boolean;
  /** A copy can say whose it is. */
  copies: boolean;
  /** Lines in columns, in languages that are written so. */
  columns: boolean;
};

const PAPERS: readonly PaperSize[] = [
  "a5",
  "novel",
  "pocket",
  "trade",
  "digest",
  "five-by-eight",
  "jis-b6",
  "a6",
  "a4",
  "letter",
];

const NOTHING: Knows = {
  outline: false,
  headings: false,
  separator: false,
  contents: false,
  matter: false,
  facts: [],
  manuscript: false,
  papers: [],
  print: false,
  cover: false,
  copies: false,
  columns: false,
};
const OUTLINE: Knows = { ...NOTHING, outline: true };
const TEXT: Knows = { ...NOTHING, headings: true, matter: true, copies: true };
const BOOK: Knows = { ...TEXT, separator: true, contents: true, columns: true };
const MANUSCRIPT: Knows = { ...TEXT, facts: ["author", "subtitle"], manuscript: true };

const KNOWN: Readonly<Record<ExportKind, Knows>> = {
  epub: { ...BOOK, facts: ["author", "subtitle", "publisher", "rights", "description"], cover: true },
  docx: { ...BOOK, facts: ["author", "subtitle", "publisher"] },
  odt: { ...BOOK, facts: ["author", "subtitle", "publisher"] },
  pdf: {
    ...BOOK,
    facts: ["author", "subtitle", "publisher", "rights"],
    papers: PAPERS,
    print: true,
    columns: false,
  },
  manuscript_docx: MANUSCRIPT,
  manuscript_pdf: { ...MANUSCRIPT, papers: ["a4", "letter"] },
  html: { ...BOOK, facts: ["author", "subtitle", "publisher"] },
  html_folder: { ...BOOK, facts: ["author", "subtitle", "publisher"] },
  markdown_folder: { ...NOTHING, facts: ["author"] },
  markdown: { ...TEXT, facts: ["author", "subtitle"] },
  pandoc: { ...TEXT, facts: ["author", "subtitle", "rights"] },
  text: { ...TEXT, separator: true, facts: ["author", "subtitle"] },
  csv: OUTLINE,
  opml: OUTLINE,
};

export const knows = (kind: ExportKind): Knows => KNOWN[kind];

/** In the order in which they are offered. */
export const GROUPS = [
  { name: "book", kinds: ["epub", "pdf", "docx", "odt"] },
  { name: "manuscript", kinds: ["manuscript_docx", "manuscript_pdf"] },
  { name: "web", kinds: ["html", "html_folder"] },
  { name: "text", kinds: ["markdown_folder", "markdown", "pandoc", "text"] },
  { name: "outline", kinds: ["csv", "opml"] },
] as const satisfies readonly { name: string; kinds: readonly ExportKind[] }[];

/** Whether books in this language can have lines in columns. */
export const hasColumns = (language: string): boolean => /^(ja|zh)\b/i.test(language);

/** Whether books in this language open to the right. */
export const isRightToLeft = (language: string): boolean =>
  /^(ar|he|fa|ur|yi|ps|sd|ug|dv|ckb|syr)\b/i.test(language) || /-(arab|hebr)\b/i.test(language);
