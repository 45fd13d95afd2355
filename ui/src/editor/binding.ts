/**
 * Between the editor's document and the scene's flat text: pure functions, nothing of the screen.
 *
 * A paragraph costs two positions in the editor (its opening and its closing) and one unit in the flat text (its
 * newline), so a position inside or before paragraph `i` is `i` further on in the editor. Everything follows from
 * that one sentence.
 *
 * **Invariants:** a transaction becomes operations on the places that it touched, never a comparison of whole
 * texts, because that is what keeps two laptops' words apart when they merge. The first paragraph's newline is
 * never deleted and nothing is put in before it. A surrogate pair is never cut.
 */
import type { Node } from "prosemirror-model";
import {
  AddMarkStep,
  AddNodeMarkStep,
  AttrStep,
  RemoveMarkStep,
  RemoveNodeMarkStep,
  type Step,
  type Transform,
} from "prosemirror-transform";
import type { EditOp, Run } from "../host/host";
import {
  ATOM,
  type Cell,
  cellsOf,
  isHigh,
  isLow,
  runsOf,
  sameAttributes,
  sameThing,
  sameValue,
} from "./flat";
import {
  ALIGNS,
  type Attributes,
  atomNode,
  atomOf,
  attributesOf,
  BLOCKS,
  marksFrom,
  paragraphAttributes,
  paragraphNode,
  schema,
} from "./schema";

/** The editor's document for a scene's runs. Text before the first newline, which cannot be, is kept in body. */
export function docFromRuns(runs: readonly Run[]): Node {
  const paragraphs: { attributes: Attributes; content: Node[] }[] = [];
  const current = () => {
    if (paragraphs.length === 0) paragraphs.push({ attributes: {}, content: [] });
    return paragraphs[paragraphs.length - 1] as { content: Node[] };
  };
  for (const { text, attributes } of runs) {
    for (const piece of text.split(/(\n|\ufffc)/)) {
      if (piece === "") continue;
      if (piece === "\n") paragraphs.push({ attributes, content: [] });
      else if (piece === ATOM) current().content.push(atomNode(attributes.atom, marksFrom(attributes)));
      else current().content.push(schema.text(plain(piece), marksFrom(attributes)));
    }
  }
  if (paragraphs.length === 0) current();
  return schema.node(
    "doc",
    null,
    paragraphs.map((paragraph) => paragraphNode(paragraph.attributes, paragraph.content)),
  );
}

/** The scene's runs for the editor's document. */
export function runsFromDoc(doc: Node): Run[] {
  return runsOf(cellsBetween(doc, 0, doc.content.size));
}

/** The place in the flat text, in UTF-16 units, of a position in the document. */
export function flatPosition(doc: Node, position: number): number {
  return position - doc.resolve(position).index(0);
}

/**
 * The position in the document of a place in the flat text: the way back of {@link flatPosition}. A place before a
 * newline is the end of the paragraph in front of it, because that is where a cursor can be.
 */
export function docPosition(doc: Node, flat: number): number {
  let start = 0;
  for (let index = 0; index < doc.childCount; index += 1) {
    const end = start + 1 + doc.child(index).content.size;
    if (flat <= end) return Math.max(flat, start + 1) + index;
    start = end;
  }
  return doc.content.size - 1;
}

/** The place in the flat text where a cursor cuts it in two. At the beginning of a paragraph its newline goes along. */
export function cutAt(doc: Node, position: number): number {
  const at = doc.resolve(position);
  return flatPosition(doc, position) - (at.parentOffset === 0 && at.index(0) > 0 ? 1 : 0);
}

export function endsParagraph(doc: Node, position: number): boolean {
  const at = doc.resolve(position);
  return at.parentOffset === at.parent.content.size;
}

/** The flat text between two positions of the document. */
export function cellsBetween(doc: Node, from: number, to: number): Cell[] {
  const cells: Cell[] = [];
  if (from >= to) return cells;
  doc.nodesBetween(from, to, (node, start) => {
    if (node.type.name === "paragraph") {
      if (start >= from && start < to) cells.push({ unit: "\n", attributes: paragraphAttributes(node) });
      return true;
    }
    if (node.isText) {
      const text = plain(node.text ?? "").slice(Math.max(0, from - start), to - start);
      for (const cell of cellsOf(text, attributesOf(node.marks))) cells.push(cell);
    } else if (start >= from && start < to) {
      cells.push(atomCell(node));
    }
    return false;
  });
  return cells;
}

/**
 * Text as the scene may hold it. A newline inside a paragraph would begin another one there, and half a surrogate
 * pair cannot be sent at all; the replacement has the same length, so that positions hold.
 */
export function plain(text: string): string {
  return text
    .replace(/[\n\r]/g, " ")
    .replaceAll(ATOM, "\ufffd")
    .toWellFormed();
}

function atomCell(node: Node): Cell {
  const atom = atomOf(node);
  const attributes = attributesOf(node.marks);
  return { unit: ATOM, attributes: atom === null ? attributes : { ...attributes, atom } };
}

/** What a transaction did to the flat text, in order. Empty when it only moved the selection. */
export function opsFromTransaction(transaction: Transform): EditOp[] {
  return opsFromSteps(transaction, 0);
}

/** The same from one of its steps on. */
export function opsFromSteps(transaction: Transform, first: number): EditOp[] {
  const ops: EditOp[] = [];
  for (let index = first; index < transaction.steps.length; index += 1) {
    const before = transaction.docs[index] as Node;
    const after = transaction.docs[index + 1] ?? transaction.doc;
    ops.push(...opsFromStep(transaction.steps[index] as Step, before, after));
  }
  return ops.map(sendable).filter((op) => op !== null);
}

/**
 * The operation as the host takes it. A block or an alignment that only a newer version knows stays where it is;
 * it cannot be made here, so a paragraph that is split off from it or brought back is body.
 */
function sendable(op: EditOp): EditOp | null {
  if (op.op === "mark") return op.value === null || known(op.key, op.value) ? op : null;
  if (op.op !== "insert" || op.text !== "\n") return op;
  return {
    ...op,
    attributes: Object.fromEntries(Object.entries(op.attributes).filter(([key, value]) => known(key, value))),
  };
}

function known(key: string, value: unknown): boolean {
  if (key === "block") return (BLOCKS as readonly unknown[]).includes(value);
  return key !== "align" || (ALIGNS as readonly unknown[]).includes(value);
}

function opsFromStep(step: Step, before: Node, after: Node): EditOp[] {
  const ranges: Range[] = [];
  step.getMap().forEach((oldFrom, oldTo, newFrom, newTo) => {
    ranges.push({ oldFrom, oldTo, newFrom, newTo });
  });
  if (ranges.length === 0) return markOpsOfStep(step, before, after);
  // From the last range to the first, so that what is done never moves what is still to do.
  return ranges.reverse().flatMap((range) => opsFromRange(range, before, after));
}

type Range = { oldFrom: number; oldTo: number; newFrom: number; newTo: number };

function opsFromRange(given: Range, before: Node, after: Node): EditOp[] {
  const range = wholeCharacters(given, before);
  const at = flatPosition(before, range.oldFrom);
  const old = cellsBetween(before, range.oldFrom, range.oldTo);
  const made = cellsBetween(after, range.newFrom, range.newTo);
  if (at === 0 && old.length === 0 && made.length > 0) return prepend(made, after);
  if (at === 0 && old.length > 0 && made.length === 0) return removeFirst(old.length, before, after);
  return replaceCells(at, old, made);
}

/** The range widened where it would cut a surrogate pair. Text outside a range is the same before and after. */
function wholeCharacters(range: Range, before: Node): Range {
  const left = isLow(unitAt(before, range.oldFrom)) && isHigh(unitAt(before, range.oldFrom - 1)) ? 1 : 0;
  const right = isLow(unitAt(before, range.oldTo)) && isHigh(unitAt(before, range.oldTo - 1)) ? 1 : 0;
  return {
    oldFrom: range.oldFrom - left,
    oldTo: range.oldTo + right,
    newFrom: range.newFrom - left,
    newTo: range.newTo + right,
  };
}

function unitAt(doc: Node, position: number): string | undefined {
  if (position < 0 || position >= doc.content.size) return undefined;
  const at = doc.resolve(position);
  const node = at.nodeAfter;
  return node?.isText ? node.text?.[0] : undefined;
}

/**
 * A paragraph put before the first one. The first newline of a scene is the same one for ever, so the new text goes
 * in behind it, and the newline that follows takes over what the first one was.
 */
function prepend(made: Cell[], after: Node): EditOp[] {
  const first = made[0] as Cell;
  const paragraphs = made.filter((cell) => cell.unit === "\n").length;
  const attributes = paragraphAttributes(after.child(paragraphs));
  return [
    ...insertOps(1, [...made.slice(1), { unit: "\n", attributes }]),
    ...markOps(0, [{ unit: "\n", attributes }], [first]),
  ];
}

/** The first paragraph taken out whole: its newline stays and becomes the next paragraph's, which goes instead. */
function removeFirst(length: number, before: Node, after: Node): EditOp[] {
  const was = { unit: "\n", attributes: paragraphAttributes(before.firstChild as Node) };
  const is = { unit: "\n", attributes: paragraphAttributes(after.firstChild as Node) };
  return [{ op: "delete", at: 1, length }, ...markOps(0, [was], [is])];
}

/** Replaces a stretch, touching neither what stays the same at its beginning nor at its end. */
function replaceCells(at: number, old: Cell[], made: Cell[]): EditOp[] {
  const shorter = Math.min(old.length, made.length);
  let head = 0;
  while (head < shorter && sameThing(old[head] as Cell, made[head] as Cell)) head += 1;
  if (head > 0 && isHigh(old[head - 1]?.unit)) head -= 1;
  let tail = 0;
  while (
    tail < shorter - head &&
    sameThing(old[old.length - 1 - tail] as Cell, made[made.length - 1 - tail] as Cell)
  ) {
    tail += 1;
  }
  if (tail > 0 && isLow(old[old.length - tail]?.unit)) tail -= 1;
  const removed = old.length - head - tail;
  const ops: EditOp[] = [];
  if (removed > 0) ops.push({ op: "delete", at: at + head, length: removed });
  ops.push(...insertOps(at + head, made.slice(head, made.length - tail)));
  ops.push(...markOps(at, old.slice(0, head), made.slice(0, head)));
  const tailAt = at + made.length - tail;
  ops.push(...markOps(tailAt, old.slice(old.length - tail), made.slice(made.length - tail)));
  return ops;
}

function insertOps(at: number, cells: readonly Cell[]): EditOp[] {
  const ops: EditOp[] = [];
  let place = at;
  for (const { text, attributes } of runsOf(cells)) {
    ops.push({ op: "insert", at: place, text, attributes });
    place += text.length;
  }
  return ops;
}

/** The marks that turn `old` into `made`, which are the same text. */
function markOps(at: number, old: readonly Cell[], made: readonly Cell[]): EditOp[] {
  const ops: EditOp[] = [];
  const open = new Map<string, EditOp & { op: "mark" }>();
  made.forEach((cell, index) => {
    const was = old[index]?.attributes ?? {};
    const place = at + index;
    if (sameAttributes(was, cell.attributes)) return;
    for (const key of new Set([...Object.keys(was), ...Object.keys(cell.attributes)])) {
      const value = cell.attributes[key] ?? null;
      if (sameValue(was[key] ?? null, value)) continue;
      const last = open.get(key);
      if (last && last.to === place && sameValue(last.value, value)) {
        last.to += 1;
      } else {
        const op = { op: "mark" as const, from: place, to: place + 1, key, value };
        open.set(key, op);
        ops.push(op);
      }
    }
  });
  return ops;
}

/** A step that leaves all positions alone can only change marks and attributes, and only where it says. */
function markOpsOfStep(step: Step, before: Node, after: Node): EditOp[] {
  const [from, to] = touched(step, before);
  const at = flatPosition(before, from);
  return markOps(at, cellsBetween(before, from, to), cellsBetween(after, from, to));
}

function touched(step: Step, doc: Node): [number, number] {
  if (step instanceof AddMarkStep || step instanceof RemoveMarkStep) return [step.from, step.to];
  const single =
    step instanceof AddNodeMarkStep || step instanceof RemoveNodeMarkStep || step instanceof AttrStep;
  if (single) return [step.pos, step.pos + 1];
  return [0, doc.content.size];
}
