/**
 * What goes out to the clipboard and what comes in from it, dropped text included.
 *
 * **Guarantees:** only paragraphs and marks of ours come in, whatever was copied; nothing is fetched and nothing runs.
 * What was copied here comes back as it was. What goes out is plain HTML and plain text, without comments.
 *
 * The editor's own way of pasting is kept (where a paragraph opens, what a selection becomes); only the reading of the
 * clipboard is ours. The HTML is read before the editor sees it, and the editor gets a stub in its place.
 */
import { closeHistory } from "prosemirror-history";
import { DOMParser, DOMSerializer, Fragment, type Mark, type Node, Slice } from "prosemirror-model";
import { Plugin } from "prosemirror-state";
import type { EditorView } from "prosemirror-view";
import { plain } from "./binding";
import { type Marks, ORNAMENT, type Paragraph, readHtml } from "./paste-html";
import { type Attributes, marksFrom, paragraphNode, schema } from "./schema";

/** Told at the editor's element, and bubbling, when pictures of a pasted text were left out. */
export const LEFT_OUT = "seshat-left-out";

/** One for all editors of a novel: what was copied in one scene comes back as it was in another. */
export function clipboard(): Plugin {
  const copied = new Copied();
  const reading = new Reading();
  return new Plugin({
    props: {
      transformCopied: (slice) => copied.remember(slice),
      clipboardSerializer: copied,
      clipboardTextSerializer: (slice) => textOf(slice.content),
      transformPastedHTML: (html) => reading.take(copied.sliceIn(html) ?? read(html)),
      clipboardParser: reading,
      clipboardTextParser: (text, place) => {
        reading.pictures = 0;
        return sliceFromText(text, place.marks());
      },
      handleDOMEvents: onlyOurs(),
      handlePaste: (view, _event, slice) => {
        tell(view, reading.pictures);
        // Nothing to put in: what is selected stays, and the editor's way of last resort is not taken.
        if (slice.size === 0) return true;
        view.dispatch(closeHistory(view.state.tr));
        return false;
      },
      handleDrop: (view, _event, slice, moved) => {
        if (!moved) tell(view, reading.pictures);
        return slice.size === 0;
      },
    },
  });
}

/**
 * Pasting goes our way or not at all. The browser's own, which would put foreign HTML into the living page, is refused
 * before anything of ours is tried, so that a mistake in it brings in nothing instead of everything.
 */
function onlyOurs(): NonNullable<Plugin["props"]["handleDOMEvents"]> {
  let shift = false;
  return {
    keydown: (_view, event) => {
      shift = event.shiftKey && event.key !== "Insert";
      return false;
    },
    keyup: (_view, event) => {
      if (event.key === "Shift") shift = false;
      return false;
    },
    beforeinput: (_view, event) => {
      if (!/^insertFrom(Paste|Drop)/.test(event.inputType)) return false;
      event.preventDefault();
      return true;
    },
    paste: (view, event) => {
      const data = event.clipboardData;
      event.preventDefault();
      if (!data || view.composing) return true;
      const html = data.getData("text/html");
      const text = data.getData("text/plain") || data.getData("text/uri-list").replace(/\r?\n/g, " ");
      if (html !== "" && !(shift && text !== "")) view.pasteHTML(html, event);
      else view.pasteText(text, event);
      return true;
    },
  };
}

function tell(view: EditorView, pictures: number): void {
  if (pictures > 0) view.dom.dispatchEvent(new CustomEvent(LEFT_OUT, { bubbles: true, detail: pictures }));
}

type Taken = { slice: Slice; pictures: number };

/** Stands in for the editor's parser: it is asked right after {@link take}, and answers with what was read there. */
class Reading extends DOMParser {
  pictures = 0;
  #slice = Slice.empty;

  constructor() {
    super(schema, []);
  }

  /** What the editor is to parse instead. */
  take({ slice, pictures }: Taken): string {
    this.pictures = pictures;
    this.#slice = slice;
    return slice.size === 0 ? "" : `<p data-pm-slice="${slice.openStart} ${slice.openEnd} []"></p>`;
  }

  override parseSlice(): Slice {
    const slice = this.#slice;
    this.#slice = Slice.empty;
    return Slice.maxOpen(slice.content);
  }
}

/** Writes plain HTML, and remembers the text it was made of, because HTML cannot say all that a text of ours is. */
class Copied extends DOMSerializer {
  #slice: Slice | null = null;
  #name = "";

  constructor() {
    super(nodesOut(), marksOut());
  }

  remember(slice: Slice): Slice {
    this.#slice = slice;
    this.#name = crypto.getRandomValues(new Uint32Array(4)).join("-");
    return slice;
  }

  override serializeFragment(
    fragment: Fragment,
    options?: { document?: Document },
    target?: HTMLElement | DocumentFragment,
  ): HTMLElement | DocumentFragment {
    const made = super.serializeFragment(fragment, options, target);
    if (!target) made.firstElementChild?.setAttribute("data-seshat", this.#name);
    return made;
  }

  /** The very text, when this is the HTML that was made of it. */
  sliceIn(html: string): Taken | null {
    const named = this.#slice !== null && html.includes(`data-seshat="${this.#name}"`);
    return named ? { slice: this.#slice as Slice, pictures: 0 } : null;
  }
}

function nodesOut(): DOMSerializer["nodes"] {
  return {
    ...DOMSerializer.nodesFromSchema(schema),
    paragraph: (node: Node) => {
      const { block, align } = node.attrs;
      if (block === "break" && node.content.size === 0) return ["hr"];
      const about: Record<string, string> = block === "body" ? {} : { "data-block": String(block) };
      if (align !== null)
        Object.assign(about, { "data-align": String(align), style: `text-align: ${align}` });
      if (block === "heading") return ["h2", about, 0];
      return block === "quote" ? ["blockquote", ["p", about, 0]] : ["p", about, 0];
    },
    image: (node: Node) => ["span", { "data-kept": "image" }, altOf(node)],
  };
}

function marksOut(): DOMSerializer["marks"] {
  return {
    ...DOMSerializer.marksFromSchema(schema),
    link: (mark: Mark) => ["a", { href: String(mark.attrs.href) }, 0],
    smallcaps: () => ["span", { class: "smallcaps", style: "font-variant-caps: small-caps" }, 0],
    ruby: (mark: Mark) => [
      "ruby",
      ["span", { "data-reading": String(mark.attrs.reading) }, 0],
      ["rt", String(mark.attrs.reading)],
    ],
  };
}

function altOf(node: Node): string {
  const { alt } = (node.attrs.atom ?? {}) as { alt?: unknown };
  return typeof alt === "string" ? alt : "";
}

const inlineText = (node: Node) => node.text ?? leafText(node);
const leafText = (leaf: Node) => (leaf.type.name === "break" ? "\n" : "");

/** One line a paragraph; three asterisks for a break without an ornament of its own. */
export function textOf(content: Fragment): string {
  const lines: string[] = [];
  for (const node of content.content) {
    const text = node.isInline ? inlineText(node) : node.textBetween(0, node.content.size, "\n", leafText);
    lines.push(text === "" && node.attrs.block === "break" ? "***" : text);
  }
  return lines.join("\n");
}

/** Each line is a paragraph; empty lines only keep paragraphs apart. Markdown and the like stay as they are. */
export function sliceFromText(text: string, marks: readonly Mark[]): Slice {
  const lines = text.split(/\r\n?|\n|\u2028|\u2029/).filter((line) => line.trim() !== "");
  if (lines.length <= 1 && !ORNAMENT.test(text)) return inline(text, marks);
  const paragraphs = lines.map((line) =>
    ORNAMENT.test(line)
      ? paragraphNode({ block: "break" }, [])
      : paragraphNode({}, [schema.text(plain(line), marks)]),
  );
  return opened(paragraphs);
}

/** A single line goes into the paragraph as it is, its spaces included. */
function inline(text: string, marks: readonly Mark[]): Slice {
  const line = text.replace(/[\r\n\u2028\u2029]+/g, "");
  if (line === "") return Slice.empty;
  return new Slice(Fragment.from(paragraphNode({}, [schema.text(plain(line), marks)])), 1, 1);
}

export function read(html: string): Taken {
  const { paragraphs, pictures, ours } = readHtml(html);
  const nodes = paragraphs.map(nodeOf);
  if (nodes.length === 0) return { slice: Slice.empty, pictures };
  const slice = ours ? new Slice(Fragment.from(nodes), ...ours) : opened(nodes);
  return { slice, pictures };
}

/** Plain text at the edges melts into the paragraphs around it; a heading or a verse stays one. */
function opened(nodes: readonly Node[]): Slice {
  const open = (node: Node | undefined) => (node?.attrs.block === "body" ? 1 : 0);
  return new Slice(Fragment.from(nodes), open(nodes[0]), open(nodes.at(-1)));
}

function nodeOf({ block, align, pieces }: Paragraph): Node {
  const content = pieces
    .filter((piece) => piece.kind === "break" || piece.text !== "")
    .map(({ kind, text, marks }) =>
      kind === "break" ? schema.node("break") : schema.text(plain(text), marksFrom(attributesFrom(marks))),
    );
  return paragraphNode(align === null ? { block } : { block, align }, content);
}

function attributesFrom({ flags, link, language, ruby }: Marks): Attributes {
  const attributes: Attributes = {};
  for (const flag of flags) attributes[flag] = true;
  if (link !== null) attributes.link = link;
  if (language !== null) attributes.language = language;
  if (ruby !== null) attributes.ruby = ruby;
  return attributes;
}
