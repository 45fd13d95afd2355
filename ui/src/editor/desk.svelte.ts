/**
 * The scene on the desk: one editor for one scene at a time, its saving, its undo and what comes from elsewhere.
 *
 * **Guarantees:** leaving a scene, losing the window's attention and locking send everything first. A scene that is
 * being opened replaces the old one in a single turn, so no key falls between the two. Undo of a scene survives
 * looking at another one. Nothing from another laptop is applied in the middle of a composition.
 */
import { undo } from "prosemirror-history";
import type { Node } from "prosemirror-model";
import { EditorState, type Plugin, Selection, TextSelection, type Transaction } from "prosemirror-state";
import { canJoin } from "prosemirror-transform";
import { EditorView } from "prosemirror-view";
import { tick, untrack } from "svelte";
import { asFailure, type CommentRow, type Edited, type Failure, type Host, type Run } from "../host/host";
import type { Settings } from "../settings/settings.svelte";
import { t } from "../shared/i18n.svelte";
import { Autosave, type Batch, type SaveState } from "./autosave.svelte";
import {
  cutAt,
  docFromRuns,
  docPosition,
  endsParagraph,
  flatPosition,
  opsFromSteps,
  opsFromTransaction,
} from "./binding";
import { Comments } from "./comments.svelte";
import type { Stretch } from "./flat";
import { difference, localSteps, rebase, withoutSteps } from "./merge";
import { blockAt, pluginsFor, setBlock } from "./plugins";
import { commentAt, mark, placeOf } from "./remarks";
import type { Block } from "./schema";

export type DeskState =
  | { kind: "empty" }
  | { kind: "opening"; scene: string }
  | { kind: "open"; scene: string }
  | { kind: "failed"; scene: string; failure: Failure };

type Reports = {
  onEdited: (scene: string, edited: Edited) => void;
  onRemote: () => void;
};

type Kept = { state: EditorState; scroll: number };

/** What is wrong with the open scene, and its last text that could be read whole. */
export type Damage = { message: string; lastGood: Run[] | null };

/** Changed elsewhere; refused as it was sent; or made into another text at the author's own wish. */
type Reason = "changed" | "refused" | "reshaped";

const REMOTE = "seshat-remote";
/** Scenes whose undo is kept; the oldest goes first. */
const KEPT = 24;

export class Desk {
  state = $state.raw<DeskState>({ kind: "empty" });
  words = $state(0);
  block = $state("body");
  /** Grows with every edit of the author's own: what the focus mode counts its silence from. */
  strokes = $state(0);
  damage = $state.raw<Damage | null>(null);
  readonly comments: Comments;
  saving = $state.raw<Autosave | null>(null);
  readonly #host: Host;
  readonly #novel: { id: string; language: string };
  readonly #reports: Reports;
  readonly #plugins: Plugin[];
  readonly #kept = new Map<string, Kept>();
  #view: EditorView | null = null;
  #turn: Promise<void> = Promise.resolve();
  #wanted: string | null = null;
  /** What was still being opened when the vault was locked is not shown any more. */
  #forgotten = false;
  /** Why the open scene has to be opened again; null when it has not. */
  #again: Reason | null = null;
  /** Scenes that were left with words that the host has not taken yet: they are still being tried. */
  readonly #left = new Set<Autosave>();
  #refreshing: Promise<void> | null = null;

  constructor(host: Host, novel: { id: string; language: string }, settings: Settings, reports: Reports) {
    this.#plugins = pluginsFor({ language: novel.language, settings });
    this.#host = host;
    this.#novel = novel;
    this.#reports = reports;
    this.comments = new Comments(host, novel.id, {
      flushed: () => this.flush(),
      selection: () => this.selection,
      stretch: (id) => this.#stretchOf(id),
      draw: (rows) => this.#draw(rows),
    });
  }

  get saveState(): SaveState {
    return this.saving?.state ?? { kind: "saved" };
  }

  get scene(): string | null {
    return this.state.kind === "empty" ? null : this.state.scene;
  }

  /**
   * Puts the editor into the page. Called once by the page, which gets the way to take it out again. Untracked,
   * because a page that made a new editor at every change of state would lose what is being typed.
   */
  mount(place: HTMLElement): () => void {
    const view = untrack(() => this.#makeView(place));
    this.#view = view;
    return () => {
      view.destroy();
      this.#view = null;
    };
  }

  #makeView(place: HTMLElement): EditorView {
    return new EditorView(place, {
      state: EditorState.create({ doc: docFromRuns([]), plugins: this.#plugins }),
      dispatchTransaction: (transaction) => this.#dispatch(transaction),
      scrollThreshold: 48,
      scrollMargin: 96,
      editable: () => this.state.kind !== "empty",
      attributes: () => ({
        "data-testid": "editor",
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": t("write.editor"),
        spellcheck: "true",
        lang: this.#novel.language,
      }),
    });
  }

  /** Opens a scene; when several are asked for at once, the last one wins. */
  open(scene: string): Promise<void> {
    this.#wanted = scene;
    const turn = this.#turn.then(() => (this.#wanted === scene ? this.#open(scene) : undefined));
    this.#turn = turn;
    return turn;
  }

  /** Only after the page is drawn: an element that is still hidden takes no focus. */
  async focus(): Promise<void> {
    await tick();
    this.#view?.focus();
  }

  focusEnd(): void {
    const view = this.#view;
    if (!view) return;
    view.dispatch(view.state.tr.setSelection(Selection.atEnd(view.state.doc)));
    view.focus();
  }

  /** Selects a stretch of the text and brings it into sight. */
  async show({ from, to }: Stretch): Promise<void> {
    await tick();
    const view = this.#view;
    if (!view) return;
    this.#select(docPosition(view.state.doc, from), docPosition(view.state.doc, to));
  }

  /** Selects what a comment is about. */
  async showComment(id: string): Promise<void> {
    await tick();
    const place = this.#view && placeOf(this.#view.state, id);
    if (place) this.#select(place.from, place.to);
    this.#view?.focus();
  }

  #stretchOf(id: string): Stretch | null {
    const view = this.#view;
    const place = view && placeOf(view.state, id);
    if (!place) return null;
    return { from: flatPosition(view.state.doc, place.from), to: flatPosition(view.state.doc, place.to) };
  }

  #select(from: number, to: number): void {
    const view = this.#view;
    if (!view) return;
    const selection = TextSelection.create(view.state.doc, from, to);
    view.dispatch(view.state.tr.setSelection(selection).scrollIntoView());
  }

  /** What is selected; `from` and `to` are the same where it is only a cursor. */
  get selection(): Stretch | null {
    const view = this.#view;
    if (!view || this.state.kind !== "open") return null;
    const { doc, selection } = view.state;
    return { from: flatPosition(doc, selection.from), to: flatPosition(doc, selection.to) };
  }

  /** Where the cursor cuts the text in two. At the beginning of a paragraph its newline goes with it. */
  get cut(): number | null {
    const view = this.#view;
    if (!view || this.state.kind !== "open") return null;
    return cutAt(view.state.doc, view.state.selection.from);
  }

  /** Whether a newline stands at this place of the flat text, or its end. */
  startsParagraph(flat: number): boolean {
    const doc = this.#view?.state.doc;
    return !doc || flat >= this.length || endsParagraph(doc, docPosition(doc, flat));
  }

  /** Makes one paragraph of the two that meet at this place, as Backspace does. */
  joinAt(flat: number): void {
    const view = this.#view;
    if (!view) return;
    const between = docPosition(view.state.doc, flat) + 1;
    if (canJoin(view.state.doc, between)) view.dispatch(view.state.tr.join(between));
  }

  /** Units of the flat text. */
  get length(): number {
    const doc = this.#view?.state.doc;
    return doc ? doc.content.size - doc.childCount : 0;
  }

  /**
   * Something that makes another text of the open scene: everything is sent first, nothing is sent meanwhile, and
   * the scene is opened again afterwards with what was typed meanwhile laid over it. False: it was not even begun.
   */
  async reshape(work: () => Promise<unknown>): Promise<boolean> {
    const { saving } = this;
    if (!saving) {
      await work();
      return true;
    }
    await this.#refreshing;
    if (!(await this.flush())) return false;
    await saving.hold();
    try {
      await work();
    } catch (thrown) {
      saving.resume();
      throw thrown;
    }
    await this.refresh("reshaped");
    return true;
  }

  /** Puts text where the cursor is, as if it were typed. */
  type(text: string): void {
    const view = this.#view;
    view?.dispatch(view.state.tr.insertText(text));
  }

  undo(): void {
    const view = this.#view;
    if (view) undo(view.state, view.dispatch);
  }

  setBlock(block: Block): void {
    const view = this.#view;
    if (!view) return;
    setBlock(block)(view.state, view.dispatch);
    view.focus();
  }

  /** Everything to the host and to the disk. True: it is there. */
  async flush(): Promise<boolean> {
    const all = [...this.#left, ...(this.saving ? [this.saving] : [])];
    const sent = await Promise.all(all.map((saving) => saving.flush()));
    if (sent.includes(false)) return false;
    try {
      await this.#host.flush();
      return true;
    } catch {
      return false;
    }
  }

  /** Before locking or leaving the novel: sends, closes, and forgets every text. */
  async leave(): Promise<boolean> {
    this.#wanted = null;
    await this.#turn;
    const scene = this.scene;
    const done = await this.flush();
    if (!done) return false;
    this.saving = null;
    this.state = { kind: "empty" };
    this.#kept.clear();
    this.damage = null;
    this.comments.forget();
    if (scene) await this.#host.closeScene(this.#novel.id, scene).catch(() => undefined);
    return true;
  }

  /** The vault was locked, whoever locked it: no text, no undo, nothing waiting to be sent stays here. */
  forget(): void {
    this.#forgotten = true;
    this.#wanted = null;
    this.#again = null;
    for (const saving of [...this.#left, ...(this.saving ? [this.saving] : [])]) saving.drop();
    this.#left.clear();
    this.#kept.clear();
    this.saving = null;
    this.state = { kind: "empty" };
    this.words = 0;
    this.damage = null;
    this.comments.forget();
    this.#view?.updateState(EditorState.create({ doc: docFromRuns([]), plugins: this.#plugins }));
  }

  /** The open scene changed elsewhere. Several calls at once become one, and one more behind it. */
  refresh(reason: Reason = "changed"): Promise<void> {
    this.#again = this.#again === "reshaped" ? "reshaped" : reason;
    this.#refreshing ??= this.#refreshAll().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #open(scene: string): Promise<void> {
    const old = this.state.kind === "open" ? this.state.scene : null;
    if (old === scene) return;
    if (!(await this.#settled())) return;
    if (!old) this.state = { kind: "opening", scene };
    try {
      const opened = await this.#host.openScene(this.#novel.id, scene);
      if (this.#forgotten) return;
      const leaving = this.saving;
      this.#keep(old);
      this.saving = this.#autosave(scene, opened);
      this.state = { kind: "open", scene };
      this.words = opened.words;
      this.damage = damageOf(opened);
      this.comments.take(scene, opened.comments);
      this.#show(scene, docFromRuns(opened.runs));
      if (old) await this.#close(old, leaving);
    } catch (thrown) {
      if (!this.#forgotten) this.state = { kind: "failed", scene, failure: asFailure(thrown) };
    }
  }

  /** Everything of the open scene is at the host. False: it cannot be, and the scene stays on the desk. */
  async #settled(): Promise<boolean> {
    await this.#refreshing;
    if ((await this.saving?.flush()) ?? true) return true;
    await this.#refreshing;
    return (await this.saving?.flush()) ?? true;
  }

  /** A scene whose last words did not get through is not closed: closing would end the opening they belong to. */
  async #close(scene: string, saving: Autosave | null): Promise<void> {
    if (saving && !(await saving.flush())) {
      this.#left.add(saving);
      return;
    }
    await this.#host.closeScene(this.#novel.id, scene).catch(() => undefined);
  }

  #autosave(scene: string, opened: { session: number; sequence: number }): Autosave {
    const novel = this.#novel.id;
    const saving: Autosave = new Autosave(
      { session: opened.session, sequence: opened.sequence },
      (opening, ops) => this.#host.editScene({ novel, scene, ...opening, ops }),
      {
        onEdited: (edited) => {
          if (this.scene === scene) this.words = edited.words;
          this.#left.delete(saving);
          this.#reports.onEdited(scene, edited);
        },
        onStale: () => this.saving === saving && void this.refresh(),
        onRefused: () => this.saving === saving && void this.refresh("refused"),
      },
    );
    return saving;
  }

  #keep(scene: string | null): void {
    if (!scene || !this.#view) return;
    this.#kept.delete(scene);
    this.#kept.set(scene, { state: this.#view.state, scroll: this.#scroller?.scrollTop ?? 0 });
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  #show(scene: string, doc: Node): void {
    const kept = this.#kept.get(scene);
    let state = kept?.state ?? EditorState.create({ doc, plugins: this.#plugins });
    if (kept && !kept.state.doc.eq(doc)) {
      const tr = kept.state.tr;
      rebase(tr, [], doc);
      state = kept.state.apply(tr.setMeta("addToHistory", false));
    }
    this.#view?.updateState(state);
    this.#draw(this.comments.drawn);
    this.block = blockAt(state);
    if (this.#scroller) this.#scroller.scrollTop = kept?.scroll ?? 0;
  }

  get #scroller(): Element | null {
    return this.#view?.dom.closest("[data-scroller]") ?? null;
  }

  #dispatch(transaction: Transaction): void {
    const view = this.#view;
    if (!view) return;
    const { state, transactions } = view.state.applyTransaction(transaction);
    if (transaction.docChanged && !transaction.getMeta(REMOTE)) {
      for (const tr of transactions)
        this.saving?.take({ ops: opsFromTransaction(tr), steps: localSteps(tr) });
      this.strokes += 1;
    }
    view.updateState(state);
    this.block = blockAt(state);
    this.comments.here = commentAt(state);
  }

  /** Comments whose places are those of the text as it stands. */
  #draw(rows: readonly CommentRow[]): void {
    const view = this.#view;
    if (view) view.dispatch(mark(view.state.tr, rows, view.state.doc).setMeta("addToHistory", false));
  }

  async #refreshAll(): Promise<void> {
    while (this.#again) {
      const reason = this.#again;
      this.#again = null;
      await this.#refresh(reason);
    }
  }

  async #refresh(reason: Reason): Promise<void> {
    const scene = this.scene;
    const saving = this.saving;
    if (this.state.kind !== "open" || !saving || !scene) return;
    const stale = saving.state.kind === "failed" && saving.state.failure.code === "stale";
    // A batch that failed for another reason may be in the host already: it is sent again under its number first.
    if (!stale && reason === "changed" && !(await saving.flush())) return;
    await saving.hold();
    try {
      const opened = await this.#host.openScene(this.#novel.id, scene);
      await this.#composed();
      if (this.saving !== saving) return;
      this.comments.take(scene, opened.comments);
      saving.adopt(opened, this.#merge(saving, docFromRuns(opened.runs), reason));
      this.words = opened.words;
      this.damage = damageOf(opened);
    } catch {
      saving.resume();
    }
  }

  #merge(saving: Autosave, wanted: Node, reason: Reason): Batch {
    const view = this.#view;
    // The same text here and there: the answer to the last batch was lost, not the batch.
    if (!view || view.state.doc.eq(wanted)) {
      this.#draw(this.comments.drawn);
      return { ops: [], steps: [] };
    }
    const unsent = saving.unsent;
    if (reason === "refused" && withoutSteps(view.state.doc, unsent).eq(wanted)) {
      const found = difference(wanted, view.state.doc);
      return { ops: opsFromTransaction(found), steps: localSteps(found) };
    }
    const tr = view.state.tr;
    const first = rebase(tr, unsent, wanted);
    tr.setMeta(REMOTE, true).setMeta("addToHistory", false).setMeta("rebased", unsent.length);
    const batch = { ops: opsFromSteps(tr, first), steps: localSteps(tr).slice(first) };
    view.dispatch(mark(tr, this.comments.drawn, wanted, tr.mapping.slice(first)));
    if (reason !== "reshaped") this.#reports.onRemote();
    return batch;
  }

  #composed(): Promise<void> {
    const view = this.#view;
    if (!view?.composing) return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => {
        if (view.isDestroyed || !view.composing) resolve();
        else setTimeout(look, 50);
      };
      look();
    });
  }
}

function damageOf(opened: { damage: string | null; last_good: Run[] | null }): Damage | null {
  return opened.damage === null ? null : { message: opened.damage, lastGood: opened.last_good };
}
