/** Misspelt words in an editor, over the invented host's handful of slips. */
import { undo } from "prosemirror-history";
import { EditorState, TextSelection } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeHost } from "../host/fake";
import type { Run } from "../host/host";
import { Settings } from "../settings/settings.svelte";
import { Spelling } from "../spelling/spelling.svelte";
import { docFromRuns, runsFromDoc } from "./binding";
import { pluginsFor } from "./plugins";
import { nextMisspelt } from "./spelling";

const plain = (text: string): Run[] => [{ text, attributes: {} }];

async function desk() {
  const host = new FakeHost();
  host.state = "open";
  const { id } = await host.createNovel("The Ferry", "en-GB");
  const settings = new Settings();
  settings.spelling = true;
  const spelling = new Spelling(host, { id }, settings);
  const open = (runs: Run[]) => {
    const plugins = pluginsFor({ language: "en-GB", settings, spelling });
    const place = document.body.appendChild(document.createElement("div"));
    const view = new EditorView(place, { state: EditorState.create({ doc: docFromRuns(runs), plugins }) });
    views.push(view);
    return view;
  };
  const checked = () => Promise.all(spelling.editors.map((editor) => editor.check()));
  return { host, id, settings, spelling, open, checked };
}

const views: EditorView[] = [];
const drawn = (view: EditorView) => [...view.dom.querySelectorAll(".misspelt")].map((it) => it.textContent);
const text = (view: EditorView) =>
  runsFromDoc(view.state.doc)
    .map((run) => run.text)
    .join("");
const put = (view: EditorView, at: number) =>
  view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, at)));

beforeEach(() => {
  // A page without a layout has no places to stand at.
  vi.spyOn(EditorView.prototype, "coordsAtPos").mockReturnValue({ left: 9, right: 9, top: 9, bottom: 30 });
});
afterEach(() => {
  for (const view of views.splice(0)) {
    view.destroy();
    view.dom.parentElement?.remove();
  }
  vi.restoreAllMocks();
});

describe("misspelt words", () => {
  test("are drawn in the text that is already there, in every editor", async () => {
    const { open, checked } = await desk();
    const [one, other] = [open(plain("\nShe saw teh lamp.\nAll well.")), open(plain("\nwich?"))];
    await checked();
    expect([drawn(one), drawn(other)]).toEqual([["teh"], ["wich"]]);
    expect(one.dom.querySelector(".misspelt")?.getAttribute("aria-invalid")).toBe("spelling");
    expect(one.dom.getAttribute("spellcheck")).toBe("false");
  });

  test("are asked about once, and again only where the text changed", async () => {
    const { host, open, checked } = await desk();
    const view = open(plain("\nteh one\nteh two\nteh three"));
    await checked();
    expect(host.judged).toBe(3);
    view.dispatch(view.state.tr.insertText(" recieve", 8));
    await checked();
    expect(host.judged).toBe(4);
    put(view, 1);
    expect(drawn(view)).toEqual(["teh", "recieve", "teh", "teh"]);
  });

  test("are not drawn while they are being typed, and are once the cursor has gone", async () => {
    const { open, checked } = await desk();
    const view = open(plain("\nA "));
    put(view, 3);
    view.dispatch(view.state.tr.insertText("teh"));
    await checked();
    expect(drawn(view)).toEqual([]);
    view.dispatch(view.state.tr.insertText(" "));
    await checked();
    expect(drawn(view)).toEqual(["teh"]);
  });

  test("are not drawn during a composition", async () => {
    const { host, open, checked } = await desk();
    const view = open(plain("\nteh"));
    vi.spyOn(view, "composing", "get").mockReturnValue(true);
    await checked();
    expect([drawn(view), host.judged]).toEqual([[], 0]);
  });

  test("keep to the language of their run, and vanish when the setting is off", async () => {
    const { settings, spelling, open, checked } = await desk();
    const view = open([
      { text: "\nteh ", attributes: {} },
      { text: "teh", attributes: { language: "tlh" } },
    ]);
    await checked();
    expect(drawn(view)).toEqual(["teh"]);
    settings.spelling = false;
    spelling.turned();
    expect(drawn(view)).toEqual([]);
    expect(await nextMisspelt(spelling, view)).toBe(false);
  });
});

describe("the menu at a misspelt word", () => {
  test("is reached by one key after the other, through all editors and round again", async () => {
    const { spelling, open } = await desk();
    const [one, other] = [open(plain("\nteh lamp, wich")), open(plain("\nrecieve"))];
    const seen: string[] = [];
    let here: EditorView | null = one;
    for (let step = 0; step < 4; step += 1) {
      expect(await nextMisspelt(spelling, here)).toBe(true);
      await vi.waitFor(() => expect(spelling.menu).not.toBeNull());
      seen.push(spelling.menu?.word ?? "");
      here = other.hasFocus() ? other : one;
    }
    expect(seen).toEqual(["teh", "wich", "recieve", "teh"]);
  });

  test("offers what was meant, and choosing it is one thing to undo", async () => {
    const { spelling, open, checked } = await desk();
    const view = open([
      { text: "\nShe saw ", attributes: {} },
      { text: "teh", attributes: { emphasis: true } },
      { text: " lamp", attributes: {} },
    ]);
    await checked();
    await nextMisspelt(spelling, view);
    await vi.waitFor(() => expect(spelling.menu?.suggestions[0]).toBe("the"));
    spelling.menu?.replace("the");
    spelling.close();
    expect(text(view)).toBe("\nShe saw the lamp");
    expect(view.dom.querySelector("em")?.textContent).toBe("the");
    expect(view.hasFocus()).toBe(true);
    undo(view.state, view.dispatch);
    expect(text(view)).toBe("\nShe saw teh lamp");
  });

  test("changes nothing where the text has moved meanwhile", async () => {
    const { spelling, open } = await desk();
    const view = open(plain("\nteh lamp"));
    await nextMisspelt(spelling, view);
    await vi.waitFor(() => expect(spelling.menu).not.toBeNull());
    view.dispatch(view.state.tr.insertText("Now ", 1));
    spelling.menu?.replace("the");
    expect(text(view)).toBe("\nNow teh lamp");
  });

  test("takes a word as the novel's own, or ignores it, in every editor", async () => {
    const { host, id, spelling, open, checked } = await desk();
    const [one, other] = [open(plain("\nteh wich")), open(plain("\nteh wich"))];
    await checked();
    spelling.ignore("wich");
    await spelling.add("teh");
    expect([drawn(one), drawn(other)]).toEqual([[], []]);
    expect((await host.spelling(id)).words).toEqual(["teh"]);
    await spelling.remove("teh");
    expect([drawn(one), drawn(other)]).toEqual([["teh"], ["teh"]]);
  });

  test("learns the words that another laptop added", async () => {
    const { host, id, spelling, open, checked } = await desk();
    const view = open(plain("\nteh"));
    await checked();
    await spelling.load();
    await host.addOwnWord(id, "teh");
    await spelling.heard();
    expect(drawn(view)).toEqual([]);
  });
});
