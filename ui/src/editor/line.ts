/** Where the line with the cursor begins and ends, as it is broken on the screen. */
import type { EditorView } from "prosemirror-view";
import type { Stretch } from "./flat";

/** Null: it cannot be told, because the line is not in sight. */
export function lineAt(view: EditorView): Stretch | null {
  const { head, $head } = view.state.selection;
  const at = view.coordsAtPos(head, -1);
  const caret = view.coordsAtPos(head, 1);
  // At a soft break the cursor belongs to the line it is drawn in.
  const line = caret.top > at.top ? caret : at;
  const block = view.domAtPos($head.start(1)).node;
  const frame = (block instanceof Element ? block : block.parentElement)?.getBoundingClientRect();
  if (!frame) return null;
  const top = (line.top + line.bottom) / 2;
  const ends = [frame.left + 1, frame.right - 1].map((left) => view.posAtCoords({ left, top })?.pos);
  const [one, other] = ends;
  if (one === undefined || other === undefined) return null;
  return { from: Math.min(one, other, head), to: Math.max(one, other, head) };
}
