/**
 * The footnotes of one scene: their texts, the one that is open, and what was changed in them.
 *
 * **Guarantees:** a change of a note goes the way of the scene's own, in the same queue and order, as exact
 * operations on the note's text; a note whose mark was taken out keeps its text, so that undo brings both back; text
 * from another laptop is laid under what was not sent yet, as in the scene.
 */
import { closeHistory } from "prosemirror-history";
import type { Node } from "prosemirror-model";
import { EditorState, Plugin, TextSelection, type Transaction } from "prosemirror-state";
import { Transform } from "prosemirror-transform";
import type { EditorView } from "prosemirror-view";
import type { EditOp, Run } from "../host/host";
import { t } from "../shared/i18n.svelte";
import type { Batch } from "./autosave.svelte";
import { docFromRuns, opsFromSteps } from "./binding";
import {
  carried,
  carriedIn,
  freshId,
  isMark,
  markNear,
  marksIn,
  nodeOf,
  notePlugins,
  placesOf,
  stateWith,
} from "./footnotes";
import { type LocalStep, localSteps, rebase, withoutSteps } from "./merge";
import { schema } from "./schema";

/** What the scene gives its notes. */
type Around = {
  readonly view: () => EditorView | null;
  /** Sends a change with those of the scene. */
  readonly send: (batch: Batch) => void;
  /** Asks the host for the scene anew: a mark came back, and its text may have changed meanwhile. */
  readonly refresh: () => void;
  /** How quotes and dashes are written. */
  readonly typing: () => Plugin[];
};

export class Footnotes {
  /** The note whose text is being edited. */
  open = $state<string | null>(null);
  /** Grows when a text or the row of marks changed. */
  changes = $state(0);
  readonly plugin: Plugin;
  readonly #around: Around;
  readonly #states = new Map<string, EditorState>();
  /** Texts of notes that are being pasted, until their marks are in. */
  readonly #coming = new Map<string, Node>();
  #editor: EditorView | null = null;

  constructor(around: Around) {
    this.#around = around;
    this.plugin = this.#makePlugin();
  }

  /** The scene was opened: these are its notes. */
  take(notes: Readonly<Record<string, Run[]>>): void {
    for (const [id, runs] of Object.entries(notes)) this.#put(id, docFromRuns(runs));
  }

  /**
   * The scene was opened again with `unsent` on its way: brings the other laptops' words in, and adds to `batch` what
   * has to be sent again. `refused`: the host did not take it as it was.
   */
  merge(
    notes: Readonly<Record<string, Run[]>>,
    unsent: readonly LocalStep[],
    batch: Batch,
    refused: boolean,
  ): Batch {
    const known = new Set([...Object.keys(notes), ...marksIn(batch.ops)]);
    const written = unsent.flatMap(({ note }) => (note === undefined ? [] : [note]));
    const added: Batch = { ...batch, ops: [...batch.ops], steps: [...batch.steps] };
    for (const id of new Set([...Object.keys(notes), ...written])) {
      if (refused && !known.has(id)) continue;
      const mine = unsent.filter(({ note }) => note === id);
      const again = this.#lay(id, notes[id] ?? null, mine);
      added.ops.push(...again.ops);
      added.steps.push(...again.steps);
    }
    this.changes += 1;
    return added;
  }

  #lay(id: string, runs: Run[] | null, unsent: readonly LocalStep[]): Batch {
    const state = this.#states.get(id);
    if (!state) {
      if (runs) this.#put(id, docFromRuns(runs));
      return NOTHING;
    }
    // Its mark does not stand in the host's text: what was written is sent as it was, behind the mark.
    if (!runs) {
      const again = new Transform(withoutSteps(state.doc, unsent));
      for (const { step } of unsent) again.step(step);
      return batchOf(id, again);
    }
    const wanted = docFromRuns(runs);
    if (state.doc.eq(wanted)) return NOTHING;
    const tr = state.tr.setMeta("addToHistory", false).setMeta("rebased", unsent.length);
    const first = rebase(tr, unsent, wanted);
    this.#keep(id, state.apply(tr));
    return batchOf(id, tr, first);
  }

  /** What the author's own transactions did to the marks. */
  saw(ops: readonly EditOp[]): void {
    const ids = marksIn(ops);
    if (ids.length === 0 && !ops.some((op) => op.op === "delete")) return;
    this.changes += 1;
    for (const id of ids) {
      const coming = this.#coming.get(id);
      this.#coming.delete(id);
      if (coming) this.#write(id, coming);
      else if (this.#states.has(id)) this.#around.refresh();
      else this.#put(id, docFromRuns([]));
    }
  }

  /** A pasted note: its mark is in the queue already, its words follow. */
  #write(id: string, doc: Node): void {
    this.#put(id, docFromRuns([]));
    const state = this.#states.get(id) as EditorState;
    this.apply(id, state.tr.replaceWith(0, state.doc.content.size, doc.content));
  }

  /** One change of a note's text by its author. */
  apply(id: string, transaction: Transaction): void {
    const state = this.#states.get(id);
    if (!state) return;
    const applied = state.applyTransaction(transaction);
    this.#keep(id, applied.state);
    for (const tr of applied.transactions) if (tr.docChanged) this.#around.send(batchOf(id, tr));
    if (transaction.docChanged) this.changes += 1;
  }

  /** A footnote where the cursor is: the one that stands there, or a new one. */
  begin(): void {
    const view = this.#around.view();
    if (!view) return;
    const { selection, doc, tr } = view.state;
    const { to } = selection;
    const near = markNear(selection);
    if (near) {
      this.open = String(near.attrs.id);
      return;
    }
    const id = freshId();
    if (!doc.resolve(to).parent.inlineContent) return;
    tr.insert(to, schema.node("footnote", { id }));
    view.dispatch(
      closeHistory(tr)
        .setSelection(TextSelection.create(tr.doc, to + 1))
        .scrollIntoView(),
    );
    this.open = id;
  }

  /** Back to the text behind the mark. A note without words goes with its mark. */
  close(): void {
    const id = this.open;
    this.leave();
    this.#around.view()?.focus();
    if (id !== null) this.#cursorBehind(id);
  }

  /** The author is elsewhere already. */
  leave(): void {
    const id = this.open;
    this.open = null;
    if (id !== null && this.textOf(id).trim() === "" && !this.#holdsAtom(id)) this.#removeMark(id);
  }

  /** Takes the mark out; undo brings it back with its words. */
  remove(): void {
    const id = this.open;
    this.open = null;
    if (id === null) return;
    this.#cursorBehind(id);
    this.#removeMark(id);
    this.#around.view()?.focus();
  }

  #removeMark(id: string): void {
    const view = this.#around.view();
    if (!view) return;
    const tr = closeHistory(view.state.tr);
    for (const at of placesOf(view.state.doc, id).reverse()) tr.delete(at, at + 1);
    if (tr.docChanged) view.dispatch(tr);
  }

  #cursorBehind(id: string): void {
    const view = this.#around.view();
    if (!view) return;
    const at = placesOf(view.state.doc, id)[0];
    if (at === undefined) return;
    view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, at + 1)));
  }

  /** The words of a note in one line. */
  textOf(id: string): string {
    const doc = this.#states.get(id)?.doc;
    return doc ? doc.textBetween(0, doc.content.size, " ", " ") : "";
  }

  #holdsAtom(id: string): boolean {
    let found = false;
    this.#states.get(id)?.doc.descendants((node) => {
      found ||= node.isInline && node.isLeaf && !node.isText && node.type.name !== "break";
    });
    return found;
  }

  /** Which one of the scene it is, from 1; 0 where its mark is gone. */
  numberOf(id: string): number {
    const view = this.#around.view();
    let [seen, number] = [0, 0];
    view?.state.doc.descendants((node) => {
      if (node.type.name !== "footnote") return !node.isLeaf;
      seen += 1;
      if (node.attrs.id === id && number === 0) number = seen;
      return false;
    });
    return number;
  }

  /** Where the mark of the open note is on the screen. */
  markOf(id: string): Element | null {
    const view = this.#around.view();
    return view?.dom.querySelector(`[data-footnote="${CSS.escape(id)}"]`) ?? null;
  }

  stateOf(id: string): EditorState {
    return this.#states.get(id) ?? this.#put(id, docFromRuns([]));
  }

  /** The editor of the open note, so that words of another laptop show in it. */
  hold(editor: EditorView | null): void {
    this.#editor = editor;
  }

  get composing(): boolean {
    return this.#editor?.composing ?? false;
  }

  /** The vault was locked: no text stays. */
  forget(): void {
    this.open = null;
    this.#states.clear();
    this.#coming.clear();
    carried.clear();
  }

  #put(id: string, doc: Node): EditorState {
    const kept = this.#states.get(id);
    if (kept?.doc.eq(doc)) return kept;
    const state = kept
      ? stateWith(kept, doc)
      : EditorState.create({ doc, plugins: notePlugins(this.#around.typing()) });
    this.#keep(id, state);
    return state;
  }

  #keep(id: string, state: EditorState): void {
    this.#states.set(id, state);
    if (this.open === id && this.#editor && !this.#editor.isDestroyed) this.#editor.updateState(state);
  }

  #makePlugin(): Plugin {
    return new Plugin({
      props: {
        nodeViews: { footnote: (node) => this.#mark(node) },
        handleClickOn: (_view, _at, node, _place, event) => {
          if (!isMark(node) || event.button !== 0) return false;
          this.open = String(node.attrs.id);
          return true;
        },
        handleKeyDown: (view, event) => {
          const node = nodeOf(view.state.selection);
          if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey || !isMark(node))
            return false;
          this.open = String(node.attrs.id);
          return true;
        },
        transformCopied: (slice) => {
          slice.content.descendants((node) => {
            const doc = isMark(node) ? this.#states.get(String(node.attrs.id))?.doc : undefined;
            if (doc) carried.set(String(node.attrs.id), doc);
          });
          return slice;
        },
        transformPasted: (slice, view) => carriedIn(slice, view, this.#arriving),
      },
    });
  }

  /** Under which id a pasted mark comes in; null: nothing is known of its words, so it stays out. */
  readonly #arriving = (id: string, stands: boolean): string | null => {
    if (!stands && this.#states.has(id)) return id;
    const doc = this.#states.get(id)?.doc ?? carried.get(id);
    if (!doc) return null;
    const fresh = freshId();
    this.#coming.set(fresh, doc);
    return fresh;
  };

  /** The number itself is the style sheet's, because it changes with every mark before this one. */
  #mark(node: Node) {
    const dom = document.createElement("sup");
    const id = String(node.attrs.id);
    dom.className = "footnote";
    dom.dataset.footnote = id;
    // Read as one thing; `doc-noteref` is for links alone.
    dom.setAttribute("role", "img");
    dom.setAttribute("aria-label", t("footnote.mark"));
    dom.addEventListener("mouseenter", () => {
      dom.title = this.textOf(id);
    });
    return { dom, ignoreMutation: () => true };
  }
}

const NOTHING: Batch = { ops: [], steps: [], typed: true };

/** What was done to a note, as it goes to the host. */
function batchOf(note: string, transform: Transform, first = 0): Batch {
  const ops = opsFromSteps(transform, first);
  const steps = localSteps(transform).slice(first);
  return {
    ops: ops.length > 0 ? [{ op: "note", note, ops }] : [],
    steps: steps.map((step) => ({ ...step, note })),
    typed: true,
  };
}
