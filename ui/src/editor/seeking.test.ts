import { undo } from "prosemirror-history";
import { EditorState, TextSelection } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { describe, expect, test, vi } from "vitest";
import type { Run } from "../host/host";
import { Settings } from "../settings/settings.svelte";
import { docFromRuns, runsFromDoc } from "./binding";
import { pluginsFor } from "./plugins";
import * as seeks from "./seek";
import { Seek } from "./seek.svelte";
import { placesIn, seeking } from "./seeking";

function open(...runs: Run[]) {
  const plugins = pluginsFor({ language: "en", settings: new Settings() });
  if (!plugins.includes(seeking)) plugins.push(seeking);
  const view = new EditorView(document.body.appendChild(document.createElement("div")), {
    state: EditorState.create({ doc: docFromRuns(runs), plugins }),
  });
  const seek = new Seek({ view }, "en");
  return {
    view,
    seek,
    ask(text: string) {
      seek.begin();
      seek.text = text;
      seek.typed();
    },
    drawn: () => [...view.dom.querySelectorAll(".sought")].map((node) => node.textContent),
    here: () => view.dom.querySelector(".sought-here")?.textContent ?? null,
    words: () =>
      runsFromDoc(view.state.doc)
        .map(({ text }) => text)
        .join(""),
    at: (place: number) =>
      view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, place))),
  };
}
const plainly = (text: string) => open({ text, attributes: {} });

describe("finding in a scene", () => {
  test("draws every place, shows the first behind the cursor and says which it is", () => {
    const { ask, at, drawn, here, seek, view } = plainly("\nA lamp, a lamp.\nThe Lamp.");
    at(5);
    ask("lamp");
    expect([drawn(), here(), seek.at, seek.places]).toEqual([["lamp", "lamp", "Lamp"], "lamp", 2, 3]);
    expect(view.state.selection.from).toBe(11);
  });

  test("one more letter does not run on to the next place", () => {
    const { ask, seek, view } = plainly("\nlamp lantern lamp");
    ask("la");
    seek.text = "lam";
    seek.typed();
    expect(view.state.selection.from).toBe(1);
  });

  test("goes on and back and round at both ends", () => {
    const { ask, seek } = plainly("\none two one two one");
    ask("one");
    const way = [seek.at];
    for (const by of [1, 1, 1, -1, -1] as const) {
      seek.go(by);
      way.push(seek.at);
    }
    expect(way).toEqual([1, 2, 3, 1, 3, 2]);
  });

  test("keeps up with what is written, and looks again only in the paragraph that changed", () => {
    const { ask, view, seek } = plainly("\nA lamp.\nNo light.\nA lamp.");
    ask("lamp");
    const looked = vi.spyOn(String.prototype, "indexOf");
    view.dispatch(view.state.tr.insertText("lamp ", 10));
    const texts = looked.mock.contexts.filter(
      (text) => String(text).includes("no light") || String(text).includes("a lamp"),
    );
    looked.mockRestore();
    expect([seek.places, new Set(texts.map(String)).size]).toEqual([3, 1]);
  });

  test("ends with the cursor at the place that was found, and nothing drawn", () => {
    const { ask, seek, view, drawn, here } = plainly("\nA lamp.");
    ask("lamp");
    seek.close();
    expect([drawn(), here(), view.state.selection.from, view.state.selection.to]).toEqual([[], null, 3, 7]);
  });

  test("begins with the words that are selected", () => {
    const { view, seek } = plainly("\nA lamp and a lamp.");
    view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, 3, 7)));
    seek.begin();
    expect([seek.text, seek.places, seek.at]).toEqual(["lamp", 2, 1]);
  });

  test("counts capitals and whole words when it is told to", () => {
    const { ask, seek } = plainly("\nLamp, lamp, lamps.");
    ask("lamp");
    expect(seek.places).toBe(3);
    seek.case = "counts";
    seek.typed();
    expect(seek.places).toBe(2);
    seek.words = "whole";
    seek.typed();
    expect(seek.places).toBe(1);
  });
});

describe("replacing in a scene", () => {
  test("everything is one step of undo", () => {
    const { ask, seek, words, view } = plainly("\nA lamp, a lamp.\nThe lamp.");
    ask("lamp");
    seek.with = "light";
    seek.replaceAll();
    expect([words(), seek.replaced]).toEqual(["\nA light, a light.\nThe light.", 3]);
    undo(view.state, view.dispatch);
    expect(words()).toBe("\nA lamp, a lamp.\nThe lamp.");
  });

  test("one place after the other, without finding what was put in", () => {
    const { ask, seek, words } = plainly("\nlamp lamp");
    ask("lamp");
    seek.with = "lamplight";
    seek.replaceOne();
    expect([words(), seek.at, seek.places]).toEqual(["\nlamplight lamp", 2, 2]);
    seek.replaceOne();
    expect(words()).toBe("\nlamplight lamplight");
  });

  test("keeps how the words were marked, and what stands among them", () => {
    const atom = { kind: "footnote", id: "n" };
    const { ask, seek, view } = open(
      { text: "\n", attributes: {} },
      { text: "The ", attributes: {} },
      { text: "old", attributes: { emphasis: true } },
      { text: "\ufffc", attributes: { atom } },
      { text: " man", attributes: {} },
    );
    ask("old man");
    seek.with = "boy";
    seek.replaceAll();
    expect(runsFromDoc(view.state.doc)).toEqual([
      { text: "\n", attributes: {} },
      { text: "The ", attributes: {} },
      { text: "boy", attributes: { emphasis: true } },
      { text: "\ufffc", attributes: { atom } },
    ]);
  });

  test("with nothing takes the words out", () => {
    const { ask, seek, words } = plainly("\nvery, very old");
    ask("very, ");
    seek.replaceAll();
    expect(words()).toBe("\nvery old");
  });
});

test("nothing is looked through while there is nothing to look for", () => {
  const { view } = plainly("\nA lamp.");
  const looked = vi.spyOn(seeks, "seek");
  view.dispatch(view.state.tr.insertText("x", 1));
  expect(looked).not.toHaveBeenCalled();
});

test("what is drawn is what was found, whatever was typed, split, joined, pasted and taken back", () => {
  const { view, ask, seek, drawn } = plainly(
    "\nthe fog, the sea\nand the lamp\nnothing here\nthe end of the",
  );
  ask("the");
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  for (let turn = 0; turn < 400; turn += 1) {
    const { state } = view;
    const size = state.doc.content.size;
    const [a, b] = [random(size + 1), random(size + 1)].sort((one, other) => one - other) as [number, number];
    const tr = state.tr;
    const what = random(6);
    if (what === 0)
      tr.insertText(["the", "t", "h", " the fog "][random(4)] as string, Math.max(1, Math.min(a, size - 1)));
    else if (what === 1) tr.deleteRange(a, Math.min(b, a + 12));
    else if (what === 2 && state.doc.resolve(a).parent.inlineContent) tr.split(a);
    else if (what === 3) tr.replaceRange(a, a, state.doc.slice(Math.max(0, b - 20), b));
    else if (what === 4) undo(state, view.dispatch);
    if (tr.docChanged) view.dispatch(tr);
    const expected = placesIn(view.state).map(({ from, to }) => view.state.doc.textBetween(from, to));
    expect(drawn(), `after ${turn} turns`).toEqual(expected);
    expect(seek.places).toBe(expected.length);
  }
});
