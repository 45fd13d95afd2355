/**
 * Misspelt words in one editor: drawn under a wave, gone through by a key, mended from a menu.
 *
 * **Invariants:** nothing here changes the text but a choice from the menu, and that is one step of the editor's own
 * undo; nothing is drawn while an input method is composing; the word that is being typed is left alone until the
 * cursor has gone from it.
 */
import type { Node } from "prosemirror-model";
import { Plugin, PluginKey, TextSelection } from "prosemirror-state";
import { Decoration, DecorationSet, type EditorView } from "prosemirror-view";
import type { Spelling } from "../spelling/spelling.svelte";
import type { Stretch } from "./flat";
import { replace } from "./seeking";
import "./spelling.css";

type Drawn = { set: DecorationSet; writing: boolean };

const key = new PluginKey<Drawn>("spelling");
/** Milliseconds from an edit to the question about it, however much is typed meanwhile. */
const PAUSE = 400;

/** For every editor of a novel; each needs one of its own. */
export function spelt(spelling: Spelling): Plugin<Drawn> {
  return new Plugin<Drawn>({
    key,
    state: {
      init: () => ({ set: DecorationSet.empty, writing: false }),
      apply(transaction, before, _old, state) {
        const look = transaction.getMeta(key) === "look";
        const moved = before.set.map(transaction.mapping, transaction.doc);
        const set = look ? drawn(spelling, state.doc, moved) : moved;
        const writing = transaction.docChanged || (before.writing && !transaction.selectionSet);
        return { set, writing };
      },
    },
    props: {
      attributes: { spellcheck: "false" },
      decorations(state) {
        const { set, writing } = key.getState(state) ?? {};
        if (!set || !spelling.on) return null;
        const { head, empty } = state.selection;
        return writing && empty ? set.remove(set.find(head, head)) : set;
      },
      handleKeyDown(view, event) {
        const asks = event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey);
        if (!asks || view.composing || event.isComposing) return false;
        return open(spelling, view, at(view, view.state.selection.head));
      },
      handleDOMEvents: {
        contextmenu(view, event) {
          const place = view.posAtCoords({ left: event.clientX, top: event.clientY });
          const opened = place !== null && open(spelling, view, at(view, place.pos));
          if (opened) event.preventDefault();
          return opened;
        },
      },
    },
    view: (view) => new Watch(view, spelling),
  });
}

/** Asks about what is new in an editor, and draws what came back. */
class Watch {
  readonly #view: EditorView;
  readonly #spelling: Spelling;
  readonly #leave: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(view: EditorView, spelling: Spelling) {
    this.#view = view;
    this.#spelling = spelling;
    this.#leave = spelling.join({
      dom: view.dom,
      check: () => this.check(),
      redraw: () => this.#look(),
    });
    WATCHES.set(view.dom, view);
    this.#soon(0);
  }

  update(view: EditorView, before: { doc: Node }): void {
    if (view.state.doc !== before.doc) this.#soon(PAUSE);
  }

  destroy(): void {
    this.#stop();
    this.#leave();
  }

  #soon(pause: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.check();
    }, pause);
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async check(): Promise<void> {
    this.#stop();
    const view = this.#view;
    if (view.isDestroyed || !this.#spelling.on) return;
    if (view.composing) return this.#soon(PAUSE);
    await this.#spelling.judge(unknown(view, this.#spelling), () => this.#look());
    this.#look();
  }

  #look(): void {
    const view = this.#view;
    if (view.isDestroyed) return;
    if (view.composing) this.#soon(PAUSE);
    else view.dispatch(view.state.tr.setMeta(key, "look").setMeta("addToHistory", false));
  }
}

/** Editors by what stands on the page for them. */
const WATCHES = new WeakMap<Element, EditorView>();

/** Paragraphs that nobody has asked about, those in sight first. */
function unknown(view: EditorView, spelling: Spelling): Node[] {
  const { doc } = view.state;
  const all: Node[] = [];
  const first = firstInSight(view);
  for (let index = first; index < doc.childCount; index += 1) all.push(doc.child(index));
  for (let index = first - 1; index >= 0; index -= 1) all.push(doc.child(index));
  return all.filter((paragraph) => !spelling.knows(paragraph));
}

function firstInSight(view: EditorView): number {
  const rows = view.dom.children;
  let [low, high] = [0, Math.min(rows.length, view.state.doc.childCount) - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) <= 0) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low);
}

/** What is known, and where nothing is known yet what was drawn there before. */
function drawn(spelling: Spelling, doc: Node, before: DecorationSet): DecorationSet {
  const all: Decoration[] = [];
  doc.forEach((paragraph, offset) => {
    if (!spelling.knows(paragraph)) {
      all.push(...before.find(offset, offset + paragraph.nodeSize));
      return;
    }
    for (const { from, to } of spelling.misspelt(paragraph)) {
      const attributes = { class: "misspelt", "aria-invalid": "spelling" };
      all.push(Decoration.inline(offset + 1 + from, offset + 1 + to, attributes, { inclusiveEnd: true }));
    }
  });
  return DecorationSet.create(doc, all);
}

/** The misspelt word at a position. */
function at(view: EditorView, position: number): Stretch | null {
  const found = key.getState(view.state)?.set.find(position, position)[0];
  return found ? { from: found.from, to: found.to } : null;
}

/** Opens the menu for a word. False: there is none, or nobody wants to know. */
function open(spelling: Spelling, view: EditorView, stretch: Stretch | null): boolean {
  if (!stretch || !spelling.on) return false;
  const { state } = view;
  const { from, to } = stretch;
  const word = state.doc.textBetween(from, to);
  const language = state.doc
    .resolve(from)
    .marksAcross(state.doc.resolve(to))
    ?.find((mark) => mark.type.name === "language")?.attrs.tag;
  select(view, stretch);
  const { left, bottom } = view.coordsAtPos(from);
  void spelling.ask(word, typeof language === "string" ? language : null, {
    at: { x: left, y: bottom + 4 },
    replace: (other) => mend(view, stretch, word, other),
    back: () => view.focus(),
  });
  return true;
}

/** What was asked about may have moved or gone while the menu was open. */
function mend(view: EditorView, { from, to }: Stretch, word: string, other: string): void {
  if (view.isDestroyed || to > view.state.doc.content.size) return;
  if (view.state.doc.textBetween(from, to) !== word) return;
  const tr = replace(view.state, [{ from, to }], other);
  tr.setSelection(TextSelection.create(tr.doc, from + other.length));
  view.dispatch(tr.scrollIntoView());
}

function select(view: EditorView, { from, to }: Stretch): void {
  const selection = TextSelection.create(view.state.doc, from, to);
  view.dispatch(view.state.tr.setSelection(selection).scrollIntoView());
}

/**
 * Goes to the next misspelt word of the page, behind the cursor in the given editor and round to its beginning again,
 * and opens the menu there. False: there is none.
 */
export async function nextMisspelt(spelling: Spelling, from: EditorView | null): Promise<boolean> {
  if (!spelling.on) return false;
  spelling.menu = null;
  await Promise.all(spelling.editors.map((editor) => editor.check()));
  const views = spelling.editors.map(({ dom }) => WATCHES.get(dom)).filter((view) => view !== undefined);
  const here = from ? views.indexOf(from) : -1;
  const steps = views.slice(here + 1).concat(views.slice(0, here + 1));
  const places = [
    ...(from && here >= 0 ? [{ view: from, behind: from.state.selection.to }] : []),
    ...steps.map((view) => ({ view, behind: 0 })),
  ];
  for (const { view, behind } of places) {
    const found = next(view, behind);
    if (!found) continue;
    view.focus();
    return open(spelling, view, found);
  }
  return false;
}

function next(view: EditorView, behind: number): Stretch | null {
  const all = key.getState(view.state)?.set.find() ?? [];
  const sorted = all.map(({ from, to }) => ({ from, to })).sort((a, b) => a.from - b.from);
  return sorted.find(({ from }) => from >= behind) ?? null;
}
