/**
 * Keys at the edge of a scene: the way into the one before or behind it, and the text's undo.
 *
 * **Invariant:** nothing is taken while an input method is composing, nor with a selection that is being widened.
 */
import type { EditorView } from "prosemirror-view";
import { held } from "../views/keys";
import type { Sheet } from "./sheet.svelte";

/** To the scene before, or to the one behind. */
export type Way = 1 | -1;

type Crossing = "undo" | "redo" | { way: Way; x: number | null };

/** What a key means to the desk; null: it is the editor's own. */
export function crossing({ view, state }: Sheet, event: KeyboardEvent): Crossing | null {
  if (!view || event.isComposing || event.keyCode === 229 || view.composing) return null;
  const keys = held(event);
  const key = event.key.toLowerCase();
  if (keys === "Mod" && key === "z") return "undo";
  if ((keys === "Mod Shift" && key === "z") || (keys === "Mod" && key === "y")) return "redo";
  if (keys !== "" || event.ctrlKey || event.metaKey) return null;
  const { empty, $head } = state.selection;
  if (!empty) return null;
  const [first, last] = [$head.index(0) === 0, $head.index(0) === state.doc.childCount - 1];
  if (event.key === "ArrowDown" && last && view.endOfTextblock("down")) return { way: 1, x: left(view) };
  if (event.key === "ArrowUp" && first && view.endOfTextblock("up")) return { way: -1, x: left(view) };
  if (event.key === "PageDown" && last && view.endOfTextblock("down")) return { way: 1, x: left(view) };
  if (event.key === "PageUp" && first && view.endOfTextblock("up")) return { way: -1, x: left(view) };
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return null;
  const onwards = (event.key === "ArrowRight") === (directionAt(view) === "ltr");
  const atEdge = onwards ? $head.parentOffset === $head.parent.content.size : $head.parentOffset === 0;
  if (!atEdge || !(onwards ? last : first)) return null;
  return { way: onwards ? 1 : -1, x: null };
}

function left(view: EditorView): number | null {
  const { head } = view.state.selection;
  return view.coordsAtPos(head).left;
}

/** Each paragraph has the direction of its own text. */
function directionAt(view: EditorView): "ltr" | "rtl" {
  const { node } = view.domAtPos(view.state.selection.head);
  const element = node instanceof Element ? node : node.parentElement;
  return element && getComputedStyle(element).direction === "rtl" ? "rtl" : "ltr";
}

/** Puts the cursor on the first or the last line, where `x` is on the screen. */
export function enterAt(sheet: Sheet, edge: "start" | "end", x: number): void {
  const { view } = sheet;
  if (!view) return;
  const { top, bottom } = view.coordsAtPos(sheet.state.selection.head);
  const found = bottom > top ? view.posAtCoords({ left: x, top: (top + bottom) / 2 }) : null;
  if (!found) return;
  const at = sheet.state.doc.resolve(found.pos);
  const line = edge === "start" ? 0 : sheet.doc.childCount - 1;
  if (at.depth > 0 && at.index(0) === line) sheet.put(found.pos);
}
