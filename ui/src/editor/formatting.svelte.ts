/**
 * The bar over a selection: what it shows, where it stands, and what its buttons do in the editor that has the focus.
 *
 * **Guarantees:** it takes no focus by itself and comes only to a selection that is finished: not while the mouse is
 * down, not inside a composition. Escape sends it away until something else is selected.
 */
import { keydownHandler } from "prosemirror-keymap";
import { type Command, type EditorState, Plugin } from "prosemirror-state";
import { Decoration, DecorationSet, type EditorView } from "prosemirror-view";
import {
  alignAt,
  blockAt,
  clearFormats,
  type Format,
  formatsAt,
  insertSceneBreak,
  linkAt,
  setAlign,
  setLink,
  toggleBlock,
  toggleFormat,
} from "./formatting";
import { followable } from "./paste-html";

type Box = { left: number; right: number; top: number; bottom: number };

export type Shown = {
  formats: ReadonlySet<Format>;
  block: string;
  align: string | null;
  /** The address of the link that the selection begins in. */
  link: string | null;
  at: Box;
};

class Formatting {
  shown = $state.raw<Shown | null>(null);
  /** The row of buttons, the kinds of paragraph with it, or the address of a link. */
  part = $state<"marks" | "blocks" | "link">("marks");
  /** Asked for by a key: the bar takes the focus, and stands at a cursor too. */
  asked = $state(false);
  #view: EditorView | null = null;
  /** The mouse is down in the text: the selection is not finished. */
  #down = false;
  /** Sent away for this selection. */
  #away: { from: number; to: number } | null = null;

  /** The editor's state or focus has changed. */
  look(view: EditorView): void {
    if (view.hasFocus()) this.#view = view;
    if (view === this.#view) this.shown = this.#wanted(view) ? this.#read(view) : null;
    if (!this.shown) this.part = "marks";
  }

  /** The editor is gone: nothing here holds it, or its text, any longer. */
  leave(view: EditorView): void {
    if (view !== this.#view) return;
    this.#view = null;
    this.#away = null;
    this.shown = null;
    this.asked = false;
  }

  #wanted(view: EditorView): boolean {
    if (this.asked) return true;
    const { selection } = view.state;
    const { from, to, empty } = selection;
    if (empty || this.#down || view.composing || !view.hasFocus()) return false;
    if (this.#away?.from === from && this.#away.to === to) return false;
    this.#away = null;
    return view.state.doc.textBetween(from, to).trim() !== "";
  }

  #read(view: EditorView): Shown {
    const { state } = view;
    const { from, to } = state.selection;
    const [a, b] = [view.coordsAtPos(from, 1), view.coordsAtPos(to, -1)];
    const sameLine = Math.abs(a.top - b.top) < 4;
    const text = view.dom.getBoundingClientRect();
    const at = {
      left: sameLine ? Math.min(a.left, b.left) : text.left,
      right: sameLine ? Math.max(a.right, b.right) : text.right,
      top: Math.min(a.top, b.top),
      bottom: Math.max(a.bottom, b.bottom),
    };
    const link = linkAt(state)?.href ?? null;
    return { formats: formatsAt(state), block: blockAt(state), align: alignAt(state), link, at };
  }

  /** Again, because the page moved under it. */
  place(): void {
    if (this.#view && this.shown) this.shown = this.#read(this.#view);
  }

  /** The bar with the focus in it: its first button, or the field for a link. */
  ask(part: "marks" | "link"): boolean {
    const view = this.#view;
    if (!view || view.isDestroyed) return false;
    this.#away = null;
    this.asked = true;
    this.look(view);
    this.part = part;
    view.setProps({});
    return true;
  }

  /** The selection as it is drawn while the focus is in the bar, where the editor's own is not to be seen. */
  chosen(state: EditorState): DecorationSet | null {
    const { from, to, empty } = state.selection;
    if (!this.asked || empty || this.#view?.state !== state) return null;
    return DecorationSet.create(state.doc, [Decoration.inline(from, to, { class: "chosen" })]);
  }

  press(down: boolean, view: EditorView): void {
    this.#down = down;
    if (!view.isDestroyed) this.look(view);
  }

  /** Back to the text; the bar stays away from this selection. */
  dismiss(): void {
    const view = this.#view;
    this.asked = false;
    this.part = "marks";
    this.shown = null;
    if (!view || view.isDestroyed) return;
    const { from, to } = view.state.selection;
    this.#away = { from, to };
    view.setProps({});
    view.focus();
  }

  /** The focus went elsewhere, and not into the bar. */
  blurred(): void {
    // Drawn anew only where there is something to take away: an editor that is drawn while it loses the focus takes
    // the focus back.
    const drawn = this.asked;
    this.asked = false;
    this.shown = null;
    if (drawn && this.#view && !this.#view.isDestroyed) this.#view.setProps({});
  }

  /** Does something in the text. The focus stays where it is, so that the next button can follow. */
  run(command: Command): void {
    const view = this.#view;
    if (!view || view.isDestroyed || !view.editable) return;
    command(view.state, view.dispatch, view);
    if (!this.asked) view.focus();
    this.look(view);
  }

  /** False: it is no address that a reader may follow. An empty one takes the link away. */
  link(given: string): boolean {
    const href = given.trim() === "" ? null : addressOf(given.trim());
    if (href === undefined) return false;
    this.run(setLink(href));
    this.dismiss();
    return true;
  }
}

/** What was meant by what was typed; undefined: nothing that can be followed. */
function addressOf(given: string): string | undefined {
  const whole = /^[a-z][a-z0-9+.-]*:/i.test(given) && !/^[^/]+:\d/.test(given);
  const mail = /^[^\s/@]+@[^\s/@]+\.[^\s/@]+$/.test(given);
  const host = /^[^\s/@:]+\.[^\s/@:.]{2,}(:\d+)?([/?#]|$)/.test(given);
  const meant = whole ? given : mail ? `mailto:${given}` : host ? `https://${given}` : "";
  return followable(meant) ?? undefined;
}

/** One for the window: a selection is in one editor at a time. */
export const formatting = new Formatting();

export const FORMAT_BAR = "[data-format-bar]";

const asks =
  (part: "marks" | "link"): Command =>
  (_state, dispatch, view) => {
    if (dispatch && view) formatting.look(view);
    return dispatch ? formatting.ask(part) : true;
  };

/** The keys of formatting; the key sheet has them from `palette/acts.ts`. */
const KEYS: Record<string, Command> = {
  "Mod-Shift-x": toggleFormat("strike"),
  "Mod-Shift-s": toggleFormat("smallcaps"),
  "Mod-.": toggleFormat("superscript"),
  "Mod-Space": clearFormats,
  "Mod-Shift-0": toggleBlock("body"),
  "Mod-Shift-1": toggleBlock("heading"),
  "Mod-Shift-2": toggleBlock("quote"),
  "Mod-Shift-3": toggleBlock("verse"),
  "Mod-Shift-4": toggleBlock("letter"),
  "Mod-Shift-5": insertSceneBreak,
  "Mod-Shift-6": setAlign(null),
  "Mod-Shift-7": setAlign("center"),
  "Mod-Shift-8": setAlign("right"),
  "Mod-Shift-9": setAlign("justify"),
  "Mod-Shift-k": asks("link"),
  "Alt-F10": asks("marks"),
  Escape: () => {
    if (!formatting.shown) return false;
    formatting.dismiss();
    return true;
  },
};

/** The keys, and word to the bar of this editor's selection and focus. */
export function formats(): Plugin {
  return new Plugin({
    view: (view) => ({
      update: (view, before) => {
        if (formatting.shown || !view.state.selection.empty || !before.selection.empty) formatting.look(view);
      },
      destroy: () => formatting.leave(view),
    }),
    props: {
      handleKeyDown: keydownHandler(KEYS),
      decorations: (state) => formatting.chosen(state),
      handleDOMEvents: {
        focus: (view) => {
          if (!formatting.asked) formatting.look(view);
          return false;
        },
        blur: (_view, event) => {
          const to = event.relatedTarget;
          if (!formatting.asked && !(to instanceof Element && to.closest(FORMAT_BAR))) formatting.blurred();
          return false;
        },
        mousedown: (view) => {
          formatting.asked = false;
          formatting.press(true, view);
          window.addEventListener("mouseup", () => setTimeout(() => formatting.press(false, view)), {
            once: true,
          });
          return false;
        },
      },
    },
  });
}
