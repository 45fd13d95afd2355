/**
 * Typing as the language is written: each change is a step of its own behind the typed character.
 *
 * **Guarantees:** Ctrl+Z, or Backspace right after, takes the change back and leaves what was typed, and it is not made
 * again at that place. Nothing happens inside a composition, to what is pasted, or to what comes from elsewhere.
 */
import { closeHistory, undo } from "prosemirror-history";
import type { Node, ResolvedPos } from "prosemirror-model";
import { type EditorState, Plugin, PluginKey, type Transaction } from "prosemirror-state";
import type { EditorView } from "prosemirror-view";
import { slipAt } from "./autocorrect";
import { ATOM } from "./flat";
import { smarten } from "./typography";
import { conventionsFor } from "./typography-table";

type Place = { from: number; to: number };
/** A change that was made: what was typed there and what stands there instead. */
type Made = Place & { typed: string; text: string };
type Memory = { last: Made | null; made: readonly Made[]; refused: readonly Place[] };

type Wishes = { readonly smart: boolean; readonly autocorrect: boolean };

const key = new PluginKey<Memory>("typing");
const NOTHING: Memory = { last: null, made: [], refused: [] };
/** How many changes are remembered for being taken back, and places where one was. */
const MOST = 60;
/** Before these a word is over. An apostrophe or a hyphen may go on with it. */
const ENDS = /^[\s.,;:!?…)"»]$/u;
/** These may depend on the whole paragraph in front of them; others on the last few characters. */
const FAR = /^["'\-;:!?»]$/;
const NEAR = 40;

/** `language` is the novel's; `settings` are read at every key. */
export function typing({ language, settings }: { language: string; settings: Wishes }): Plugin<Memory> {
  return new Plugin<Memory>({
    key,
    state: { init: () => NOTHING, apply: remember },
    props: {
      handleTextInput(view, from, _to, text, typed) {
        if (view.composing || [...text].length !== 1) return false;
        if (!settings.smart && !settings.autocorrect) return false;
        const place = view.state.doc.resolve(from);
        const word = settings.autocorrect && ENDS.test(text) ? slipBefore(place, language) : null;
        const smart = settings.smart ? smartBefore(place, text, language) : null;
        if (!word && !smart) return false;
        view.dispatch(typed());
        // The later one first, so that it does not move the other.
        if (word && !smart) change(view, word);
        if (smart) change(view, smart, word);
        return true;
      },
      handleKeyDown(view, event) {
        if (view.composing || event.isComposing || event.keyCode === 229) return false;
        if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
        const { selection } = view.state;
        if (!selection.empty) return false;
        if (event.key === "Enter" && settings.autocorrect) {
          const word = slipBefore(selection.$from, language);
          if (word) change(view, word);
        }
        if (event.key !== "Backspace" || !key.getState(view.state)?.last) return false;
        return undo(view.state, view.dispatch);
      },
      handleDOMEvents: {
        compositionend(view, event) {
          // A keyboard with dead keys composes its quotes: the sign alone is a typed sign.
          if (event.data === '"' || event.data === "'")
            afterComposition(view, event.data, language, settings);
          return false;
        },
      },
    },
  });
}

function textBefore(place: ResolvedPos, least = 0): { text: string; start: number } {
  const start = Math.max(place.start(), least);
  return { text: place.doc.textBetween(start, place.pos, null, ATOM), start };
}

function smartBefore(place: ResolvedPos, typed: string, language: string): Made | null {
  if (!place.parent.inlineContent) return null;
  const { text, start } = textBefore(place, FAR.test(typed) ? 0 : place.pos - NEAR);
  const found = smarten(text, typed, conventionsFor(language));
  if (!found) return null;
  const was = (text + typed).slice(found.from, found.to);
  return { from: start + found.from, to: start + found.to, typed: was, text: found.text };
}

function slipBefore(place: ResolvedPos, language: string): Made | null {
  if (!place.parent.inlineContent) return null;
  const { text } = textBefore(place, place.pos - NEAR);
  const found = slipAt(text, language);
  return found
    ? { from: place.pos - found.word.length, to: place.pos, typed: found.word, text: found.text }
    : null;
}

/** Makes the change, and one in front of it; each is a step of its own for undo, and so is what is typed after it. */
function change(view: EditorView, made: Made, before: Made | null = null): void {
  if (before) change(view, before);
  const by = before && isMade(view.state, before) ? before.text.length - before.typed.length : 0;
  const moved = { ...made, from: made.from + by, to: made.to + by };
  const { state } = view;
  if (isRefused(state, moved) || standing(state.doc, moved) !== moved.typed) return;
  const tr = state.tr.insertText(moved.text, moved.from, moved.to);
  const done = { ...moved, to: moved.from + moved.text.length };
  view.dispatch(closeHistory(tr).setMeta(key, done));
  view.dispatch(closeHistory(view.state.tr));
}

const isMade = (state: EditorState, { from }: Place) =>
  key.getState(state)?.made.some((one) => one.from === from) ?? false;

function isRefused(state: EditorState, { from, to }: Place): boolean {
  const refused = key.getState(state)?.refused ?? [];
  return refused.some((one) =>
    one.from === one.to ? from <= one.from && one.to <= to : one.from < to && from < one.to,
  );
}

const standing = (doc: Node, { from, to }: Place) =>
  to <= doc.content.size ? doc.textBetween(from, to, "\n", ATOM) : null;

function remember(tr: Transaction, memory: Memory): Memory {
  const done = tr.getMeta(key) as Made | undefined;
  if (!tr.docChanged) return tr.selectionSet && memory.last ? { ...memory, last: null } : memory;
  if (memory === NOTHING && !done) return memory;
  const made: Made[] = [];
  const refused = memory.refused.map((place) => moved(tr, place)).filter((place) => place !== null);
  for (const one of memory.made) {
    const place = moved(tr, one) ?? { from: tr.mapping.map(one.from), to: tr.mapping.map(one.from) };
    const now = standing(tr.doc, place);
    if (now === one.text) made.push({ ...one, ...place });
    else if (now === one.typed) refused.push(place);
  }
  if (done) made.push(done);
  return { last: done ?? null, made: made.slice(-MOST), refused: refused.slice(-MOST) };
}

/** Where the place is now, without what was put in at its edges. Null: it was taken out. */
function moved(tr: Transaction, { from, to }: Place): Place | null {
  const place = { from: tr.mapping.map(from, from === to ? -1 : 1), to: tr.mapping.map(to, -1) };
  return place.to < place.from || (place.to === place.from && from !== to) ? null : place;
}

/** The editor takes over what was composed a moment after the composition's end. */
function afterComposition(view: EditorView, sign: string, language: string, settings: Wishes): void {
  setTimeout(() => {
    if (view.isDestroyed || view.composing || !settings.smart) return;
    const { $from, empty } = view.state.selection;
    const place = $from.pos > $from.start() ? view.state.doc.resolve($from.pos - 1) : null;
    if (!empty || !place || standing(view.state.doc, { from: place.pos, to: $from.pos }) !== sign) return;
    const smart = smartBefore(place, sign, language);
    if (smart) change(view, smart);
  }, 40);
}
