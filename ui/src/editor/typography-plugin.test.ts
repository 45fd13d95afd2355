/** Changes to what is typed, with the real history: what a key does, and what takes it back. */
import { redo, undo } from "prosemirror-history";
import { EditorState, TextSelection } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Chance } from "../dev/random";
import { Settings } from "../settings/settings.svelte";
import { docFromRuns, opsFromTransaction, runsFromDoc } from "./binding";
import { pluginsFor } from "./plugins";

let view: EditorView | null = null;
afterEach(() => {
  view?.destroy();
  view = null;
});

function open(text = "\n", { language = "en", settings = new Settings() } = {}) {
  const place = document.createElement("div");
  document.body.append(place);
  const doc = docFromRuns([{ text, attributes: {} }]);
  view = new EditorView(place, {
    state: EditorState.create({ doc, plugins: pluginsFor({ language, settings }) }),
  });
  move(doc.content.size - 1);
  return settings;
}

const at = () => view as EditorView;
const words = () =>
  runsFromDoc(at().state.doc)
    .map((run) => run.text)
    .join("");
const move = (to: number) =>
  at().dispatch(at().state.tr.setSelection(TextSelection.create(at().state.doc, to)));

/** Keys as the editor hears of them: a character that nobody takes is put in as it is. */
function type(text: string) {
  for (const sign of text) {
    const { from, to } = at().state.selection;
    const typed = () => at().state.tr.insertText(sign, from, to);
    const taken = at().someProp("handleTextInput", (take) => take(at(), from, to, sign, typed));
    if (!taken) at().dispatch(typed());
  }
}

function press(name: string, init: KeyboardEventInit = {}) {
  const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...init });
  return at().someProp("handleKeyDown", (take) => take(at(), event)) ?? false;
}
const takeBack = () => undo(at().state, at().dispatch);

describe("quotes and dashes as they are typed", () => {
  test("are those of the novel's language", () => {
    open("\n", { language: "de" });
    type(`"Ja", sagte er -- "nein"`);
    expect(words()).toBe("\n„Ja“, sagte er – „nein“");
  });

  test("are taken back by Ctrl and Z, which leaves what was typed, and then takes that", () => {
    open("\nso ");
    type('"');
    expect(words()).toBe("\nso “");
    takeBack();
    expect(words()).toBe('\nso "');
    takeBack();
    expect(words()).toBe("\nso ");
    redo(at().state, at().dispatch);
    redo(at().state, at().dispatch);
    expect(words()).toBe("\nso “");
  });

  test("are taken back by Backspace right after, and only right after", () => {
    open();
    type("end--");
    expect(words()).toBe("\nend—");
    expect(press("Backspace")).toBe(true);
    expect(words()).toBe("\nend--");
    type(" so--");
    type("x");
    press("Backspace");
    expect(words()).toBe("\nend-- so—x");
  });

  test("are taken back where the cursor still is, not where it was", () => {
    open("\nword ");
    type('"');
    move(2);
    expect(press("Backspace")).toBe(false);
    expect(words()).toBe("\nword “");
  });

  test("are not made again at a place where one was taken back", () => {
    open();
    type("wait...");
    takeBack();
    expect(words()).toBe("\nwait...");
    type(". and--");
    press("Backspace");
    type("->");
    expect(words()).toBe("\nwait.... and--->");
    type(" but--");
    expect(words().endsWith("but—")).toBe(true);
  });

  test("what is typed after a change is taken back alone", () => {
    open();
    type('"Yes');
    takeBack();
    expect(words()).toBe("\n“");
    takeBack();
    expect(words()).toBe('\n"');
  });

  test("keep the marks of the text that they stand in", () => {
    open();
    at().dispatch(at().state.tr.addStoredMark(at().state.schema.mark("emphasis")));
    type('"Yes"');
    expect(runsFromDoc(at().state.doc).at(-1)).toEqual({ text: "“Yes”", attributes: { emphasis: true } });
  });

  test("stay as they are typed when the author wants it so", () => {
    const settings = open();
    settings.smart = false;
    type(`"it's" -- teh `);
    expect(words()).toBe(`\n"it's" -- the `);
    settings.autocorrect = false;
    type("teh ");
    expect(words()).toBe(`\n"it's" -- the teh `);
  });

  test("nothing changes inside a composition, and nothing that comes whole", () => {
    open();
    const composing = vi.spyOn(at(), "composing", "get").mockReturnValue(true);
    type('"a--');
    expect(words()).toBe('\n"a--');
    composing.mockRestore();
    const whole = '"b"';
    const taken = at().someProp("handleTextInput", (take) => take(at(), 1, 1, whole, () => at().state.tr));
    expect(taken).toBeFalsy();
  });

  test("a quote that a dead key composed is one when the composition is over", async () => {
    vi.useFakeTimers();
    open("\nso ");
    at().dispatch(at().state.tr.insertText('"'));
    at().someProp("handleDOMEvents", (on) => {
      on.compositionend?.(at(), { data: '"' } as CompositionEvent);
    });
    vi.runAllTimers();
    vi.useRealTimers();
    expect(words()).toBe("\nso “");
  });

  test("a French mark gets its space, and a Spanish question its beginning far in front", () => {
    open("\n", { language: "fr" });
    type("Oui ?");
    expect(words()).toBe("\nOui\u202f?");
    view?.destroy();
    open("\nVen. ", { language: "es" });
    type("Quién es?");
    expect(words()).toBe("\nVen. ¿Quién es?");
    press("Backspace");
    expect(words()).toBe("\nVen. Quién es?");
    expect(at().state.selection.from).toBe(at().state.doc.content.size - 1);
  });

  test("what was typed and what was made of it reach the host as single operations", () => {
    open("\nso ");
    const ops: unknown[] = [];
    const dispatch = at().dispatch.bind(at());
    vi.spyOn(at(), "dispatch").mockImplementation((tr) => {
      ops.push(...opsFromTransaction(tr));
      dispatch(tr);
    });
    type('"');
    expect(ops).toEqual([
      { op: "insert", at: 4, text: '"', attributes: {} },
      { op: "delete", at: 4, length: 1 },
      { op: "insert", at: 4, text: "“", attributes: {} },
    ]);
  });
});

const KEYS = [
  '"',
  "'",
  "-",
  "-",
  ".",
  ".",
  " ",
  "?",
  "!",
  ";",
  ":",
  "a",
  "s",
  "t",
  "5",
  "teh",
  "l'",
  "«",
  "—",
  "ה",
  "語",
];

test("whatever is typed and taken back in whatever language, undo leads all the way back, and redo to the same end", () => {
  for (const language of ["en", "fr", "de", "es", "nl", "sv", "he", "ja"]) {
    const chance = new Chance(language.charCodeAt(0) * 7 + language.charCodeAt(1));
    open("\nso it began. ", { language });
    const start = words();
    for (let key = 0; key < 80; key += 1) {
      const deed = chance.below(12);
      if (deed === 0) takeBack();
      else if (deed === 1) press("Backspace");
      else type(chance.one(KEYS));
      at().state.doc.check();
    }
    // Nothing that was taken back last may come again behind the end.
    type("x");
    const end = words();
    while (takeBack());
    expect(words(), language).toBe(start);
    while (redo(at().state, at().dispatch));
    expect(words(), language).toBe(end);
    view?.destroy();
  }
});

describe("slips", () => {
  test("are mended when the word is over, whatever ends it", () => {
    open();
    type("Teh cat, adn TEH dog. THey");
    press("Enter");
    expect(words().startsWith("\nThe cat, and THE dog. They")).toBe(true);
  });

  test("are taken back like anything else, and stay then", () => {
    open();
    type("teh ");
    expect(words()).toBe("\nthe ");
    press("Backspace");
    expect(words()).toBe("\nteh ");
    press("Backspace");
    at().dispatch(at().state.tr.delete(4, 5));
    type(" x teh ");
    expect(words()).toBe("\nteh x the ");
  });

  test("beside a quote are mended with it, each a step of its own", () => {
    open("\n", { language: "en" });
    type('"teh"');
    expect(words()).toBe("\n“the”");
    takeBack();
    expect(words()).toBe('\n“the"');
    takeBack();
    expect(words()).toBe('\n“teh"');
  });

  test("never put a capital where none was typed", () => {
    open();
    type("so. and then. i went. ");
    expect(words()).toBe("\nso. and then. i went. ");
  });
});
