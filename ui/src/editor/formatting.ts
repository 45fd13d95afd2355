/** Commands that say how text looks: marks, kinds of paragraph, alignment, links. Nothing here changes a word. */
import { setBlockType, toggleMark } from "prosemirror-commands";
import type { MarkType, Node, NodeType } from "prosemirror-model";
import { type Command, type EditorState, Selection, TextSelection } from "prosemirror-state";
import { type ALIGNS, type Block, schema } from "./schema";

export const FORMATS = ["emphasis", "strong", "underline", "strike", "smallcaps", "superscript"] as const;
export type Format = (typeof FORMATS)[number];
export type Align = (typeof ALIGNS)[number];

const paragraph = schema.nodes.paragraph as NodeType;
const link = schema.marks.link as MarkType;
const typeOf = (format: Format) => schema.marks[format] as MarkType;

export const toggleFormat = (format: Format): Command => toggleMark(typeOf(format));

export function setBlock(block: Block): Command {
  return setBlockType(paragraph, { block, align: null });
}

/** The block of the paragraph with the cursor. */
export function blockAt(state: EditorState): string {
  return String(state.selection.$from.parent.attrs.block ?? "body");
}

export function alignAt(state: EditorState): string | null {
  return (state.selection.$from.parent.attrs.align as string | null | undefined) ?? null;
}

/** Asked for a second time, the paragraph is body again. */
export function toggleBlock(block: Block): Command {
  return (state, dispatch) => setBlock(blockAt(state) === block ? "body" : block)(state, dispatch);
}

/** Null: as the language of the paragraph runs. */
export function setAlign(align: Align | null): Command {
  return (state, dispatch) => {
    const tr = state.tr;
    const { from, to } = state.selection;
    state.doc.nodesBetween(from, to, (node, at) => {
      if (node.type === paragraph && node.attrs.align !== align) tr.setNodeAttribute(at, "align", align);
      return false;
    });
    if (!tr.docChanged) return false;
    dispatch?.(tr.scrollIntoView());
    return true;
  };
}

/** A break where the cursor is: before the paragraph at its beginning, behind it at its end, between its halves. */
export const insertSceneBreak: Command = (state, dispatch) => {
  const { $from, empty } = state.selection;
  if (!empty || $from.depth === 0) return false;
  if (!dispatch) return true;
  const tr = state.tr;
  const ornament = paragraph.create({ block: "break", align: null });
  const before = $from.parentOffset === 0 && $from.parent.content.size > 0;
  if (before) tr.insert($from.before(), ornament);
  else if ($from.parent.content.size === 0) {
    tr.setNodeMarkup($from.before(), null, { block: "break", align: null });
    tr.insert($from.after(), paragraph.create());
    tr.setSelection(Selection.near(tr.doc.resolve($from.after() + 1)));
  } else {
    const inside = $from.parentOffset < $from.parent.content.size;
    if (inside) tr.split($from.pos);
    const behind = inside ? $from.pos + 1 : $from.after();
    tr.insert(behind, inside ? ornament : [ornament, paragraph.create()]);
    tr.setSelection(TextSelection.create(tr.doc, behind + ornament.nodeSize + 1));
  }
  dispatch(tr.scrollIntoView());
  return true;
};

/** Takes marks off the selection, or off what is typed next. Links and readings are no looks; they stay. */
export const clearFormats: Command = (state, dispatch) => {
  const { from, to, empty } = state.selection;
  const tr = state.tr;
  for (const format of FORMATS) {
    if (empty) tr.removeStoredMark(typeOf(format));
    else tr.removeMark(from, to, typeOf(format));
  }
  dispatch?.(tr);
  return true;
};

/** Which marks are in the selection, or will be on what is typed next. */
export function formatsAt(state: EditorState): ReadonlySet<Format> {
  const { from, to, empty, $from } = state.selection;
  const marks = state.storedMarks ?? $from.marks();
  return new Set(
    FORMATS.filter((format) =>
      empty ? typeOf(format).isInSet(marks) !== undefined : state.doc.rangeHasMark(from, to, typeOf(format)),
    ),
  );
}

export type Linked = { from: number; to: number; href: string };

/** The link that the cursor or the beginning of the selection is in, as far as it reaches. */
export function linkAt(state: EditorState): Linked | null {
  const { $from, from, to } = state.selection;
  let found: Linked | null = null;
  let open: Linked | null = null;
  $from.parent.forEach((node: Node, offset: number) => {
    const href = link.isInSet(node.marks)?.attrs.href as string | undefined;
    const start = $from.start() + offset;
    if (href === undefined) open = null;
    else if (open?.href === href) open.to = start + node.nodeSize;
    else open = { from: start, to: start + node.nodeSize, href };
    if (open && open.from <= from && open.to >= from && (from === to || open.to > from)) found = open;
  });
  return found;
}

/** Links the selection, or the whole link that the cursor is in; elsewhere the address itself is put in. Null unlinks. */
export function setLink(href: string | null): Command {
  return (state, dispatch) => {
    const { from, to, empty } = state.selection;
    const around = empty ? linkAt(state) : null;
    const range = around ?? { from, to };
    if (empty && !around && href === null) return false;
    if (!dispatch) return true;
    const tr = state.tr;
    if (empty && !around && href !== null) {
      tr.replaceSelectionWith(
        schema.text(href, [...state.selection.$from.marks(), link.create({ href })]),
        false,
      );
    } else {
      tr.removeMark(range.from, range.to, link);
      if (href !== null) tr.addMark(range.from, range.to, link.create({ href }));
    }
    dispatch(tr.scrollIntoView());
    return true;
  };
}
