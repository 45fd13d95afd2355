import { EditorState, TextSelection } from "prosemirror-state";
import { describe, expect, test } from "vitest";
import { Settings } from "../settings/settings.svelte";
import { docFromRuns, runsFromDoc } from "./binding";
import { pluginsFor } from "./plugins";

const plugins = pluginsFor({ language: "en", settings: new Settings() });

const open = (text: string) =>
  EditorState.create({ doc: docFromRuns([{ text, attributes: {} }]), plugins: [...plugins] });

const words = (state: EditorState) =>
  runsFromDoc(state.doc)
    .map((run) => run.text)
    .join("");

/** What Enter does with the cursor at the end of the first paragraph. */
function enter(state: EditorState): EditorState {
  let after = state;
  const end = state.doc.child(0).nodeSize - 1;
  const at = state.apply(state.tr.setSelection(TextSelection.create(state.doc, end)));
  const view = { state: at, dispatch: (tr: typeof state.tr) => (after = at.apply(tr)), composing: false };
  const event = new KeyboardEvent("keydown", { key: "Enter" });
  for (const plugin of plugins) {
    if (plugin.props.handleKeyDown?.call(plugin, view as never, event)) break;
  }
  return after;
}

describe("the text in the editor", () => {
  test("is cleaned where it was changed, and the rest is left alone", () => {
    const state = open("\none\ntwo\nthree");
    const dirty = state.tr.insertText("a\nb\ufffc", 7);
    expect(words(state.applyTransaction(dirty).state)).toBe("\none\nta b\ufffdwo\nthree");
  });

  test("three asterisks and Enter are a scene break with an empty paragraph behind it", () => {
    const state = enter(open("\n***\nafter"));
    expect(runsFromDoc(state.doc)).toEqual([
      { text: "\n", attributes: { block: "break" } },
      { text: "\n", attributes: {} },
      { text: "\n", attributes: {} },
      { text: "after", attributes: {} },
    ]);
    expect(state.selection.$from.index(0)).toBe(1);
  });

  test("Enter in an empty line of a quote ends the quote", () => {
    const state = enter(
      EditorState.create({
        doc: docFromRuns([{ text: "\n", attributes: { block: "quote" } }]),
        plugins: [...plugins],
      }),
    );
    expect(runsFromDoc(state.doc)).toEqual([{ text: "\n", attributes: {} }]);
  });

  test("Enter at the end of a quote goes on with the quote, at the end of a heading with plain text", () => {
    for (const [block, next] of [
      ["quote", "quote"],
      ["heading", "body"],
      ["kind-of-a-newer-version", "body"],
    ]) {
      const doc = docFromRuns([
        { text: "\n", attributes: { block } },
        { text: "word", attributes: {} },
      ]);
      const state = enter(EditorState.create({ doc, plugins: [...plugins] }));
      expect([state.doc.childCount, state.doc.child(1).attrs.block], block).toEqual([2, next]);
    }
  });
});
