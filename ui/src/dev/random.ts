/** Seeded chance for property tests: a failure names its seed, and the seed brings the same failure back. */
import type { Node } from "prosemirror-model";
import { type EditorState, TextSelection, type Transaction } from "prosemirror-state";
import { BLOCKS, schema } from "../editor/schema";
import type { Run } from "../host/host";

export class Chance {
  #state: number;
  constructor(seed: number) {
    this.#state = (seed * 2654435761) >>> 0 || 1;
  }
  /** Below `n`, and a whole number. */
  below(n: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    this.#state >>>= 0;
    return this.#state % n;
  }
  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T;
  }
}

/** Letters that break careless positions: pairs, joined pairs, combining marks, right to left, wide. */
const LETTERS = [
  "a",
  "b",
  " ",
  "😀",
  "😁",
  "👩‍🚀",
  "e\u0301",
  "ש",
  "ל",
  "م",
  "漢",
  "字",
  "ก็",
  "\u{1D11E}",
  "“",
];
const FLAGS = ["emphasis", "strong", "underline", "strike", "smallcaps", "superscript"] as const;

export function word(chance: Chance, longest: number): string {
  return Array.from({ length: 1 + chance.below(longest) }, () => chance.one(LETTERS)).join("");
}

export function randomRuns(chance: Chance): Run[] {
  const runs: Run[] = [];
  for (let paragraph = 0; paragraph <= chance.below(5); paragraph += 1) {
    runs.push({ text: "\n", attributes: randomBlock(chance) });
    for (let piece = 0; piece < chance.below(4); piece += 1) runs.push(randomPiece(chance));
  }
  return runs;
}

function randomBlock(chance: Chance): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  const block = chance.one(["body", "body", "quote", "verse", "heading"]);
  if (block !== "body") attributes.block = block;
  if (chance.below(4) === 0) attributes.align = chance.one(["center", "right"]);
  return attributes;
}

const ATOMS = [
  { kind: "break" },
  { kind: "footnote", id: "n1" },
  { kind: "footnote", id: "n2" },
  { kind: "image", hash: "ab", alt: "A lamp" },
  { kind: "map", scale: [1, 2] },
];

function randomPiece(chance: Chance): Run {
  if (chance.below(4) === 0) return { text: "\ufffc", attributes: { atom: chance.one(ATOMS) } };
  const attributes: Record<string, unknown> = {};
  if (chance.below(2) === 0) attributes[chance.one(FLAGS)] = true;
  if (chance.below(5) === 0) attributes.link = "https://example.org/";
  if (chance.below(5) === 0) attributes.language = chance.one(["fr", "he"]);
  if (chance.below(7) === 0) attributes.ruby = "かんじ";
  return { text: word(chance, 4), attributes };
}

/** Any position where a cursor could be: not inside a pair of surrogates. */
export function cursorPosition(chance: Chance, doc: Node): number {
  for (;;) {
    const at = chance.below(doc.content.size + 1);
    const resolved = doc.resolve(at);
    if (!resolved.parent.inlineContent) continue;
    const [before, after] = [resolved.nodeBefore?.text?.slice(-1) ?? "", resolved.nodeAfter?.text?.[0] ?? ""];
    if (!(/[\ud800-\udbff]/.test(before) && /[\udc00-\udfff]/.test(after))) return at;
  }
}

function range(chance: Chance, doc: Node): [number, number] {
  const [a, b] = [cursorPosition(chance, doc), cursorPosition(chance, doc)];
  return [Math.min(a, b), Math.max(a, b)];
}

type Deed = (chance: Chance, tr: Transaction) => void;

const mark = (chance: Chance) =>
  chance.below(3) === 0
    ? schema.mark("link", { href: "https://example.org/b" })
    : schema.mark(chance.one(FLAGS));

/** A place where a paragraph begins, with the paragraph. */
function paragraphAt(chance: Chance, doc: Node): [number, Node] {
  const index = chance.below(doc.childCount);
  let at = 0;
  for (let before = 0; before < index; before += 1) at += doc.child(before).nodeSize;
  return [at, doc.child(index)];
}

const DEEDS: readonly Deed[] = [
  (chance, tr) => tr.insertText(word(chance, 5), ...range(chance, tr.doc)),
  (chance, tr) => tr.insertText(word(chance, 3), cursorPosition(chance, tr.doc)),
  (chance, tr) => tr.delete(...range(chance, tr.doc)),
  (chance, tr) => tr.deleteRange(...range(chance, tr.doc)),
  (chance, tr) => tr.split(cursorPosition(chance, tr.doc)),
  (chance, tr) => {
    const [at] = paragraphAt(chance, tr.doc);
    if (at > 0) tr.join(at);
  },
  (chance, tr) => tr.addMark(...range(chance, tr.doc), mark(chance)),
  (chance, tr) => tr.removeMark(...range(chance, tr.doc), chance.below(2) === 0 ? mark(chance) : null),
  (chance, tr) => {
    const [at] = paragraphAt(chance, tr.doc);
    tr.setNodeMarkup(at, null, { block: chance.one(BLOCKS), align: chance.one([null, "center"]) });
  },
  (chance, tr) =>
    tr.setBlockType(...range(chance, tr.doc), schema.nodes.paragraph as never, { block: chance.one(BLOCKS) }),
  (chance, tr) => tr.setNodeAttribute(paragraphAt(chance, tr.doc)[0], "block", chance.one(BLOCKS)),
  (chance, tr) => tr.replaceWith(...range(chance, tr.doc), schema.node(chance.one(["break", "unknown"]))),
  (chance, tr) => {
    const [from, to] = range(chance, tr.doc);
    tr.replaceRange(...range(chance, tr.doc), tr.doc.slice(from, to));
  },
  (chance, tr) => {
    const [from, to] = range(chance, tr.doc);
    const slice = tr.doc.slice(from, to);
    tr.replace(...range(chance, tr.doc), slice);
  },
  (chance, tr) => {
    const [at] = paragraphAt(chance, tr.doc);
    tr.insert(at, schema.node("paragraph", { block: chance.one(BLOCKS) }, schema.text(word(chance, 3))));
  },
  (chance, tr) => {
    const [at, node] = paragraphAt(chance, tr.doc);
    if (tr.doc.childCount > 1) tr.delete(at, at + node.nodeSize);
  },
  (chance, tr) => {
    const atoms: number[] = [];
    tr.doc.descendants((node, at) => {
      if (node.isInline && node.isAtom && !node.isText) atoms.push(at);
    });
    const at = chance.one(atoms);
    if (at !== undefined) tr.addNodeMark(at, mark(chance));
  },
  (chance, tr) => tr.setSelection(TextSelection.create(tr.doc, cursorPosition(chance, tr.doc))),
];

/** One transaction of up to `most` deeds. Deeds that do not fit the document are left out. */
export function randomTransaction(chance: Chance, state: EditorState, most: number): Transaction {
  const tr = state.tr;
  for (let deed = 0; deed <= chance.below(most); deed += 1) {
    try {
      chance.one(DEEDS)(chance, tr);
    } catch (thrown) {
      if (!/Invalid content|Inconsistent|not fit|Cannot|Position|Structure|open/i.test(String(thrown)))
        throw thrown;
    }
  }
  return tr;
}
