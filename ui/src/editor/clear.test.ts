import { EditorState, TextSelection } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { describe, expect, test } from "vitest";
import { type Clear, Settings } from "../settings/settings.svelte";
import { docFromRuns, docPosition } from "./binding";
import { clear } from "./clear";

/** What is drawn clear when the cursor stands behind `before`. */
function clearIn(text: string, before: string, how: Clear = "sentence", language = "en") {
  const settings = new Settings();
  settings.clear = how;
  const plugin = clear(language, settings);
  const doc = docFromRuns([{ text, attributes: {} }]);
  const at = docPosition(doc, text.indexOf(before) + before.length);
  const state = EditorState.create({ doc, plugins: [plugin], selection: TextSelection.create(doc, at) });
  const place = document.body.appendChild(document.createElement("div"));
  const view = new EditorView(place, { state });
  const here = place.querySelector(".here");
  const words = [...(here?.childNodes ?? [])]
    .filter((node) => !(node instanceof Element && node.classList.contains("away")))
    .map((node) => node.textContent)
    .join("");
  view.destroy();
  return words;
}

describe("what stays clear", () => {
  test("is the paragraph with the cursor", () => {
    expect(clearIn("\nOne. Two.\nThree. Four.", "Thr", "paragraph")).toBe("Three. Four.");
  });

  test("is the sentence with the cursor, and at its end still that one", () => {
    expect(clearIn("\nIt rained. The lamp went out. Nobody came.", "The la")).toBe("The lamp went out. ");
    expect(clearIn("\nIt rained. The lamp went out.", "went out.")).toBe("The lamp went out.");
    expect(clearIn("\nIt rained. The lamp went out.", "rained.")).toBe("It rained. ");
  });

  test("is what is said together with who says it", () => {
    expect(clearIn("\n“Who is there?” he asked. Nobody was.", "Who")).toBe("“Who is there?” he asked. ");
  });

  test("is cut by the rules of the language", () => {
    expect(clearIn("\n雨が降った。誰も来なかった。", "誰", "sentence", "ja")).toBe("誰も来なかった。");
    expect(clearIn("\nOne. Two.", "Tw", "sentence", "not-a-language-at-all")).toBe("Two.");
  });

  test("is the whole paragraph while the line is not measured", () => {
    expect(clearIn("\nOne. Two.", "Tw", "line")).toBe("One. Two.");
  });

  test("in an empty paragraph is that paragraph", () => {
    expect(clearIn("\n", "\n")).toBe("");
  });
});
