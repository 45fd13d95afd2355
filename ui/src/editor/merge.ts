/**
 * Bringing in a text that comes from elsewhere, and laying what is not sent yet over it.
 *
 * **Guarantees:** the other text is in the document whole, whatever becomes of a local step; words that were typed and
 * not sent are in it, too, even where the other author deleted what they stood in; only the paragraphs that differ are
 * touched. Comparing texts is for this alone: what is written here is sent as what it is.
 */
import { Fragment, type Node, Slice } from "prosemirror-model";
import { Selection } from "prosemirror-state";
import { type Mapping, ReplaceStep, type Step, Transform } from "prosemirror-transform";
import { isHigh, isLow } from "./flat";

/**
 * A step with what undoes it: enough to lay local edits over a change that came from elsewhere. `note`: it was made in
 * the text of that footnote, and not in the scene's.
 */
export type LocalStep = { step: Step; inverted: Step; note?: string };

export function localSteps(transaction: Transform): LocalStep[] {
  return transaction.steps.map((step, index) => ({
    step,
    inverted: step.invert(transaction.docs[index] as Node),
  }));
}

/**
 * Turns the document into `wanted`, paragraph by paragraph, so that the cursor stays where the author left it.
 * Only for text that comes from elsewhere: local edits are sent as what they are.
 */
export function applyDifference(transform: Transform, wanted: Node): void {
  const hunks = differingParagraphs(paragraphsOf(transform.doc), paragraphsOf(wanted));
  const starts = paragraphStarts(transform.doc);
  for (const hunk of hunks.reverse()) {
    const from = starts[hunk.from] as number;
    const to = starts[hunk.to] as number;
    const nodes = paragraphsOf(wanted).slice(hunk.madeFrom, hunk.madeTo);
    const old = hunk.to - hunk.from === 1 ? transform.doc.child(hunk.from) : null;
    const made = nodes.length === 1 ? (nodes[0] as Node) : null;
    if (old && made) replaceParagraph(transform, from, old, made);
    else transform.replaceWith(from, to, nodes);
  }
}

function replaceParagraph(transform: Transform, position: number, old: Node, made: Node): void {
  const start = old.content.findDiffStart(made.content);
  const end = old.content.findDiffEnd(made.content);
  if (start !== null && end) {
    // Both ends can run over each other where letters repeat: "aa" to "aaa".
    const overlap = Math.max(0, start - Math.min(end.a, end.b));
    const slice = made.slice(start, end.b + overlap);
    transform.replace(position + 1 + start, position + 1 + end.a + overlap, new Slice(slice.content, 0, 0));
  }
  if (!old.hasMarkup(made.type, made.attrs, made.marks)) {
    transform.setNodeMarkup(position, made.type, made.attrs, made.marks);
  }
}

type Hunk = { from: number; to: number; madeFrom: number; madeTo: number };

function paragraphsOf(doc: Node): Node[] {
  return Array.from({ length: doc.childCount }, (_, index) => doc.child(index));
}

function paragraphStarts(doc: Node): number[] {
  const starts = [0];
  doc.forEach((node, offset) => {
    starts.push(offset + node.nodeSize);
  });
  return starts;
}

/** Which paragraphs differ: equal ends are set aside, the longest common row decides about the middle. */
function differingParagraphs(old: Node[], made: Node[]): Hunk[] {
  let head = 0;
  while (head < old.length && head < made.length && old[head]?.eq(made[head] as Node)) head += 1;
  let tail = 0;
  const room = Math.min(old.length, made.length) - head;
  while (tail < room && old[old.length - 1 - tail]?.eq(made[made.length - 1 - tail] as Node)) tail += 1;
  const left = old.slice(head, old.length - tail);
  const right = made.slice(head, made.length - tail);
  if (left.length === 0 && right.length === 0) return [];
  const whole = { from: head, to: head + left.length, madeFrom: head, madeTo: head + right.length };
  if (left.length * right.length > 250_000) return [whole];
  return commonRow(left, right).map((hunk) => ({
    from: hunk.from + head,
    to: hunk.to + head,
    madeFrom: hunk.madeFrom + head,
    madeTo: hunk.madeTo + head,
  }));
}

function commonRow(left: Node[], right: Node[]): Hunk[] {
  const width = right.length + 1;
  const best = new Uint32Array((left.length + 1) * width);
  const cell = (i: number, j: number) => best[i * width + j] as number;
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const same = left[i]?.eq(right[j] as Node);
      best[i * width + j] = same ? cell(i + 1, j + 1) + 1 : Math.max(cell(i + 1, j), cell(i, j + 1));
    }
  }
  const hunks: Hunk[] = [];
  let [i, j, fromI, fromJ] = [0, 0, 0, 0];
  const close = () => {
    if (i > fromI || j > fromJ) hunks.push({ from: fromI, to: i, madeFrom: fromJ, madeTo: j });
  };
  while (i < left.length && j < right.length) {
    if (left[i]?.eq(right[j] as Node)) {
      close();
      i += 1;
      j += 1;
      [fromI, fromJ] = [i, j];
    } else if (cell(i + 1, j) >= cell(i, j + 1)) i += 1;
    else j += 1;
  }
  [i, j] = [left.length, right.length];
  close();
  return hunks;
}

/**
 * Lays edits that are not sent yet over a text that came from elsewhere: takes them back, brings the other text in,
 * and makes them again where their places have moved to.
 *
 * Returns the index of the transaction's first re-made step; the operations from there on are those to send. The
 * other author's text is complete before that index whatever becomes of a local step.
 */
export function rebase(transform: Transform, local: readonly LocalStep[], wanted: Node): number {
  for (const { inverted } of [...local].reverse()) transform.step(inverted);
  applyDifference(transform, wanted);
  const first = transform.steps.length;
  let back = local.length;
  for (const { step } of local) {
    const mapping = transform.mapping.slice(back);
    back -= 1;
    if (again(transform, step, mapping)) mirror(transform.mapping, back, transform.steps.length - 1);
  }
  return first;
}

/**
 * Makes a step again where its place has moved to. Where the place is gone, because the other author deleted what was
 * around it, its words are put in beside: a word that was typed goes only when somebody deletes it.
 *
 * True: what was made has the size of what was meant, so that places in it are those of later steps.
 */
function again(transform: Transform, step: Step, mapping: Mapping): boolean {
  const moved = step.map(mapping);
  if (moved && !grown(step, moved) && !transform.maybeStep(moved).failed) return true;
  if (!(step instanceof ReplaceStep) || step.slice.size === 0) return false;
  const at = cursorNear(transform.doc, mapping.map(step.to, -1));
  if (!transform.maybeStep(new ReplaceStep(at, at, step.slice)).failed) return true;
  const inline: Node[] = [];
  step.slice.content.descendants((node) => {
    if (node.isInline) inline.push(node);
  });
  if (inline.length > 0) transform.maybeStep(new ReplaceStep(at, at, new Slice(Fragment.from(inline), 0, 0)));
  return false;
}

/** What only put something in would now take something out: its two sides were moved apart. */
function grown(step: Step, moved: Step): boolean {
  if (!(step instanceof ReplaceStep) || !(moved instanceof ReplaceStep)) return false;
  return step.from === step.to && moved.from !== moved.to;
}

/** A place where a cursor can be: in a paragraph, and not inside a surrogate pair. */
function cursorNear(doc: Node, position: number): number {
  const { $from: at } = Selection.near(doc.resolve(position), -1);
  const cuts = isHigh(at.nodeBefore?.text?.at(-1)) && isLow(at.nodeAfter?.text?.[0]);
  return cuts ? at.pos + 1 : at.pos;
}

/** The document as it was before these edits. */
export function withoutSteps(doc: Node, local: readonly LocalStep[]): Node {
  const transform = new Transform(doc);
  for (const { inverted } of [...local].reverse()) transform.step(inverted);
  return transform.doc;
}

/** What makes one text of the other: the last resort for words that the host would not take as they were made. */
export function difference(from: Node, to: Node): Transform {
  const transform = new Transform(from);
  applyDifference(transform, to);
  return transform;
}

/** Says that two steps undo each other, so that positions survive the pair. Exists, but is left out of its types. */
function mirror(mapping: Mapping, taken: number, made: number): void {
  (mapping as unknown as { setMirror(a: number, b: number): void }).setMirror(taken, made);
}
