/** What the keys do inside the text, and the plugins of every editor. */
import { baseKeymap, chainCommands, splitBlock, toggleMark } from "prosemirror-commands";
import { history, redo, undo } from "prosemirror-history";
import { keymap } from "prosemirror-keymap";
import type { NodeType } from "prosemirror-model";
import { type Command, Plugin, Selection, TextSelection, type Transaction } from "prosemirror-state";
import type { Settings } from "../settings/settings.svelte";
import type { Spelling } from "../spelling/spelling.svelte";
import { plain } from "./binding";
import { clear } from "./clear";
import { formats } from "./formatting.svelte";
import { pictures } from "./images";
import type { Images } from "./images.svelte";
import { clipboard } from "./paste";
import { remarks } from "./remarks";
import { schema } from "./schema";
import { seeking } from "./seeking";
import { spelt } from "./spelling";
import { typewriter } from "./typewriter";
import { typing } from "./typography-plugin";

const { nodes, marks } = schema;
const paragraph = nodes.paragraph as NodeType;

const insertBreak: Command = (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(schema.node("break")).scrollIntoView());
  return true;
};

/** Enter after three asterisks, or a lone `#`, makes a scene break of them. */
const sceneBreak: Command = (state, dispatch) => {
  const { $from, empty } = state.selection;
  const at = $from.parent;
  if (!empty || at.attrs.block !== "body" || $from.parentOffset !== at.content.size) return false;
  if (!/^\s*(\*\s?\*\s?\*|#|⁂)\s*$/.test(at.textContent)) return false;
  if (dispatch) {
    const start = $from.before();
    const tr = state.tr.delete(start + 1, start + 1 + at.content.size);
    tr.setNodeMarkup(start, null, { block: "break", align: null });
    tr.insert(start + 2, paragraph.create());
    tr.setSelection(Selection.near(tr.doc.resolve(start + 3)));
    dispatch(tr.scrollIntoView());
  }
  return true;
};

/** Blocks that go on at Enter. After a heading, a break or a kind we do not know comes plain text. */
const GOES_ON: readonly unknown[] = ["body", "quote", "verse", "letter"];

/** Enter: an empty line of a quote or verse ends it. */
const split: Command = (state, dispatch) => {
  const { $from, empty } = state.selection;
  const { attrs, content } = $from.parent;
  if (empty && content.size === 0 && attrs.block !== "body") return backToBody(state, dispatch);
  if (!empty || $from.parentOffset < content.size) return splitBlock(state, dispatch);
  if (dispatch) {
    const tr = state.tr;
    const end = $from.after();
    tr.insert(end, paragraph.create(GOES_ON.includes(attrs.block) ? attrs : null));
    tr.setSelection(TextSelection.create(tr.doc, end + 1));
    dispatch(tr.scrollIntoView());
  }
  return true;
};

/** Backspace at the beginning of a heading, quote or verse first makes it body again. */
const backToBody: Command = (state, dispatch) => {
  const { $from, empty } = state.selection;
  if (!empty || $from.parentOffset > 0 || $from.parent.attrs.block === "body") return false;
  dispatch?.(state.tr.setNodeMarkup($from.before(), null, { block: "body", align: null }));
  return true;
};

export { blockAt, setBlock } from "./formatting";

/** The stretch of the new document that these transactions touched: all of a long scene at every key is too much. */
function changed(transactions: readonly Transaction[]): [number, number] {
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (const { mapping } of transactions) {
    for (const map of mapping.maps) {
      [from, to] = [map.map(from, -1), map.map(to, 1)];
      map.forEach((_oldFrom, _oldTo, start, end) => {
        [from, to] = [Math.min(from, start), Math.max(to, end)];
      });
    }
  }
  return [from, to];
}

/** Newlines and stand-in characters that a paste or an input method left inside a paragraph. */
const cleanText = new Plugin({
  appendTransaction(transactions, _before, state) {
    if (!transactions.some((tr) => tr.docChanged)) return null;
    const tr = state.tr;
    const [from, to] = changed(transactions);
    state.doc.nodesBetween(from, Math.min(to, state.doc.content.size), (node, position) => {
      if (!node.isText || node.text === undefined) return true;
      const text = plain(node.text);
      if (text !== node.text)
        tr.replaceWith(position, position + node.nodeSize, schema.text(text, node.marks));
      return false;
    });
    return tr.docChanged ? tr : null;
  },
});

/**
 * Tells the history to keep every step apart instead of melting typed letters into one: laying unsent steps over
 * another laptop's text replaces them one by one, and undo has to find each.
 */
const wholeHistory = new Plugin({ historyPreserveItems: true });

/** What the plugins know of the novel and of how the author likes to write; read whenever it is needed. */
export type Typing = {
  readonly language: string;
  readonly settings: Settings;
  /** The novel's pictures; without them one is only named. */
  readonly images?: Images;
  /** One for all editors of a novel, so that what is copied in one scene comes back as it was in the next. */
  readonly copies?: Plugin;
  /** Absent: nothing is checked. */
  readonly spelling?: Spelling;
};

/** The plugins of every editor of one novel. */
export const pluginsFor = (wishes: Typing): Plugin[] => [
  history({ newGroupDelay: 700 }),
  ...(wishes.images ? [pictures(wishes.images)] : []),
  typing(wishes),
  keymap({
    "Mod-z": undo,
    "Mod-Shift-z": redo,
    "Mod-y": redo,
    "Mod-b": toggleMark(marks.strong as never),
    "Mod-i": toggleMark(marks.emphasis as never),
    "Mod-u": toggleMark(marks.underline as never),
    "Shift-Enter": insertBreak,
    Enter: chainCommands(sceneBreak, split),
    Backspace: backToBody,
  }),
  keymap(baseKeymap),
  wholeHistory,
  cleanText,
  clear(wishes.language, wishes.settings),
  typewriter(wishes.settings),
  seeking,
  remarks,
  formats(),
  wishes.copies ?? clipboard(),
  ...(wishes.spelling ? [spelt(wishes.spelling)] : []),
];
