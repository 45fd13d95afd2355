/**
 * Typewriter scrolling: the line with the cursor stays at one height of the window while the author types or goes
 * about with the keys.
 *
 * **Invariants:** the mouse never makes the page move under itself; a key costs one measurement, the one that the
 * editor would make anyway; nothing is animated, so there is nothing to reduce.
 */
import { Plugin } from "prosemirror-state";
import type { EditorView } from "prosemirror-view";
import type { Settings } from "../settings/settings.svelte";
import "./typewriter.css";

/** How far down the window the line stands. */
const HEIGHT = 0.45;
/** Pixels at the upper and lower end of the window that are not well in sight: a bar may lie there. */
const MARGIN = 110;

export function typewriter(settings: Settings): Plugin {
  let pointing = false;
  return new Plugin({
    props: {
      attributes: () => ({ "data-typewriter": settings.typewriter ? "yes" : "no" }),
      // Asked for whenever the cursor should be in sight: after a key, after a jump, never after a click.
      handleScrollToSelection: (view) => settings.typewriter && !pointing && settle(view),
      handleDOMEvents: {
        pointerdown: () => {
          pointing = true;
          const up = () => {
            pointing = false;
          };
          window.addEventListener("pointerup", up, { once: true });
          window.addEventListener("pointercancel", up, { once: true });
          return false;
        },
      },
    },
  });
}

/**
 * Scrolls the page so that the cursor's line stands at this height. `near`: only when it is not well in sight.
 * False: there is nothing to scroll.
 */
export function settle(view: EditorView, near: "exactly" | "near" = "exactly"): boolean {
  const page = view.dom.closest("[data-scroller]");
  if (!page) return false;
  const line = view.coordsAtPos(view.state.selection.head);
  const frame = page.getBoundingClientRect();
  const middle = (line.top + line.bottom) / 2 - frame.top;
  if (near === "near" && middle > MARGIN && middle < page.clientHeight - MARGIN) return true;
  const off = Math.round(middle - page.clientHeight * HEIGHT);
  if (off !== 0) page.scrollTop += off;
  return true;
}
