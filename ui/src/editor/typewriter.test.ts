import { EditorState, TextSelection } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { expect, test } from "vitest";
import { Settings } from "../settings/settings.svelte";
import { docFromRuns } from "./binding";
import { typewriter } from "./typewriter";

/** A page 1000 pixels high whose cursor stands `line` pixels below its upper edge. */
function page(line: number) {
  const settings = new Settings();
  settings.typewriter = true;
  const scroller = document.createElement("div");
  scroller.dataset.scroller = "";
  document.body.append(scroller);
  Object.defineProperty(scroller, "clientHeight", { value: 1000 });
  scroller.getBoundingClientRect = () => new DOMRect(0, 40, 800, 1000);
  const state = EditorState.create({
    doc: docFromRuns([{ text: "\nThe lamp.", attributes: {} }]),
    plugins: [typewriter(settings)],
  });
  const view = new EditorView(scroller, { state });
  view.focus();
  let measured = 0;
  view.coordsAtPos = () => {
    measured += 1;
    return { left: 0, right: 0, top: 40 + line, bottom: 40 + line + 20 };
  };
  const type = () => view.dispatch(view.state.tr.insertText("x", 1).scrollIntoView());
  return { settings, scroller, view, type, measured: () => measured };
}

test("the line that is written is brought to its height, with one measurement", () => {
  const { scroller, type, measured } = page(640);
  type();
  expect([scroller.scrollTop, measured()]).toEqual([200, 1]);
});

test("a line that is above its height is brought down to it", () => {
  const { scroller, type } = page(240);
  scroller.scrollTop = 500;
  type();
  expect(scroller.scrollTop).toBe(300);
});

test("while the mouse is down the page stays, and afterwards it does not", () => {
  const { scroller, view, type } = page(640);
  view.dom.dispatchEvent(new MouseEvent("pointerdown", { bubbles: true }));
  const marked = view.state.tr.setSelection(TextSelection.create(view.state.doc, 1, 4));
  view.someProp("handleScrollToSelection", (handle) => expect(handle(view)).toBe(false));
  view.dispatch(marked);
  expect(scroller.scrollTop).toBe(0);
  window.dispatchEvent(new MouseEvent("pointerup"));
  type();
  expect(scroller.scrollTop).toBe(200);
});

test("turned off it leaves the scrolling to the editor", () => {
  const { settings, view } = page(640);
  settings.typewriter = false;
  view.someProp("handleScrollToSelection", (handle) => expect(handle(view)).toBe(false));
});
