/**
 * The shape of a scene in the editor: a flat row of paragraphs, so that it maps onto the flat text one to one.
 *
 * **Invariants:** a quote or a verse is an attribute of a paragraph, never a wrapper around it; every inline atom
 * is one position wide; nothing that is pasted can bring in anything but what is written here, so no foreign
 * picture is ever fetched.
 */
import { type DOMOutputSpec, type Mark, type Node, Schema } from "prosemirror-model";

/** Blocks that this version draws. Others, made by a newer one, are kept as they are and drawn as body. */
export const BLOCKS = ["body", "heading", "quote", "verse", "letter", "break"] as const;
export type Block = (typeof BLOCKS)[number];

export const ALIGNS = ["left", "center", "right", "justify"] as const;

type Atom = Record<string, unknown>;

function paragraphDom(node: Node): DOMOutputSpec {
  const block = String(node.attrs.block);
  const attributes: Record<string, string> = { dir: "auto" };
  if (block !== "body") attributes["data-block"] = block;
  if (node.attrs.align !== null) attributes["data-align"] = String(node.attrs.align);
  return ["p", attributes, 0];
}

function paragraphFrom(block: Block) {
  return (dom: HTMLElement) => {
    const kept = dom.dataset.block ?? block;
    const align = dom.dataset.align ?? dom.style.textAlign;
    return { block: kept, align: (ALIGNS as readonly string[]).includes(align) ? align : null };
  };
}

/** Only links that a reader may follow; a pasted `javascript:` stays text. */
function linkFrom(dom: HTMLElement) {
  const href = dom.getAttribute("href") ?? "";
  return /^(https?:|mailto:)/i.test(href) ? { href } : false;
}

function flagMark(tags: readonly string[], dom: DOMOutputSpec, styles: readonly string[] = []) {
  return {
    parseDOM: [...tags.map((tag) => ({ tag })), ...styles.map((style) => ({ style }))],
    toDOM: () => dom,
  };
}

export const schema = new Schema({
  nodes: {
    doc: { content: "paragraph+" },
    paragraph: {
      content: "inline*",
      attrs: { block: { default: "body" }, align: { default: null } },
      parseDOM: [
        { tag: "p", getAttrs: paragraphFrom("body") },
        { tag: "h1, h2, h3, h4, h5, h6", getAttrs: paragraphFrom("heading") },
        { tag: "blockquote p", getAttrs: paragraphFrom("quote"), priority: 60 },
        { tag: "blockquote", skip: true },
        { tag: "hr", getAttrs: () => ({ block: "break", align: null }) },
      ],
      toDOM: paragraphDom,
    },
    text: { group: "inline" },
    break: {
      group: "inline",
      inline: true,
      selectable: false,
      leafText: () => "\n",
      linebreakReplacement: true,
      parseDOM: [{ tag: "br" }],
      toDOM: () => ["br"],
    },
    footnote: {
      group: "inline",
      inline: true,
      atom: true,
      attrs: { id: { default: "" } },
      parseDOM: [
        { tag: "sup[data-footnote]", getAttrs: (dom) => ({ id: dom.dataset.footnote ?? "" }), priority: 70 },
      ],
      toDOM: (node) => ["sup", { "data-footnote": String(node.attrs.id), class: "footnote" }, "*"],
    },
    image: {
      group: "inline",
      inline: true,
      atom: true,
      attrs: { atom: { default: { kind: "image" } } },
      toDOM: (node) => ["span", { class: "kept", "data-kept": "image" }, altOf(node.attrs.atom as Atom)],
    },
    unknown: {
      group: "inline",
      inline: true,
      atom: true,
      attrs: { atom: { default: null } },
      // How a Markdown file was laid out is for the export, not for the page.
      toDOM: (node) =>
        (node.attrs.atom as Atom | null)?.kind === "markdown"
          ? ["span", { class: "layout", "data-kept": "layout" }]
          : ["span", { class: "kept", "data-kept": "unknown" }, "\u25c7"],
    },
  },
  marks: {
    link: {
      attrs: { href: {} },
      inclusive: false,
      parseDOM: [{ tag: "a[href]", getAttrs: linkFrom }],
      toDOM: (mark) => ["span", { class: "link", title: String(mark.attrs.href) }, 0],
    },
    language: {
      attrs: { tag: {} },
      parseDOM: [{ tag: "span[lang]", getAttrs: (dom) => ({ tag: dom.lang }) }],
      toDOM: (mark) => ["span", { lang: String(mark.attrs.tag) }, 0],
    },
    ruby: {
      attrs: { reading: {} },
      inclusive: false,
      // The reading is drawn by the style sheet: a real <rt> would put it among the editable text.
      toDOM: (mark) => ["span", { class: "ruby", "data-reading": String(mark.attrs.reading) }, 0],
    },
    emphasis: flagMark(["em", "i"], ["em", 0], ["font-style=italic"]),
    strong: flagMark(["strong", "b:not([style*='normal'])"], ["strong", 0], ["font-weight=bold"]),
    underline: flagMark(["u"], ["u", 0]),
    strike: flagMark(["s", "del", "strike"], ["s", 0]),
    smallcaps: flagMark(
      ["span.smallcaps"],
      ["span", { class: "smallcaps" }, 0],
      ["font-variant-caps=small-caps"],
    ),
    superscript: flagMark(["sup:not([data-footnote])"], ["sup", 0]),
  },
});

function altOf(atom: Atom): string {
  return typeof atom.alt === "string" && atom.alt !== "" ? atom.alt : "\u25a3";
}

/** The marks of the flat text that are simply there or not. */
const FLAGS = ["emphasis", "strong", "underline", "strike", "smallcaps", "superscript"] as const;
/** The marks that carry a text, with the attribute that holds it. */
const TEXTS = { link: "href", language: "tag", ruby: "reading" } as const;

export type Attributes = Record<string, unknown>;

/** Marks of the editor for the attributes of a run; attributes that are not ours are left where they are. */
export function marksFrom(attributes: Attributes): readonly Mark[] {
  const marks: Mark[] = [];
  for (const key of FLAGS) if (attributes[key] === true) marks.push(schema.mark(key));
  for (const [key, attribute] of Object.entries(TEXTS)) {
    const value = attributes[key];
    if (typeof value === "string") marks.push(schema.mark(key, { [attribute]: value }));
  }
  return marks.reduce<readonly Mark[]>((set, mark) => mark.addToSet(set), []);
}

/** The attributes of a run, for the marks of the editor. */
export function attributesOf(marks: readonly Mark[]): Attributes {
  const attributes: Attributes = {};
  for (const mark of marks) {
    const name = mark.type.name;
    const attribute = name in TEXTS ? TEXTS[name as keyof typeof TEXTS] : null;
    attributes[name] = attribute === null ? true : mark.attrs[attribute];
  }
  return attributes;
}

/** The inline atom that an object-replacement character with this `atom` stands for. */
export function atomNode(atom: unknown, marks: readonly Mark[]): Node {
  if (typeof atom !== "object" || atom === null)
    return schema.node("unknown", { atom: null }, undefined, marks);
  const { kind, id } = atom as Atom;
  if (kind === "break") return schema.node("break", null, undefined, marks);
  if (kind === "footnote" && typeof id === "string") return schema.node("footnote", { id }, undefined, marks);
  return schema.node(kind === "image" ? "image" : "unknown", { atom }, undefined, marks);
}

/** What `atom` holds for an inline atom of the editor; null: it came without one. */
export function atomOf(node: Node): Atom | null {
  if (node.type.name === "break") return { kind: "break" };
  if (node.type.name === "footnote") return { kind: "footnote", id: node.attrs.id };
  return node.attrs.atom as Atom | null;
}

/** The attributes of a paragraph's newline. Body is the absence of `block`. */
export function paragraphAttributes(node: Node): Attributes {
  const attributes: Attributes = {};
  if (node.attrs.block !== "body") attributes.block = node.attrs.block;
  if (node.attrs.align !== null) attributes.align = node.attrs.align;
  return attributes;
}

export function paragraphNode(attributes: Attributes, content: Node[]): Node {
  const block = typeof attributes.block === "string" ? attributes.block : "body";
  const align = typeof attributes.align === "string" ? attributes.align : null;
  return schema.node("paragraph", { block, align }, content);
}
