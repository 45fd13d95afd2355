/**
 * The scenes on the desk: the one with the cursor, those that the page shows around it, and those that are being let
 * go of. What one scene is and does is a {@link Sheet}; this says which there are.
 *
 * **Guarantees:** leaving a scene, losing the window's attention and locking send everything first. A scene that is
 * being opened replaces the old one in a single turn, so no key falls between the two. Undo of a scene survives
 * looking at another one. A sheet is let go of only when the host has all of it, and until then the same sheet comes
 * back. Only scenes that the page asks for, and the open one, have an editor.
 */
import type { EditorState } from "prosemirror-state";
import { untrack } from "svelte";
import { asFailure, type Edited, type Failure, type Host } from "../host/host";
import type { Settings } from "../settings/settings.svelte";
import { Spelling } from "../spelling/spelling.svelte";
import type { Autosave, SaveState } from "./autosave.svelte";
import { Comments } from "./comments.svelte";
import { crossing, enterAt, type Way } from "./crossing";
import { Images } from "./images.svelte";
import { OpenText } from "./open-text";
import { clipboard } from "./paste";
import { pluginsFor } from "./plugins";
import { type Around, Sheet, type Stroke } from "./sheet.svelte";
import { typing } from "./typography-plugin";

export type DeskState =
  | { kind: "empty" }
  | { kind: "opening"; scene: string }
  | { kind: "open"; scene: string }
  | { kind: "failed"; scene: string; failure: Failure };

export type Reports = {
  onEdited: (scene: string, edited: Edited) => void;
  onRemote: () => void;
  /** What the author did to the text of a scene, in the order of undo. */
  onStroke?: (scene: string, stroke: Stroke) => void;
  /** The cursor went into another scene of the page. */
  onEntered?: (scene: string) => void;
  /** The scene of the page before or behind this one; null: there is none. */
  beside?: (scene: string, way: Way) => string | null;
  /** Ctrl+Z and its like in the text. True: something other than the text took it. */
  onUndo?: (how: "undo" | "redo") => boolean;
};

type Kept = { state: EditorState; scroll: number };

/** Scenes whose undo is kept; the oldest goes first. */
const KEPT = 24;

export class Desk extends OpenText {
  state = $state.raw<DeskState>({ kind: "empty" });
  /** Grows with every edit of the author's own: what the focus mode counts its silence from. */
  strokes = $state(0);
  /** Every scene that the host has open for this page. */
  sheets = $state.raw<ReadonlyMap<string, Sheet>>(new Map());
  /** Scenes of the page that could not be opened. */
  failures = $state.raw<ReadonlyMap<string, Failure>>(new Map());
  /** How high scenes stood when they were last drawn, in CSS pixels. */
  readonly heights = new Map<string, number>();
  readonly spelling: Spelling;
  /** The page was put where another scene is. */
  onSight: (() => void) | null = null;
  #open = $state.raw<Sheet | null>(null);
  /** The novel's pictures. */
  readonly images: Images;
  readonly #none: Comments;
  readonly #host: Host;
  readonly #novel: { id: string; language: string };
  readonly #reports: Reports;
  readonly #around: Around;
  readonly #kept = new Map<string, Kept>();
  /** Where the page has room for a scene's editor. */
  readonly #places = new Map<string, HTMLElement>();
  /** Room for whichever scene is open, on a page that knows of no others. */
  #single: HTMLElement | null = null;
  /** Scenes that the page shows or is about to show. */
  #near: ReadonlySet<string> = new Set();
  #turn: Promise<unknown> = Promise.resolve();
  /** Scenes that are on their way onto the desk beside the open one, and sheets on their way off it. */
  readonly #coming = new Set<string>();
  readonly #going = new Set<Sheet>();
  /** Texts are being made into others: no scene is opened meanwhile. */
  #shaping: Promise<unknown> | null = null;
  #wanted: string | null = null;
  /** What was still being opened when the vault was locked is not shown any more. */
  #forgotten = false;

  constructor(host: Host, novel: { id: string; language: string }, settings: Settings, reports: Reports) {
    super();
    this.#host = host;
    this.#novel = novel;
    this.#reports = reports;
    this.images = new Images(host, novel.id);
    this.spelling = new Spelling(host, novel, settings);
    const copies = clipboard();
    this.#around = {
      host,
      novel,
      // Of its own for every scene: a plugin may hold what it knows of its editor.
      plugins: () =>
        pluginsFor({
          language: novel.language,
          settings,
          images: this.images,
          copies,
          spelling: this.spelling,
        }),
      typing: () => [typing({ language: novel.language, settings })],
      flush: () => this.flush(),
      onEdited: (sheet, edited) => this.#edited(sheet, edited),
      onRemote: () => reports.onRemote(),
      onStroke: (sheet, stroke) => this.#stroke(sheet, stroke),
      onEntered: (sheet) => this.#entered(sheet),
      onKey: (sheet, event) => this.#key(sheet, event),
    };
    const nothing = {
      flushed: async () => false,
      selection: () => null,
      stretch: () => null,
      draw: () => {},
    };
    this.#none = new Comments(host, novel.id, nothing);
  }

  override get sheet(): Sheet | null {
    return this.#open;
  }

  get scene(): string | null {
    return this.state.kind === "empty" ? null : this.state.scene;
  }

  get comments(): Comments {
    return this.#open?.comments ?? this.#none;
  }

  /** Of all sheets together: saved only when everything is. */
  get saveState(): SaveState {
    const states = this.#savings.map((saving) => saving.state);
    const worst =
      states.find(({ kind }) => kind === "failed") ?? states.find(({ kind }) => kind === "waiting");
    return worst ?? { kind: "saved" };
  }

  get #savings(): Autosave[] {
    return [...this.sheets.values()].map((sheet) => sheet.saving);
  }

  /**
   * Gives the page's one place to whichever scene is open. Called once by a page, which gets the way to take it out
   * again. Untracked, as {@link place}, because a page that made a new editor at every change of state would lose
   * what is being typed.
   */
  mount(place: HTMLElement): () => void {
    return untrack(() => {
      this.#single = place;
      this.#arrange();
      return () => {
        this.#open?.erase();
        this.#single = null;
      };
    });
  }

  /** Gives a scene of the page its place. */
  place(scene: string, place: HTMLElement): () => void {
    return untrack(() => {
      this.#places.set(scene, place);
      this.#arrange();
      return () => {
        if (this.#places.get(scene) !== place) return;
        this.#places.delete(scene);
        untrack(() => this.#arrange());
      };
    });
  }

  /** The scenes in sight or close to it, the nearest first: they get editors, the others lose theirs. */
  near(scenes: readonly string[]): void {
    this.#near = new Set(scenes);
    // One that would not open is tried again when the reader comes back to it.
    const failed = [...this.failures].filter(([scene]) => this.#near.has(scene));
    if (failed.length < this.failures.size) this.failures = new Map(failed);
    this.#arrange();
    for (const scene of scenes) {
      if (this.sheets.has(scene) || this.#coming.has(scene) || this.failures.has(scene)) continue;
      this.#coming.add(scene);
      void this.#inTurn(() => this.#bring(scene)).finally(() => this.#coming.delete(scene));
    }
  }

  /** When everything that is on its way onto the desk or off it has arrived. */
  async rest(): Promise<void> {
    await this.#turn;
  }

  /** Opens a scene; when several are asked for at once, the last one wins. */
  open(scene: string): Promise<void> {
    this.#wanted = scene;
    return this.#inTurn(() => (this.#wanted === scene ? this.#openScene(scene) : undefined));
  }

  /**
   * Something that makes another text of scenes on the desk: everything is sent first, nothing is sent meanwhile, and
   * the scenes are opened again afterwards with what was typed meanwhile laid over them. False: it was not even begun.
   */
  async reshape(work: () => Promise<unknown>): Promise<boolean> {
    await this.#turn;
    const shaping = this.#reshape(work);
    this.#shaping = shaping.catch(() => undefined);
    return shaping.finally(() => {
      this.#shaping = null;
    });
  }

  async #reshape(work: () => Promise<unknown>): Promise<boolean> {
    const sheets = [...this.sheets.values()];
    await Promise.all(sheets.map((sheet) => sheet.refreshed()));
    if (!(await this.flush())) return false;
    await Promise.all(sheets.map((sheet) => sheet.saving.hold()));
    try {
      await work();
    } catch (thrown) {
      for (const sheet of sheets) sheet.saving.resume();
      throw thrown;
    }
    await Promise.all(sheets.map((sheet) => sheet.refresh("reshaped")));
    return true;
  }

  /** Everything to the host and to the disk. True: it is there. */
  async flush(): Promise<boolean> {
    const sent = await Promise.all(this.#savings.map((saving) => saving.flush()));
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
    this.#near = new Set();
    await this.#turn;
    // A word that was typed while the last ones were written is not left behind either.
    do if (!(await this.flush())) return false;
    while (this.saveState.kind !== "saved");
    const scenes = [...this.sheets.keys()];
    this.#clear();
    await Promise.all(scenes.map((scene) => this.#closed(scene)));
    return true;
  }

  /** The vault was locked, whoever locked it: no text, no undo, nothing waiting to be sent stays here. */
  forget(): void {
    this.#forgotten = true;
    this.#wanted = null;
    this.#near = new Set();
    this.#clear();
  }

  #clear(): void {
    this.#open = null;
    this.state = { kind: "empty" };
    for (const sheet of this.sheets.values()) sheet.forget();
    this.images.forget();
    this.spelling.forget();
    this.sheets = new Map();
    this.failures = new Map();
    this.heights.clear();
    this.#kept.clear();
  }

  /** Scenes changed elsewhere: those that are on the desk are opened again. */
  async changed(scenes: readonly string[]): Promise<void> {
    await Promise.all(scenes.map((scene) => this.sheets.get(scene)?.refresh()));
  }

  /** Puts the cursor into a scene of the page, at its edge or where `x` is on the screen. */
  async enter(scene: string, edge: "start" | "end", x: number | null = null): Promise<void> {
    if (!this.sheets.get(scene)?.drawn) {
      await this.open(scene);
      this.#reports.onEntered?.(scene);
    }
    const sheet = this.sheets.get(scene);
    if (!sheet) return;
    sheet.selectEdge(edge);
    this.#entered(sheet);
    await sheet.focus();
    if (x !== null) enterAt(sheet, edge, x);
  }

  async #openScene(scene: string): Promise<void> {
    const old = this.#open;
    if (this.state.kind === "open" && old?.scene === scene) return;
    if (!((await old?.settled()) ?? true)) return;
    if (!old) this.state = { kind: "opening", scene };
    try {
      const sheet = await this.#load(scene);
      if (sheet) this.#turnTo(sheet, "asked");
    } catch (thrown) {
      if (this.#forgotten) return;
      this.#open = null;
      this.state = { kind: "failed", scene, failure: asFailure(thrown) };
      this.#arrange();
    }
  }

  /** A scene that the page shows beside the open one. */
  async #bring(scene: string): Promise<void> {
    if (!this.#near.has(scene) || !this.#places.has(scene)) return;
    try {
      await this.#load(scene);
      this.failures = without(this.failures, scene);
    } catch (thrown) {
      if (!this.#forgotten) this.failures = new Map(this.failures).set(scene, asFailure(thrown));
    }
    this.#arrange();
  }

  /** The scene's sheet, which is the same as before for as long as it is not let go of. Null: locked meanwhile. */
  async #load(scene: string): Promise<Sheet | null> {
    const there = this.sheets.get(scene);
    if (there) return there;
    await this.#shaping;
    const opened = await this.#host.openScene(this.#novel.id, scene);
    if (this.#forgotten) return null;
    const kept = this.#kept.get(scene);
    this.#kept.delete(scene);
    const sheet = new Sheet(this.#around, opened, kept?.state ?? null);
    sheet.scroll = kept?.scroll ?? 0;
    sheet.visited = kept !== undefined;
    this.sheets = new Map(this.sheets).set(scene, sheet);
    return sheet;
  }

  #turnTo(sheet: Sheet, how: "asked" | "cursor"): void {
    const old = this.#open;
    const focused = old?.view?.hasFocus() ?? false;
    const scroller = scrollerOf(old);
    if (old && scroller && alone(scroller)) old.scroll = scroller.scrollTop;
    this.#open = sheet;
    sheet.visited = true;
    this.state = { kind: "open", scene: sheet.scene };
    if (how === "cursor") return;
    const drawn = sheet.drawn;
    this.#arrange();
    if (drawn) this.#sight(sheet);
    if (focused) void sheet.focus();
  }

  /** Every sheet that is wanted and has a place gets its editor; those that are not wanted are let go of. */
  #arrange(): void {
    for (const sheet of this.sheets.values()) {
      if (!this.#isWanted(sheet)) void this.#putAway(sheet);
      else if (!sheet.drawn) this.#draw(sheet);
    }
  }

  #isWanted(sheet: Sheet): boolean {
    if (sheet === this.#open) return true;
    return this.#near.has(sheet.scene) && this.#places.has(sheet.scene);
  }

  #draw(sheet: Sheet): void {
    const place = this.#places.get(sheet.scene) ?? (sheet === this.#open ? this.#single : null);
    if (!place) return;
    sheet.draw(place);
    if (sheet === this.#open) this.#sight(sheet);
  }

  /** Where a scene that was asked for stands on the screen: as it was left, or at its beginning among others. */
  #sight(sheet: Sheet): void {
    const scroller = scrollerOf(sheet);
    if (!scroller) return;
    if (alone(scroller)) scroller.scrollTop = sheet.scroll;
    else sheet.view?.dom.closest("[data-leaf]")?.scrollIntoView();
    this.onSight?.();
  }

  /** A scene whose last words did not get through is not closed: closing would end the opening they belong to. */
  async #putAway(sheet: Sheet): Promise<void> {
    const { offsetHeight } = sheet.view?.dom ?? { offsetHeight: 0 };
    if (offsetHeight > 0) {
      this.heights.set(sheet.scene, offsetHeight);
      // In the same turn: a page that is shorter for a moment is scrolled back to its end.
      this.#places.get(sheet.scene)?.style.setProperty("min-block-size", `${offsetHeight}px`);
    }
    sheet.erase();
    if (this.#going.has(sheet)) return;
    this.#going.add(sheet);
    const gone = () => this.sheets.get(sheet.scene) !== sheet || this.#isWanted(sheet);
    await this.#inTurn(async () => {
      this.#going.delete(sheet);
      if (gone() || !(await sheet.settled()) || gone()) return;
      this.#keep(sheet);
      sheet.end();
      this.sheets = without(this.sheets, sheet.scene);
      await this.#closed(sheet.scene);
    });
  }

  async #closed(scene: string): Promise<void> {
    await this.#host.closeScene(this.#novel.id, scene).catch(() => undefined);
  }

  #keep(sheet: Sheet): void {
    this.#kept.delete(sheet.scene);
    // One that only went by has neither cursor nor undo.
    if (!sheet.visited) return;
    this.#kept.set(sheet.scene, { state: sheet.state, scroll: sheet.scroll });
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  #edited(sheet: Sheet, edited: Edited): void {
    this.#reports.onEdited(sheet.scene, edited);
    if (!this.#isWanted(sheet)) void this.#putAway(sheet);
  }

  #stroke(sheet: Sheet, stroke: Stroke): void {
    this.strokes += 1;
    this.#entered(sheet);
    this.#reports.onStroke?.(sheet.scene, stroke);
  }

  #entered(sheet: Sheet): void {
    if (sheet === this.#open || this.sheets.get(sheet.scene) !== sheet || !sheet.drawn) return;
    this.#turnTo(sheet, "cursor");
    this.#reports.onEntered?.(sheet.scene);
  }

  #key(sheet: Sheet, event: KeyboardEvent): boolean {
    const { onUndo, beside } = this.#reports;
    const crossed = crossing(sheet, event);
    if (crossed === "undo" || crossed === "redo") return onUndo?.(crossed) ?? false;
    if (crossed === null) return false;
    const scene = beside?.(sheet.scene, crossed.way) ?? null;
    if (scene === null) return false;
    void this.enter(scene, crossed.way > 0 ? "start" : "end", crossed.x);
    return true;
  }

  #inTurn(work: () => Promise<void> | undefined): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

const scrollerOf = (sheet: Sheet | null): Element | null =>
  sheet?.view?.dom.closest("[data-scroller]") ?? null;

/** Whether the page shows one scene only: then each has a scroll of its own. */
const alone = (scroller: Element): boolean => scroller.querySelectorAll("[data-leaf]").length < 2;

function without<T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  const left = new Map(map);
  left.delete(key);
  return left;
}
