/**
 * Finding and replacing in the scene with the cursor: what the bar over the page asks and shows.
 *
 * **Guarantees:** leaving the bar leaves the cursor at the place that was found; closing it, or locking, forgets what
 * was looked for as far as the page goes; only one editor draws places at a time.
 */
import { TextSelection } from "prosemirror-state";
import type { EditorView } from "prosemirror-view";
import type { Stretch } from "./flat";
import type { How } from "./seek";
import { ask, markedWords, nextPlace, placeAt, placesIn, replace } from "./seeking";
import { settle } from "./typewriter";

/** What the desk has of it: the editor with the cursor. */
type Around = { readonly view: EditorView | null };

/** More than a sentence is not looked for. */
const LONGEST = 200;

export class Seek {
  open = $state(false);
  text = $state("");
  with = $state("");
  replacing = $state(false);
  case = $state<How["case"]>("ignored");
  words = $state<How["words"]>("any");
  /** How many places there are, and which one is selected; 0: none of them. */
  places = $state(0);
  at = $state(0);
  /** How many places the last replacing changed. */
  replaced = $state<number | null>(null);
  /** Grows when the field should have the focus with its words selected. */
  called = $state(0);
  readonly #desk: Around;
  readonly #words: Intl.Segmenter;
  #asked: EditorView | null = null;
  /** Where the looking began, so that one more letter does not run on to the next place. */
  #from = 0;

  constructor(desk: Around, language: string) {
    this.#desk = desk;
    this.#words = segmenter(language);
  }

  /** Opens the bar, with the selected words of one line if there are any. */
  begin(): void {
    const view = this.#desk.view;
    if (view) {
      const marked = markedWords(view.state);
      if (marked !== "" && marked.length <= LONGEST) this.text = marked;
      this.#from = view.state.selection.from;
    }
    this.open = true;
    this.called += 1;
    this.look();
  }

  /** Looks again in the editor with the cursor; the author has another one now, or asks for something else. */
  look(): void {
    const view = this.#desk.view;
    if (this.#asked && this.#asked !== view && !this.#asked.isDestroyed) ask(this.#asked, null);
    this.#asked = view;
    this.replaced = null;
    [this.places, this.at] = [0, 0];
    if (!view) return;
    const question = {
      text: this.text,
      how: { case: this.case, words: this.words },
      words: this.#words,
      heard: (places: number, at: number) => {
        [this.places, this.at] = [places, at];
      },
    };
    ask(view, this.open && this.text !== "" ? question : null);
  }

  /** Something else was typed: the first place from where the looking began is shown. */
  typed(): void {
    this.look();
    const view = this.#desk.view;
    if (!view) return;
    const places = placesIn(view.state);
    const place = places.find(({ from }) => from >= this.#from) ?? places[0];
    if (place) this.#select(view, place);
  }

  go(by: 1 | -1): void {
    if (!this.open) this.begin();
    const view = this.#desk.view;
    const place = view && nextPlace(view.state, by);
    if (!view || !place) return;
    this.#select(view, place);
    this.#from = place.from;
  }

  /** Replaces the place that is selected and goes on to the next; without one it only goes there. */
  replaceOne(): void {
    const view = this.#desk.view;
    const place = view && placesIn(view.state)[placeAt(view.state)];
    if (!view || !place) {
      this.go(1);
      return;
    }
    view.dispatch(replace(view.state, [place], this.with));
    const behind = Math.min(place.from + this.with.length, view.state.doc.content.size);
    view.dispatch(view.state.tr.setSelection(TextSelection.near(view.state.doc.resolve(behind))));
    this.go(1);
    this.replaced = 1;
  }

  replaceAll(): void {
    const view = this.#desk.view;
    if (!view) return;
    const places = placesIn(view.state);
    if (places.length > 0) view.dispatch(replace(view.state, places, this.with));
    this.replaced = places.length;
  }

  /** Back to the text, where the last place was found. */
  close(): void {
    this.open = false;
    this.look();
    this.#desk.view?.focus();
  }

  /** The vault was locked, or another novel is opened. */
  forget(): void {
    this.open = false;
    this.#asked = null;
    [this.text, this.with, this.places, this.at] = ["", "", 0, 0];
  }

  #select(view: EditorView, { from, to }: Stretch): void {
    const selection = TextSelection.create(view.state.doc, from, to);
    view.dispatch(view.state.tr.setSelection(selection));
    // The editor itself only scrolls for a cursor of its own, and that is in the bar now.
    settle(view, "near");
  }
}

/** A novel may name a language that nobody knows. */
function segmenter(language: string): Intl.Segmenter {
  try {
    return new Intl.Segmenter(language, { granularity: "word" });
  } catch {
    return new Intl.Segmenter(undefined, { granularity: "word" });
  }
}
