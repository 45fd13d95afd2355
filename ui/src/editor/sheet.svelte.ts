/**
 * One scene on the page: its text, its saving, its undo, its comments, and what comes from elsewhere.
 *
 * **Guarantees:** a change is in the queue in the same turn that made it, whether the sheet is drawn or not; text from
 * another laptop is never laid in during a composition; what the host has not taken stays here until it has.
 */
import { isHistoryTransaction, redo, undo, undoDepth } from "prosemirror-history";
import type { Node } from "prosemirror-model";
import {
  type Command,
  EditorState,
  type Plugin,
  Selection,
  TextSelection,
  type Transaction,
} from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { tick } from "svelte";
import type { CommentRow, Edited, Host, Run, SceneView } from "../host/host";
import { t } from "../shared/i18n.svelte";
import { Autosave, type Batch } from "./autosave.svelte";
import { docFromRuns, docPosition, flatPosition, opsFromSteps, opsFromTransaction } from "./binding";
import { Comments } from "./comments.svelte";
import type { Stretch } from "./flat";
import { Footnotes } from "./footnotes.svelte";
import { difference, localSteps, rebase, withoutSteps } from "./merge";
import { blockAt } from "./plugins";
import { commentAt, mark, placeOf } from "./remarks";

/** What is wrong with a scene, and its last text that could be read whole. */
export type Damage = { message: string; lastGood: Run[] | null };

/** Changed elsewhere; refused as it was sent; or made into another text at the author's own wish. */
export type Reason = "changed" | "refused" | "reshaped";

/** What became of the row of things that undo takes back, one after the other. */
export type Stroke = "typed" | "undone" | "redone" | "same";

/** What a sheet needs of the desk that it lies on. */
export type Around = {
  readonly host: Host;
  readonly novel: { readonly id: string; readonly language: string };
  plugins: () => Plugin[];
  /** How quotes and dashes are written, in footnotes too. */
  typing: () => Plugin[];
  /** Everything of every sheet to the host and to the disk. */
  flush: () => Promise<boolean>;
  onEdited: (sheet: Sheet, edited: Edited) => void;
  onRemote: () => void;
  onStroke: (sheet: Sheet, stroke: Stroke) => void;
  /** The cursor came into the sheet, or something was typed there. */
  onEntered: (sheet: Sheet) => void;
  /** True: the key was taken. */
  onKey: (sheet: Sheet, event: KeyboardEvent) => boolean;
};

const REMOTE = "seshat-remote";

export class Sheet {
  words = $state(0);
  block = $state("body");
  damage = $state.raw<Damage | null>(null);
  /** Whether it has an editor, or is only remembered. */
  drawn = $state(false);
  /** Whether the cursor was in it. */
  visited = false;
  /** How far the page was scrolled when this scene was left. */
  scroll = 0;
  readonly scene: string;
  readonly comments: Comments;
  readonly footnotes: Footnotes;
  readonly saving: Autosave;
  readonly #around: Around;
  #state: EditorState;
  #view: EditorView | null = null;
  /** The cursor is to be brought into sight as soon as there is an editor. */
  #bring = false;
  /** The vault was locked, or the scene was let go of: nothing that comes late is taken in. */
  #over = false;
  /** Why the scene has to be opened again; null when it has not. */
  #again: Reason | null = null;
  #refreshing: Promise<void> | null = null;

  /** `kept`: the editor's state when this scene was last on the page, with its undo. */
  constructor(around: Around, opened: SceneView, kept: EditorState | null) {
    this.#around = around;
    this.scene = opened.scene;
    this.#state = stateFor(docFromRuns(opened.runs), kept, around.plugins);
    this.saving = this.#autosave(opened);
    this.comments = new Comments(around.host, around.novel.id, {
      flushed: around.flush,
      selection: () => this.selection,
      stretch: (id) => this.#stretchOf(id),
      draw: (rows) => this.#draw(rows),
    });
    this.footnotes = new Footnotes({
      view: () => this.#view,
      send: (batch) => this.saving.take(batch),
      refresh: () => void this.refresh(),
      typing: around.typing,
    });
    this.footnotes.take(opened.notes);
    this.#take(opened);
    this.#draw(this.comments.drawn);
    this.block = blockAt(this.#state);
  }

  get state(): EditorState {
    return this.#state;
  }

  get doc(): Node {
    return this.#state.doc;
  }

  /** The editor on the page; null while the sheet is only remembered. */
  get view(): EditorView | null {
    return this.#view;
  }

  /** Units of the flat text. */
  get length(): number {
    return this.doc.content.size - this.doc.childCount;
  }

  /** What is selected; `from` and `to` are the same where it is only a cursor. */
  get selection(): Stretch {
    const { selection } = this.#state;
    return { from: flatPosition(this.doc, selection.from), to: flatPosition(this.doc, selection.to) };
  }

  draw(place: HTMLElement): void {
    this.erase();
    this.#view = this.#makeView(place);
    this.drawn = true;
    if (this.#bring) this.#view.dispatch(this.#state.tr.scrollIntoView());
    this.#bring = false;
  }

  /** Takes the editor off the page; the text, its undo and what is not sent stay. */
  erase(): void {
    const view = this.#view;
    const selected = document.getSelection();
    // A selection that points into it would keep it.
    if (view?.dom.contains(selected?.anchorNode ?? null)) selected?.removeAllRanges();
    this.footnotes.open = null;
    view?.destroy();
    this.#view = null;
    this.drawn = false;
  }

  #makeView(place: HTMLElement): EditorView {
    return new EditorView(place, {
      state: this.#state,
      plugins: [this.footnotes.plugin],
      dispatchTransaction: (transaction) => this.dispatch(transaction),
      scrollThreshold: 48,
      scrollMargin: 96,
      handleKeyDown: (_view, event) => this.#around.onKey(this, event),
      handleDOMEvents: {
        focus: () => {
          this.#around.onEntered(this);
          return false;
        },
      },
      attributes: () => ({
        "data-testid": "editor",
        role: "textbox",
        "aria-multiline": "true",
        tabindex: "0",
        "aria-label": t("write.editor"),
        spellcheck: "false",
        lang: this.#around.novel.language,
      }),
    });
  }

  dispatch(transaction: Transaction): void {
    const before = this.#state;
    const { state, transactions } = before.applyTransaction(transaction);
    this.#state = state;
    const own = transaction.docChanged && !transaction.getMeta(REMOTE);
    if (own) {
      const typed = isTyped(transaction);
      const batches = transactions.map((tr) => ({
        ops: opsFromTransaction(tr),
        steps: localSteps(tr),
        typed,
      }));
      for (const batch of batches) this.saving.take(batch);
      this.footnotes.saw(batches.flatMap(({ ops }) => ops));
    }
    this.#view?.updateState(state);
    this.block = blockAt(state);
    this.comments.here = commentAt(state);
    if (own) this.#around.onStroke(this, strokeOf(transaction, before, state));
  }

  /** Runs a command of the editor, whether it is drawn or not. */
  run(command: Command): boolean {
    return command(this.#state, (transaction) => this.dispatch(transaction), this.#view ?? undefined);
  }

  /** Selects between two places of the flat text. */
  select({ from, to }: Stretch, how: "bring" | "still" = "bring"): void {
    const { doc } = this;
    this.#select(TextSelection.create(doc, docPosition(doc, from), docPosition(doc, to)), how);
  }

  selectEdge(edge: "start" | "end"): void {
    this.#select(edge === "start" ? Selection.atStart(this.doc) : Selection.atEnd(this.doc), "bring");
  }

  /** Puts the cursor at a position of the document. */
  put(position: number): void {
    this.#select(TextSelection.create(this.doc, position), "bring");
  }

  /** False: the comment's text is gone. */
  selectComment(id: string): boolean {
    const place = placeOf(this.#state, id);
    if (place) this.#select(TextSelection.create(this.doc, place.from, place.to), "bring");
    return place !== null;
  }

  #select(selection: Selection, how: "bring" | "still"): void {
    const tr = this.#state.tr.setSelection(selection);
    this.dispatch(how === "bring" ? tr.scrollIntoView() : tr);
    this.#bring = how === "bring" && this.#view === null;
  }

  undo(): boolean {
    return this.run(undo);
  }

  redo(): boolean {
    return this.run(redo);
  }

  /** Everything of it is at the host. False: it cannot be, and is being tried. */
  async settled(): Promise<boolean> {
    await this.#refreshing;
    if (await this.saving.flush()) return true;
    await this.#refreshing;
    return this.saving.flush();
  }

  /** It is let go of: whatever answers late finds nobody. */
  end(): void {
    this.#over = true;
    this.#again = null;
    this.erase();
  }

  /** The vault was locked, whoever locked it: no text, no undo, nothing waiting to be sent stays here. */
  forget(): void {
    this.end();
    this.saving.drop();
    this.#state = EditorState.create({ doc: docFromRuns([]) });
    this.words = 0;
    this.damage = null;
    this.comments.forget();
    this.footnotes.forget();
  }

  /** The scene changed elsewhere. Several calls at once become one, and one more behind it. */
  refresh(reason: Reason = "changed"): Promise<void> {
    if (this.#over) return Promise.resolve();
    this.#again = this.#again === "reshaped" ? "reshaped" : reason;
    this.#refreshing ??= this.#refreshAll().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  /** What is under way of opening it again. */
  async refreshed(): Promise<void> {
    await this.#refreshing;
  }

  async #refreshAll(): Promise<void> {
    while (this.#again) {
      const reason = this.#again;
      this.#again = null;
      await this.#refresh(reason);
    }
  }

  async #refresh(reason: Reason): Promise<void> {
    const { saving } = this;
    const stale = saving.state.kind === "failed" && saving.state.failure.code === "stale";
    // A batch that failed for another reason may be in the host already: it is sent again under its number first.
    if (!stale && reason === "changed" && !(await saving.flush())) return;
    await saving.hold();
    try {
      const opened = await this.#around.host.openScene(this.#around.novel.id, this.scene);
      await this.#composed();
      if (this.#over) return;
      this.#take(opened);
      const { unsent } = saving;
      const batch = this.#merge(docFromRuns(opened.runs), reason);
      saving.adopt(opened, this.footnotes.merge(opened.notes, unsent, batch, reason === "refused"));
    } catch {
      if (!this.#over) saving.resume();
    }
  }

  #take(opened: SceneView): void {
    this.words = opened.words;
    const { damage, last_good } = opened;
    this.damage = damage === null ? null : { message: damage, lastGood: last_good };
    this.comments.take(this.scene, opened.comments);
  }

  #merge(wanted: Node, reason: Reason): Batch {
    // The same text here and there: the answer to the last batch was lost, not the batch.
    if (this.doc.eq(wanted)) {
      this.#draw(this.comments.drawn);
      return { ops: [], steps: [], typed: false };
    }
    const unsent = this.saving.unsent.filter(({ note }) => note === undefined);
    if (reason === "refused" && withoutSteps(this.doc, unsent).eq(wanted)) {
      const found = difference(wanted, this.doc);
      return { ops: opsFromTransaction(found), steps: localSteps(found), typed: true };
    }
    const tr = this.#state.tr;
    const first = rebase(tr, unsent, wanted);
    tr.setMeta(REMOTE, true).setMeta("addToHistory", false).setMeta("rebased", unsent.length);
    const batch = { ops: opsFromSteps(tr, first), steps: localSteps(tr).slice(first), typed: true };
    this.dispatch(mark(tr, this.comments.drawn, wanted, tr.mapping.slice(first)));
    if (reason !== "reshaped") this.#around.onRemote();
    return batch;
  }

  #composed(): Promise<void> {
    const view = this.#view;
    const composing = () =>
      (view !== null && !view.isDestroyed && view.composing) || this.footnotes.composing;
    if (!composing()) return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => {
        if (!composing()) resolve();
        else setTimeout(look, 50);
      };
      look();
    });
  }

  /** Comments whose places are those of the text as it stands. */
  #draw(rows: readonly CommentRow[]): void {
    this.dispatch(mark(this.#state.tr, rows, this.doc).setMeta("addToHistory", false));
  }

  #stretchOf(id: string): Stretch | null {
    const place = placeOf(this.#state, id);
    if (!place) return null;
    return { from: flatPosition(this.doc, place.from), to: flatPosition(this.doc, place.to) };
  }

  #autosave(opened: SceneView): Autosave {
    const { host, novel } = this.#around;
    const { scene } = this;
    return new Autosave(
      { session: opened.session, sequence: opened.sequence },
      (opening, batch) => host.editScene({ novel: novel.id, scene, ...opening, ...batch }),
      {
        onEdited: (edited) => {
          this.words = edited.words;
          this.#around.onEdited(this, edited);
        },
        onStale: () => void this.refresh(),
        onRefused: () => void this.refresh("refused"),
      },
    );
  }

  /** Only after the page is drawn: an element that is still hidden takes no focus. */
  async focus(): Promise<void> {
    await tick();
    this.#view?.focus();
  }
}

/** The text as the host has it, under the undo that was kept of it. */
function stateFor(doc: Node, kept: EditorState | null, plugins: () => Plugin[]): EditorState {
  if (!kept) return EditorState.create({ doc, plugins: plugins() });
  if (kept.doc.eq(doc)) return kept;
  const tr = kept.tr;
  rebase(tr, [], doc);
  return kept.apply(tr.setMeta("addToHistory", false));
}

/** Whether the author's fingers made it: a paste, a drop and an undo are no day's work. */
function isTyped(transaction: Transaction): boolean {
  const event = transaction.getMeta("uiEvent");
  return event !== "paste" && event !== "drop" && !isHistoryTransaction(transaction);
}

function strokeOf(transaction: Transaction, before: EditorState, after: EditorState): Stroke {
  const [was, is] = [undoDepth(before), undoDepth(after)];
  if (isHistoryTransaction(transaction)) return is < was ? "undone" : "redone";
  // The oldest are dropped many at once: then the row is shorter although something was put on it.
  return is === was ? "same" : "typed";
}
