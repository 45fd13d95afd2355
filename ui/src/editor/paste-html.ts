/**
 * Reads pasted HTML into paragraphs of ours: what Word, Google Docs, LibreOffice and web pages put on the clipboard.
 *
 * **Invariants:** it never throws and never fetches: the parser's document has no window, so nothing in it runs or
 * loads. Nothing of the HTML is kept but text and the few marks named here. Text stays in its order. It walks without
 * recursion, so that no depth can break it.
 */
import { ALIGNS, BLOCKS } from "./schema";

export const FLAGS = ["emphasis", "strong", "underline", "strike", "smallcaps", "superscript"] as const;
export type Flag = (typeof FLAGS)[number];

export type Marks = {
  readonly flags: ReadonlySet<Flag>;
  readonly link: string | null;
  readonly language: string | null;
  readonly ruby: string | null;
};
/** A stretch of text, or a line break. */
export type Piece = { kind: "text" | "break"; text: string; marks: Marks };
export type Paragraph = { block: string; align: string | null; pieces: Piece[] };
export type Read = {
  paragraphs: Paragraph[];
  /** Pictures that were left out. */
  pictures: number;
  /** It was copied from an editor like ours: how far its first and last paragraph were open. */
  ours: readonly [number, number] | null;
};

type Around = Marks & { block: string; align: string | null; kept: boolean };

const NO_MARKS: Marks = { flags: new Set(), link: null, language: null, ruby: null };

const GONE = new Set(
  `SCRIPT STYLE TEMPLATE NOSCRIPT HEAD TITLE META LINK BASE IFRAME FRAME FRAMESET NOFRAMES OBJECT EMBED APPLET SVG MATH CANVAS
  AUDIO VIDEO SELECT TEXTAREA INPUT BUTTON DATALIST PROGRESS METER MAP RP XML NOEMBED DIALOG`.split(/\s+/),
);
const BLOCK = new Set(
  `P DIV H1 H2 H3 H4 H5 H6 LI UL OL DL DT DD TABLE CAPTION THEAD TBODY TFOOT TR TD TH BLOCKQUOTE PRE SECTION ARTICLE HEADER
  FOOTER MAIN ASIDE NAV ADDRESS FIGURE FIGCAPTION DETAILS SUMMARY CENTER FORM FIELDSET LEGEND HR HGROUP MENU BODY`.split(
    /\s+/,
  ),
);
const TAGS: Readonly<Record<string, Flag>> = {
  EM: "emphasis",
  I: "emphasis",
  CITE: "emphasis",
  DFN: "emphasis",
  VAR: "emphasis",
  STRONG: "strong",
  B: "strong",
  U: "underline",
  S: "strike",
  DEL: "strike",
  STRIKE: "strike",
  SUP: "superscript",
};
/** What is longer is no link that anybody follows. */
const LONGEST_LINK = 2048;
/** A line that is nothing but an ornament. */
export const ORNAMENT = /^\s*(\*\s?\*\s?\*|#|⁂)\s*$/u;

type Policy = { createHTML(html: string): string };
type Policies = { createPolicy(name: string, rules: Policy): Policy };

/** The window asks who vouches for a text that becomes HTML. This one becomes a document that nothing lives in. */
const inert = (globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy("seshat-clipboard", {
  createHTML: (html) => html,
});

export const readHtml = (html: string): Read =>
  readDocument(new DOMParser().parseFromString(inert?.createHTML(html) ?? html, "text/html"), oursOf(html));

export function readDocument(document: Document, ours: Read["ours"]): Read {
  const reader = new Reader(ours);
  reader.read(document);
  return reader.result();
}

/** One thing to do yet: open a node, or close an element that is behind. */
type Step = { node: Node; around: Around } | { close: Element };

class Reader {
  readonly #paragraphs: Paragraph[] = [];
  #current: Paragraph | null = null;
  /** Where the ruby that is being read began. */
  #ruby: Piece[] = [];
  #breaks = 0;
  #pictures = 0;
  readonly #ours: Read["ours"];

  constructor(ours: Read["ours"]) {
    this.#ours = ours;
  }

  read(document: Document): void {
    const around: Around = { ...NO_MARKS, block: "body", align: null, kept: this.#ours !== null };
    const steps: Step[] = [{ node: document.body, around }];
    for (let step = steps.pop(); step; step = steps.pop()) {
      if ("close" in step) this.#end();
      else if (step.node.nodeType === Node.TEXT_NODE) this.#text(step.node.nodeValue ?? "", step.around);
      else if (step.node.nodeType === Node.ELEMENT_NODE)
        this.#element(step.node as Element, step.around, steps);
    }
    this.#end();
  }

  result(): Read {
    return { paragraphs: this.#paragraphs, pictures: this.#pictures, ours: this.#ours };
  }

  #element(element: Element, around: Around, steps: Step[]): void {
    const name = element.tagName.toUpperCase();
    const style = stylesOf(element);
    if (GONE.has(name) || isHidden(element, style)) return;
    if (this.#single(element, name, around)) return;
    if (name === "RUBY") this.#ruby = [];
    const inside = within(element, name, style, around);
    if (BLOCK.has(name)) {
      this.#end();
      if (name === "P" && this.#ours) this.#begin(inside);
      steps.push({ close: element });
    }
    for (let child = element.lastChild; child; child = child.previousSibling)
      steps.push({ node: child, around: inside });
  }

  /** What is taken as one thing, whatever is in it. */
  #single(element: Element, name: string, around: Around): boolean {
    if (name === "IMG" || name === "V:IMAGEDATA") this.#picture(element);
    else if (name === "BR") this.#break(element, around);
    else if (name === "RT") this.#reading(element);
    else if (name === "HR") this.#rule(element, around);
    else return false;
    return true;
  }

  #begin(around: Around): Paragraph {
    this.#current ??= { block: around.block, align: around.align, pieces: [] };
    return this.#current;
  }

  #text(given: string, around: Around): void {
    const text = around.kept ? cleanText(given) : cleanText(given).replace(/[ \t\r\n\f]+/g, " ");
    if (text === "" || (!this.#current && !this.#ours && /^\s*$/u.test(text))) return;
    if (around.kept && !this.#ours && text.includes("\n")) this.#lines(text, around);
    else this.#put({ kind: "text", text: text.replace(/[\r\n]/g, " "), marks: around }, around);
  }

  /** Text whose line ends count: each line is a paragraph. */
  #lines(text: string, around: Around): void {
    text.split(/\r\n?|\n/).forEach((line, index) => {
      if (index > 0) this.#end();
      if (line.trim() !== "") this.#put({ kind: "text", text: line, marks: around }, around);
    });
  }

  #put(piece: Piece, around: Around): void {
    if (this.#breaks > 1 && !this.#ours) this.#end();
    const { pieces } = this.#begin(around);
    for (; this.#breaks > 0; this.#breaks -= 1) pieces.push({ kind: "break", text: "", marks: around });
    pieces.push(piece);
    this.#ruby.push(piece);
  }

  /** One line break stands; two are a new paragraph; one at the end of a paragraph is nothing. */
  #break(element: Element, around: Around): void {
    if (element.className === "ProseMirror-trailingBreak") return;
    if (this.#ours) this.#put({ kind: "break", text: "", marks: around }, around);
    else if (this.#current) this.#breaks += 1;
  }

  #picture(element: Element): void {
    // What a page counts its readers with is no picture.
    const tiny = ["width", "height"].some((side) => /^[01](px)?$/.test(element.getAttribute(side) ?? ""));
    if (!tiny) this.#pictures += 1;
  }

  #reading(element: Element): void {
    const ruby = cleanText(element.textContent ?? "").trim();
    if (ruby !== "") for (const piece of this.#ruby) piece.marks = { ...piece.marks, ruby };
    this.#ruby = [];
  }

  /** Word draws a line above its footnotes; that one ends no scene. */
  #rule(element: Element, { align }: Around): void {
    this.#end();
    if (element.closest("[style*='footnote-list'], [style*='endnote-list']")) return;
    if (this.#paragraphs.at(-1)?.block !== "break" || this.#ours)
      this.#paragraphs.push({ block: "break", align, pieces: [] });
  }

  #end(): void {
    const paragraph = this.#current;
    this.#current = null;
    this.#breaks = 0;
    if (!paragraph) return;
    if (this.#ours) {
      this.#paragraphs.push(paragraph);
      return;
    }
    trim(paragraph.pieces);
    const text = paragraph.pieces.map((piece) => piece.text).join("");
    if (ORNAMENT.test(text)) this.#paragraphs.push({ block: "break", align: null, pieces: [] });
    else if (paragraph.pieces.length > 0) this.#paragraphs.push(paragraph);
  }
}

function cleanText(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
      .replace(/[\u0000-\u0008\u000b\u000e-\u001f\u007f\ufeff\ufffc]/g, "")
      .replace(/[\u2028\u2029]/g, " ")
      .toWellFormed()
  );
}

/** No white space at the edges of a paragraph, nor beside a line break in it. */
function trim(pieces: Piece[]): void {
  const strip = (end: "first" | "last") => {
    const edge = () => (end === "first" ? pieces[0] : pieces.at(-1));
    for (let piece = edge(); piece; piece = edge()) {
      if (piece.kind === "text") piece.text = end === "first" ? piece.text.trimStart() : piece.text.trimEnd();
      if (piece.text !== "") return;
      if (end === "first") pieces.shift();
      else pieces.pop();
    }
  };
  strip("first");
  strip("last");
  pieces.forEach((piece, index) => {
    if (piece.kind !== "text") return;
    const before = pieces[index - 1];
    if (before?.kind === "break" || (before?.kind === "text" && / $/.test(before.text)))
      piece.text = piece.text.replace(/^ +/, "");
    if (pieces[index + 1]?.kind === "break") piece.text = piece.text.trimEnd();
  });
}

type Styles = ReadonlyMap<string, string>;
const NO_STYLES: Styles = new Map();

/** Read from the attribute itself: the parser of styles drops what only Word knows. */
function stylesOf(element: Element): Styles {
  const style = element.getAttribute("style");
  if (style === null || style.length > 20_000) return NO_STYLES;
  const found = new Map<string, string>();
  for (const part of style.split(";")) {
    const colon = part.indexOf(":");
    if (colon > 0)
      found.set(
        part.slice(0, colon).trim().toLowerCase(),
        part
          .slice(colon + 1)
          .trim()
          .toLowerCase(),
      );
  }
  return found;
}

function isHidden(element: Element, style: Styles): boolean {
  if (style.get("display") === "none" || style.get("visibility") === "hidden") return true;
  // Word's own: text for nobody, and the number or bullet of a list.
  if (style.get("mso-hide") === "all" || style.get("mso-list") === "ignore") return true;
  // What stands for a thing of another text of ours, a footnote or a picture, which is not here.
  if (element.hasAttribute("data-footnote") || element.hasAttribute("data-kept")) return true;
  return element.hasAttribute("hidden");
}

/** What holds inside this element. */
function within(element: Element, name: string, style: Styles, around: Around): Around {
  const space = style.get("white-space") ?? "";
  return {
    flags: flagsOf(name, style, element, around),
    link: name === "A" ? linkOf(element) : around.link,
    language: around.kept ? (languageOf(element) ?? around.language) : null,
    ruby: around.kept ? (element.getAttribute("data-reading") ?? around.ruby) : around.ruby,
    block: blockOf(element, name, around),
    align: alignOf(element, style, around),
    kept: around.kept || name === "PRE" || /^(pre|break-spaces)/.test(space),
  };
}

function blockOf(element: Element, name: string, around: Around): string {
  const own = (element as HTMLElement).dataset?.block;
  if (own !== undefined && (BLOCKS as readonly string[]).includes(own)) return own;
  if (/^H[1-6]$/.test(name) || /(^|\s)(MsoTitle|MsoSubtitle)(\s|$)/.test(element.className)) return "heading";
  if (name === "BLOCKQUOTE" || /(^|\s)Mso\w*Quote(\s|$)/.test(element.className)) return "quote";
  return around.block;
}

/** Left and justified are how a page was set, not what was meant. */
function alignOf(element: Element, style: Styles, around: Around): string | null {
  const own = (element as HTMLElement).dataset?.align;
  if (own !== undefined && (ALIGNS as readonly string[]).includes(own)) return own;
  const said = style.get("text-align") ?? element.getAttribute("align")?.toLowerCase();
  if (said === "center" || (element.tagName === "CENTER" && said === undefined)) return "center";
  if (said === "right" || said === "end") return "right";
  return said === undefined ? around.align : null;
}

function flagsOf(name: string, style: Styles, element: Element, around: Around): ReadonlySet<Flag> {
  const flags = new Set(around.flags);
  const tag = TAGS[name];
  if (tag) flags.add(tag);
  if (element.classList.contains("smallcaps")) flags.add("smallcaps");
  const say = (flag: Flag, on: boolean | null) => {
    if (on === true) flags.add(flag);
    else if (on === false) flags.delete(flag);
  };
  const is = (property: string, yes: RegExp, no?: RegExp): boolean | null => {
    const value = style.get(property);
    if (value === undefined) return null;
    return yes.test(value) ? true : no?.test(value) ? false : null;
  };
  say("strong", is("font-weight", /^(bold|bolder|[6-9]\d\d)\b/, /^(normal|lighter|[1-5]\d\d)\b/));
  say("emphasis", is("font-style", /^(italic|oblique)/, /^normal/));
  for (const property of ["text-decoration", "text-decoration-line"]) {
    say("underline", is(property, /underline/));
    say("strike", is(property, /line-through/));
  }
  say("smallcaps", is("font-variant", /small-caps/, /^normal/));
  say("smallcaps", is("font-variant-caps", /small-caps/, /^normal/));
  say("superscript", is("vertical-align", /^super/));
  // A link is drawn with a line; the author drew none. Headings are heavy by themselves.
  if (!around.kept && (around.link !== null || name === "A")) flags.delete("underline");
  return flags;
}

/** Only links that a reader may follow. */
export function linkOf(element: Element): string | null {
  return followable(element.getAttribute("href") ?? "");
}

/** The link as it may stand in a novel; null: it is none that a reader may follow. */
export function followable(given: string): string | null {
  const href = given.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a link has none.
  if (href.length > LONGEST_LINK || /[\u0000-\u0020"<>]/.test(href)) return null;
  return /^(https?:\/\/[^/]|mailto:[^?])/i.test(href) ? href : null;
}

const TAG = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;

function languageOf(element: Element): string | null {
  const tag = element.getAttribute("lang") ?? "";
  return element.tagName === "SPAN" && TAG.test(tag) ? tag : null;
}

/** The first element of what an editor of ours copied says so. */
function oursOf(html: string): Read["ours"] {
  const first = html.match(/<(?:p|h2|blockquote|hr)\b[^<>]{0,500}\bdata-seshat=[^<>]{0,500}>/i)?.[0] ?? "";
  const open = first.match(/\bdata-pm-slice="([01]) ([01]) \[\]"/);
  return open ? [Number(open[1]), Number(open[2])] : null;
}
