/**
 * Footnotes, as far as they need no state: where their marks stand, what a note's own editor can do, and marks that
 * are copied from one place to another.
 *
 * **Invariants:** an id is never chosen twice, so two notes never share their words; a note holds no note.
 */
import { baseKeymap, toggleMark } from "prosemirror-commands";
import { history, redo, undo } from "prosemirror-history";
import { keymap } from "prosemirror-keymap";
import { Fragment, type MarkType, type Node, Slice } from "prosemirror-model";
import { type Command, type EditorState, NodeSelection, Plugin, type Selection } from "prosemirror-state";
import type { EditorView } from "prosemirror-view";
import type { EditOp } from "../host/host";
import { rebase } from "./merge";
import { schema } from "./schema";

/** The words of notes whose marks were copied or cut, by their ids. Forgotten when the vault is locked. */
export const carried = new Map<string, Node>();

/** 16 random bytes: two laptops never choose the same. */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function isMark(node: Node | null | undefined): node is Node {
  return node?.type.name === "footnote";
}

/** The one thing that is selected as a whole. */
export function nodeOf(selection: Selection): Node | null {
  return selection instanceof NodeSelection ? selection.node : null;
}

/** The mark that is selected, or that the cursor touches. */
export function markNear(selection: Selection): Node | undefined {
  return [nodeOf(selection), selection.$from.nodeBefore, selection.$to.nodeAfter].find(isMark);
}

/** Where marks of this note stand. More than one only where two laptops brought it back. */
export function placesOf(doc: Node, id: string): number[] {
  const places: number[] = [];
  doc.descendants((node, at) => {
    if (isMark(node) && node.attrs.id === id) places.push(at);
    return !node.isLeaf;
  });
  return places;
}

/** The notes whose marks these operations put in. */
export function marksIn(ops: readonly EditOp[]): string[] {
  return ops.flatMap((op) => {
    if (op.op !== "insert") return [];
    const { kind, id } = (op.attributes.atom ?? {}) as { kind?: unknown; id?: unknown };
    return kind === "footnote" && typeof id === "string" ? [id] : [];
  });
}

const { marks } = schema;
const mark = (name: string) => toggleMark(marks[name] as MarkType);
const lineBreak: Command = (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(schema.node("break")).scrollIntoView());
  return true;
};

/** What the keys do in a note. `typing`: how quotes and dashes are written, as in the scene. */
export const notePlugins = (typing: readonly Plugin[]): Plugin[] => [
  history({ newGroupDelay: 700 }),
  ...typing,
  keymap({
    "Mod-z": undo,
    "Mod-Shift-z": redo,
    "Mod-y": redo,
    "Mod-b": mark("strong"),
    "Mod-i": mark("emphasis"),
    "Mod-u": mark("underline"),
    "Shift-Enter": lineBreak,
  }),
  keymap(baseKeymap),
  // Every step apart in the history, so that what another laptop wrote can be laid under it.
  new Plugin({ historyPreserveItems: true } as object),
  new Plugin({
    props: { transformPasted: (slice) => mapLeaves(slice, (node) => (isMark(node) ? null : node)) },
  }),
];

/** The same note with another text, and still with its undo. */
export function stateWith(state: EditorState, doc: Node): EditorState {
  const tr = state.tr;
  rebase(tr, [], doc);
  return state.apply(tr.setMeta("addToHistory", false));
}

/** Pasted text with its marks under the ids that `arriving` gives them; without those that it knows nothing of. */
export function carriedIn(
  slice: Slice,
  view: EditorView,
  arriving: (id: string, stands: boolean) => string | null,
): Slice {
  return mapLeaves(slice, (node) => {
    if (!isMark(node)) return node;
    const was = String(node.attrs.id);
    const id = arriving(was, placesOf(view.state.doc, was).length > 0);
    return id === null ? null : schema.node("footnote", { id }, undefined, node.marks);
  });
}

function mapLeaves(slice: Slice, change: (leaf: Node) => Node | null): Slice {
  const within = (fragment: Fragment): Fragment => {
    const nodes: Node[] = [];
    fragment.forEach((node) => {
      const made = node.isLeaf ? change(node) : node.copy(within(node.content));
      if (made) nodes.push(made);
    });
    return Fragment.from(nodes);
  };
  return new Slice(within(slice.content), slice.openStart, slice.openEnd);
}
