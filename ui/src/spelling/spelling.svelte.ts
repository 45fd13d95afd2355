/**
 * The spelling of one novel: what the host calls misspelt, what the author says about that, and the menu at a word.
 *
 * **Guarantees:** a paragraph that did not change is not asked about again; what the author ignores is forgotten with
 * the novel; nothing of a text is kept once its paragraph is gone.
 */
import type { Node } from "prosemirror-model";
import { asFailure, type Host, type SpellingFacts, type SpellPiece } from "../host/host";
import type { Settings } from "../settings/settings.svelte";

/** A misspelt word of a paragraph, in its UTF-16 units. */
export type Misspelt = { readonly from: number; readonly to: number; readonly word: string };

/** The menu at a word that stands in an editor. */
export type Asked = {
  readonly word: string;
  readonly suggestions: readonly string[];
  readonly at: { x: number; y: number };
  /** Puts another word there, as one thing to undo. */
  readonly replace: (word: string) => void;
  /** Gives the focus back to the text. */
  readonly back: () => void;
};

/** An editor whose words are checked. */
export interface Checked {
  /** Where it stands on the page. */
  readonly dom: Element;
  /** Checks what is unknown and draws it. */
  check(): Promise<void>;
  /** Draws again what is known, for somebody said something about it. */
  redraw(): void;
}

/** Units of text in one question. */
const MOST = 12_000;
/** Milliseconds that the menu waits for suggestions before it comes without. */
const PATIENCE = 1500;

export class Spelling {
  /** The menu, while it is open. */
  menu = $state.raw<Asked | null>(null);
  /** The author's own words and the dictionaries; null until somebody asked. */
  facts = $state.raw<SpellingFacts | null>(null);
  readonly #host: Host;
  readonly #novel: { readonly id: string };
  readonly #settings: Settings;
  readonly #editors = new Set<Checked>();
  readonly #ignored = new Set<string>();
  #known = new WeakMap<Node, readonly Misspelt[]>();
  #asking: Promise<unknown> = Promise.resolve();

  constructor(host: Host, novel: { readonly id: string }, settings: Settings) {
    this.#host = host;
    this.#novel = novel;
    this.#settings = settings;
  }

  get on(): boolean {
    return this.#settings.spelling;
  }

  /** The editors in the order of the page. */
  get editors(): Checked[] {
    const behind = (a: Checked, b: Checked) => a.dom.compareDocumentPosition(b.dom) & 4;
    return [...this.#editors].sort((a, b) => (behind(a, b) ? -1 : 1));
  }

  /** Answers with the way out. */
  join(editor: Checked): () => void {
    this.#editors.add(editor);
    return () => this.#editors.delete(editor);
  }

  knows(paragraph: Node): boolean {
    return this.#known.has(paragraph);
  }

  /** What is misspelt in a paragraph, as far as it is known. */
  misspelt(paragraph: Node): readonly Misspelt[] {
    const found = this.#known.get(paragraph) ?? [];
    return this.#ignored.size === 0 ? found : found.filter(({ word }) => !this.#ignored.has(word));
  }

  /** Asks the host about paragraphs, one question after the other. `heard` is called whenever some became known. */
  async judge(paragraphs: readonly Node[], heard: () => void): Promise<void> {
    for (const some of batches(paragraphs)) {
      const mine = this.#asking.then(() => this.#ask(some));
      this.#asking = mine;
      if (!(await mine)) return;
      heard();
    }
  }

  /** False: the host cannot say now, and is asked again with the next edit. */
  async #ask(paragraphs: readonly Node[]): Promise<boolean> {
    const known = this.#known;
    const unknown = paragraphs.filter((one) => !known.has(one));
    if (unknown.length === 0) return true;
    const texts = unknown.map(piecesOf);
    try {
      const found = await this.#host.misspelt(this.#novel.id, texts);
      unknown.forEach((paragraph, index) => {
        const text = texts[index]?.map((piece) => piece.text).join("") ?? "";
        const words = (found[index] ?? []).map(({ from, to }) => ({ from, to, word: text.slice(from, to) }));
        known.set(paragraph, words);
      });
      return true;
    } catch {
      return false;
    }
  }

  /** Opens the menu for a word. */
  async ask(word: string, language: string | null, rest: Omit<Asked, "word" | "suggestions">): Promise<void> {
    const asked = this.#host.spellingSuggestions(this.#novel.id, language, word).catch(() => []);
    const tired = new Promise<string[]>((resolve) => setTimeout(() => resolve([]), PATIENCE));
    this.menu = { word, suggestions: await Promise.race([asked, tired]), ...rest };
  }

  close(): void {
    const { menu } = this;
    this.menu = null;
    menu?.back();
  }

  /** Right for as long as the novel is open. */
  ignore(word: string): void {
    this.#ignored.add(word);
    for (const editor of this.#editors) editor.redraw();
  }

  /** Right in this novel, on every laptop. Throws what the host says. */
  async add(word: string): Promise<void> {
    await this.#host.addOwnWord(this.#novel.id, word);
    await this.again();
  }

  async remove(word: string): Promise<void> {
    this.#ignored.delete(word);
    await this.#host.removeOwnWord(this.#novel.id, word);
    await this.again();
  }

  /** Null: the author closed the question. */
  async addDictionary(language: string): Promise<string | null> {
    const added = await this.#host.chooseDictionary(language);
    if (added !== null) await this.again();
    return added;
  }

  async removeDictionary(language: string): Promise<void> {
    await this.#host.removeDictionary(language);
    await this.again();
  }

  /** What judges changed, here or on another laptop: everything is asked anew. */
  async again(): Promise<void> {
    this.#known = new WeakMap();
    await this.load().catch(() => undefined);
    await Promise.all([...this.#editors].map((editor) => editor.check()));
  }

  /** Turned on or off. */
  turned(): void {
    for (const editor of this.#editors) {
      editor.redraw();
      void editor.check();
    }
  }

  async load(): Promise<void> {
    try {
      this.facts = await this.#host.spelling(this.#novel.id);
    } catch (thrown) {
      throw asFailure(thrown);
    }
  }

  /** Another laptop changed the novel: perhaps its words. */
  async heard(): Promise<void> {
    const before = this.facts?.words.join("\n");
    await this.load().catch(() => undefined);
    if (before === undefined || this.facts?.words.join("\n") !== before) await this.again();
  }

  /** The vault was locked: no word stays here. */
  forget(): void {
    this.menu = null;
    this.facts = null;
    this.#ignored.clear();
    this.#known = new WeakMap();
  }
}

function batches(paragraphs: readonly Node[]): Node[][] {
  const all: Node[][] = [];
  let room = 0;
  for (const paragraph of paragraphs) {
    if (room < paragraph.content.size || all.length === 0) {
      all.push([]);
      room = MOST;
    }
    all.at(-1)?.push(paragraph);
    room -= paragraph.content.size;
  }
  return all;
}

/** A paragraph as the host reads it: one unit for each position, cut where the language changes. */
function piecesOf(paragraph: Node): SpellPiece[] {
  const pieces: SpellPiece[] = [];
  paragraph.forEach((child) => {
    const tag = child.marks.find((mark) => mark.type.name === "language")?.attrs.tag;
    const language = typeof tag === "string" ? tag : null;
    const text = child.text ?? (child.type.name === "break" ? "\n" : "\ufffc".repeat(child.nodeSize));
    const last = pieces.at(-1);
    if (last && last.language === language) last.text += text;
    else pieces.push({ text, language });
  });
  return pieces;
}
