/** Formatting: its commands, its keys, and the bar over a selection. */
import { history, undo } from "prosemirror-history";
import { type Command, EditorState, TextSelection } from "prosemirror-state";
import { describe, expect, test } from "vitest";
import { showDesk } from "../dev/desk";
import { find, key, settled, until } from "../dev/screen";
import type { Run } from "../host/host";
import { docFromRuns, runsFromDoc } from "./binding";
import {
  clearFormats,
  formatsAt,
  insertSceneBreak,
  linkAt,
  setAlign,
  setLink,
  toggleBlock,
  toggleFormat,
} from "./formatting";
import { formatting } from "./formatting.svelte";

function open(text: string, from: number, to = from): EditorState {
  const doc = docFromRuns([{ text, attributes: {} }]);
  return EditorState.create({ doc, selection: TextSelection.create(doc, from, to), plugins: [history()] });
}

function done(state: EditorState, ...commands: Command[]): EditorState {
  let now = state;
  for (const command of commands) command(now, (tr) => (now = now.apply(tr)));
  return now;
}
const runs = (state: EditorState): Run[] => runsFromDoc(state.doc);
const blocks = (state: EditorState) =>
  state.doc.content.content.map((node) => `${node.attrs.block} ${node.textContent}`.trim());

describe("a command of formatting", () => {
  test("turns a mark on and off, and says whether it is there", () => {
    const on = done(open("\nword", 1, 5), toggleFormat("smallcaps"), toggleFormat("strike"));
    expect([...formatsAt(on)]).toEqual(["strike", "smallcaps"]);
    expect(runs(on)[1]?.attributes).toEqual({ smallcaps: true, strike: true });
    expect(runs(done(on, toggleFormat("smallcaps"), toggleFormat("strike")))[1]?.attributes).toEqual({});
  });

  test("makes a paragraph another kind, and body again when asked twice", () => {
    const verse = done(open("\none\ntwo", 1, 8), toggleBlock("verse"));
    expect(blocks(verse)).toEqual(["verse one", "verse two"]);
    expect(blocks(done(verse, toggleBlock("verse")))).toEqual(["body one", "body two"]);
  });

  test.each([
    [
      "at the end of a paragraph, with a new one to write in",
      4,
      ["body one", "break", "body", "body two"],
      2,
    ],
    ["between the halves of a paragraph", 2, ["body o", "break", "body ne", "body two"], 2],
    ["before the paragraph whose beginning the cursor is at", 1, ["break", "body one", "body two"], 1],
  ])("puts a scene break %s, and one undo takes it back", (_where, at, expected, stands) => {
    const broken = done(open("\none\ntwo", at), insertSceneBreak);
    expect(blocks(broken)).toEqual(expected);
    expect(broken.selection.$from.index(0)).toBe(stands);
    expect(blocks(done(broken, undo))).toEqual(["body one", "body two"]);
  });

  test("makes a break of an empty paragraph, with one behind it", () => {
    const broken = done(open("\n\ntwo", 1), insertSceneBreak);
    expect(blocks(broken)).toEqual(["break", "body", "body two"]);
    expect(broken.selection.$from.index(0)).toBe(1);
  });

  test("aligns every paragraph of the selection and keeps what they are", () => {
    const state = done(open("\none\ntwo", 1, 8), toggleBlock("quote"), setAlign("center"));
    expect(runs(state)[0]?.attributes).toEqual({ block: "quote", align: "center" });
    expect(runs(done(state, setAlign(null)))[0]?.attributes).toEqual({ block: "quote" });
  });

  test("clears looks and leaves the link", () => {
    const state = done(
      open("\nword", 1, 5),
      toggleFormat("strong"),
      setLink("https://example.org/"),
      clearFormats,
    );
    expect(runs(state)[1]?.attributes).toEqual({ link: "https://example.org/" });
  });

  test("links a selection, changes the whole link that the cursor is in, and takes it away", () => {
    const linked = done(open("\na word", 3, 7), setLink("https://a.example/"));
    const inside = linked.apply(linked.tr.setSelection(TextSelection.create(linked.doc, 5)));
    expect(linkAt(inside)).toEqual({ from: 3, to: 7, href: "https://a.example/" });
    expect(runs(done(inside, setLink("https://b.example/"))).at(-1)).toEqual({
      text: "word",
      attributes: { link: "https://b.example/" },
    });
    expect(runs(done(inside, setLink(null)))).toHaveLength(2);
    expect(runs(done(open("\nx", 2), setLink("https://c.example/"))).at(-1)?.text).toBe("https://c.example/");
  });
});

/** The desk with the first words of its scene selected. */
async function selected(to = 5) {
  const { novel } = await showDesk();
  const view = novel.desk.view;
  if (!view) throw new Error("no editor");
  view.focus();
  await until(() => expect(view.hasFocus()).toBe(true));
  view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, 1, to)));
  return view;
}
const bar = () => document.querySelector("[data-testid=format]");

describe("the bar over a selection", () => {
  test("comes with a selection, says what it is, and goes with it", async () => {
    const view = await selected();
    await until(() => expect(bar()?.getAttribute("role")).toBe("toolbar"));
    expect(find("format-strong").getAttribute("aria-pressed")).toBe("false");
    find("format-strong").click();
    await until(() => expect(find("format-strong").getAttribute("aria-pressed")).toBe("true"));
    expect(document.activeElement, "the focus stays in the text").toBe(view.dom);
    view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, 3)));
    await until(() => expect(bar()).toBeNull());
  });

  test("is not there while the mouse is down or an input method composes", async () => {
    const view = await selected();
    formatting.press(true, view);
    await until(() => expect(bar()).toBeNull());
    formatting.press(false, view);
    await until(() => expect(bar()).not.toBeNull());
  });

  test("is reached with Alt and F10, walked with the arrows, and left with Escape", async () => {
    const view = await selected(1);
    await key("F10", view.dom, { altKey: true });
    await until(() => expect(document.activeElement).toBe(find("format-emphasis")));
    await key("ArrowRight", document.activeElement as Element);
    expect(document.activeElement).toBe(find("format-strong"));
    await key("ArrowLeft", document.activeElement as Element);
    await key("ArrowLeft", document.activeElement as Element);
    expect(document.activeElement).toBe(find("format-blocks"));
    await key("Escape", document.activeElement as Element);
    await until(() => expect(bar()).toBeNull());
    expect(document.activeElement).toBe(view.dom);
  });

  test("goes at Escape in the text and stays away from that selection", async () => {
    const view = await selected();
    await until(() => expect(bar()).not.toBeNull());
    await key("Escape", view.dom);
    await until(() => expect(bar()).toBeNull());
    view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, 1, 9)));
    await until(() => expect(bar()).not.toBeNull());
  });

  test("takes an address for a link, and no other than a reader may follow", async () => {
    const view = await selected();
    await key("K", view.dom, { ctrlKey: true, shiftKey: true, keyCode: 75 });
    await until(() => expect(document.activeElement).toBe(find("format-address")));
    const field = find("format-address") as HTMLInputElement;
    const enter = async (text: string) => {
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      formatting.place();
      await settled();
      expect(field.value, "the page moved under the bar").toBe(text);
      await key("Enter", field);
    };
    expect(view.dom.querySelector(".chosen")?.textContent, "what it is about stays to be seen").toBe("The ");
    await enter("javascript:alert(1)");
    await until(() => expect(field.getAttribute("aria-invalid")).toBe("true"));
    await enter("example.org/a");
    await until(() => expect(bar()).toBeNull());
    expect(linkAt(view.state)?.href).toBe("https://example.org/a");
    expect(view.dom.querySelector(".chosen")).toBeNull();
    expect(document.activeElement).toBe(view.dom);
  });

  test("its keys do the same without it", async () => {
    const view = await selected();
    const press = (name: string, keyCode: number) =>
      key(name, view.dom, { ctrlKey: true, shiftKey: true, keyCode });
    await press("X", 88);
    expect([...formatsAt(view.state)]).toContain("strike");
    await press("@", 50);
    expect(view.state.doc.firstChild?.attrs.block).toBe("quote");
    await press("&", 55);
    expect(view.state.doc.firstChild?.attrs.align).toBe("center");
    await key(" ", view.dom, { ctrlKey: true, keyCode: 32 });
    expect([...formatsAt(view.state)]).toEqual([]);
  });
});
