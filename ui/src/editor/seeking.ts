/**
 * What is looked for in one editor: every place of it drawn, the one that is selected drawn stronger, and replacing.
 *
 * **Invariants:** nothing here changes the text but {@link replace}, and that is one step of the editor's own undo;
 * a paragraph that did not change is not looked through again; with nothing to look for, a key costs nothing.
 */
import { closeHistory } from "prosemirror-history";
import type { Node } from "prosemirror-model";
import { type EditorState, Plugin, PluginKey, type Transaction } from "prosemirror-state";
import type { Mapping } from "prosemirror-transform";
import { Decoration, DecorationSet, type EditorView } from "prosemirror-view";
import { plain } from "./binding";
import type { Stretch } from "./flat";
import { schema } from "./schema";
import { type How, seek } from "./seek";

/** `heard` is told after every change of what was found or of which one is selected. */
export type Question = {
  readonly text: string;
  readonly how: How;
  readonly words: Intl.Segmenter;
  readonly heard: (places: number, at: number) => void;
};

type Sought = {
  question: Question | null;
  /** By paragraph, which is another object as soon as it changes. */
  known: WeakMap<Node, Stretch[]>;
  places: readonly Stretch[];
  drawn: DecorationSet;
};

const key = new PluginKey<Sought>("seeking");
const nothing = (): Sought => ({
  question: null,
  known: new WeakMap(),
  places: [],
  drawn: DecorationSet.empty,
});

export const seeking = new Plugin<Sought>({
  key,
  state: {
    init: nothing,
    apply(transaction, before) {
      const asked = transaction.getMeta(key) as { question: Question | null } | undefined;
      if (asked) return asked.question ? begin(asked.question, transaction.doc) : nothing();
      return transaction.docChanged && before.question ? follow(before, transaction) : before;
    },
  },
  props: {
    decorations(state) {
      const sought = key.getState(state);
      if (!sought || sought.places.length === 0) return sought?.drawn;
      const { from, to } = state.selection;
      const here = sought.places.some((place) => place.from === from && place.to === to);
      return here
        ? sought.drawn.add(state.doc, [Decoration.inline(from, to, { class: "sought-here" })])
        : sought.drawn;
    },
  },
  view: () => ({
    update(view, before) {
      const sought = key.getState(view.state);
      if (!sought?.question) return;
      const same = key.getState(before) === sought && before.selection.eq(view.state.selection);
      if (!same) sought.question.heard(sought.places.length, placeAt(view.state) + 1);
    },
  }),
});

function begin(question: Question, doc: Node): Sought {
  const known = new WeakMap<Node, Stretch[]>();
  const places = look(question, known, doc);
  return { question, known, places, drawn: DecorationSet.create(doc, places.map(drawing)) };
}

/** After a change only the paragraphs that it touched are drawn anew; a common word stands in a scene a thousand times. */
function follow({ question, known, drawn: before }: Sought, { mapping, doc }: Transaction): Sought {
  const places = question ? look(question, known, doc) : [];
  const mapped = before.map(mapping, doc);
  const { from, to } = touched(mapping, doc);
  const fresh = places.filter((place) => place.to >= from && place.from <= to).map(drawing);
  return { question, known, places, drawn: mapped.remove(mapped.find(from, to)).add(doc, fresh) };
}

const drawing = ({ from, to }: Stretch) => Decoration.inline(from, to, { class: "sought" });

/** From the beginning of the first paragraph that was touched to the end of the last. */
function touched(mapping: Mapping, doc: Node): Stretch {
  let [from, to] = [doc.content.size, 0];
  for (const map of mapping.maps) {
    [from, to] = [map.map(from, -1), map.map(to, 1)];
    map.forEach((_oldFrom, _oldTo, start, end) => {
      [from, to] = [Math.min(from, start), Math.max(to, end)];
    });
  }
  const edge = (at: number) => doc.resolve(Math.max(0, Math.min(at, doc.content.size)));
  const [first, last] = [edge(from), edge(to)];
  return { from: first.depth > 0 ? first.start(1) : first.pos, to: last.depth > 0 ? last.end(1) : last.pos };
}

function look(question: Question, known: Sought["known"], doc: Node): Stretch[] {
  const places: Stretch[] = [];
  doc.forEach((paragraph, offset) => {
    let found = known.get(paragraph);
    if (!found) {
      found = seek(textOf(paragraph), question.text, question.how, question.words);
      known.set(paragraph, found);
    }
    for (const { from, to } of found) places.push({ from: from + offset + 1, to: to + offset + 1 });
  });
  return places;
}

/** One unit for each position: a line break is white space, and what stands for an image or a note is nothing. */
function textOf(paragraph: Node): string {
  return paragraph.textBetween(0, paragraph.content.size, null, (leaf) =>
    leaf.type.name === "break" ? "\u2028" : "\ufffc",
  );
}

/** Looks for something else, or for nothing any more. */
export function ask(view: EditorView, question: Question | null): void {
  if (question === null && !key.getState(view.state)?.question) return;
  view.dispatch(view.state.tr.setMeta(key, { question }));
}

export function placesIn(state: EditorState): readonly Stretch[] {
  return key.getState(state)?.places ?? [];
}

/** Which place is the one that is selected; -1: none. */
export function placeAt(state: EditorState): number {
  const { from, to } = state.selection;
  return placesIn(state).findIndex((place) => place.from === from && place.to === to);
}

/** The next place from here on, and round to the other end. */
export function nextPlace(state: EditorState, by: 1 | -1): Stretch | null {
  const places = placesIn(state);
  const { from, to } = state.selection;
  if (by === 1) return places.find((place) => place.from >= to && place.to > from) ?? places[0] ?? null;
  return places.findLast((place) => place.to <= from) ?? places.at(-1) ?? null;
}

/** The selected words, when they stand in one paragraph. */
export function markedWords({ selection, doc }: EditorState): string {
  const { $from, $to, from, to } = selection;
  return $from.sameParent($to) ? doc.textBetween(from, to) : "";
}

/** Puts `text` where these places are, as one thing to undo. Images and notes that stand in them stay. */
export function replace(state: EditorState, places: readonly Stretch[], text: string): Transaction {
  const tr = closeHistory(state.tr);
  for (const place of [...places].sort((a, b) => b.from - a.from)) replaceOne(tr, place, plain(text));
  return tr;
}

function replaceOne(tr: Transaction, { from, to }: Stretch, text: string): void {
  const gone: Stretch[] = [];
  let marks = tr.doc.resolve(from).marksAcross(tr.doc.resolve(to)) ?? [];
  tr.doc.nodesBetween(from, to, (node, at) => {
    if (!node.isText && node.type.name !== "break") return !node.isLeaf;
    if (gone.length === 0) marks = node.marks;
    gone.push({ from: Math.max(from, at), to: Math.min(to, at + node.nodeSize) });
    return false;
  });
  for (const { from: begin, to: end } of gone.reverse()) tr.delete(begin, end);
  // A reading above characters was that of the others.
  const kept = marks.filter((mark) => mark.type.name !== "ruby");
  if (text !== "") tr.insert(from, schema.text(text, kept));
}
