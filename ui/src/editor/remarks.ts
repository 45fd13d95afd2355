/**
 * Comments on the page: which stretches of text they are about, kept in place while the text changes around them.
 *
 * **Invariant:** a comment is drawn over the text and is never in it: no count, no export and no copy has it.
 */
import type { Node } from "prosemirror-model";
import { type EditorState, Plugin, PluginKey, type Transaction } from "prosemirror-state";
import type { Mapping } from "prosemirror-transform";
import { Decoration, DecorationSet } from "prosemirror-view";
import type { CommentRow } from "../host/host";
import { docPosition } from "./binding";

type Marked = { id: string; from: number; to: number };

const key = new PluginKey<DecorationSet>("comments");

export const remarks = new Plugin<DecorationSet>({
  key,
  state: {
    init: () => DecorationSet.empty,
    apply(transaction, set) {
      const marked = transaction.getMeta(key) as Marked[] | undefined;
      if (marked) return DecorationSet.create(transaction.doc, marked.map(decoration));
      return set.map(transaction.mapping, transaction.doc);
    },
  },
  props: { decorations: (state) => key.getState(state) },
});

function decoration({ id, from, to }: Marked): Decoration {
  return Decoration.inline(from, to, { class: "remark", "data-comment": id }, { id });
}

/** Draws these comments and no others. Their places are those of `doc`, from where `since` leads to now. */
export function mark(
  transaction: Transaction,
  rows: readonly CommentRow[],
  doc: Node,
  since?: Mapping,
): Transaction {
  const marked = rows
    .filter((row) => !row.resolved && row.to > row.from && row.to <= doc.content.size - doc.childCount)
    .map(({ id, from, to }) => ({ id, from: docPosition(doc, from), to: docPosition(doc, to) }))
    .map(({ id, from, to }) => ({ id, from: since?.map(from, 1) ?? from, to: since?.map(to, -1) ?? to }));
  return transaction.setMeta(
    key,
    marked.filter((one) => one.to > one.from),
  );
}

/** Where a comment's text is now. Null: it is gone, or the comment is settled. */
export function placeOf(state: EditorState, id: string): { from: number; to: number } | null {
  const found = key.getState(state)?.find(undefined, undefined, (spec) => spec.id === id)[0];
  return found ? { from: found.from, to: found.to } : null;
}

/** The comment whose text the cursor is in. */
export function commentAt(state: EditorState): string | null {
  const { from, to } = state.selection;
  const found = key.getState(state)?.find(from, to) ?? [];
  return (found[0]?.spec.id as string | undefined) ?? null;
}
