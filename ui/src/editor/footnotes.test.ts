import { undo } from "prosemirror-history";
import { EditorState, NodeSelection, TextSelection } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { beforeEach, describe, expect, test } from "vitest";
import { fillLibrary } from "../dev/library";
import { FakeHost } from "../host/fake";
import { applyNotes, applyOps, cellsFromRuns, notesIn } from "../host/fake-text";
import type { EditOp, Run } from "../host/host";
import { Settings } from "../settings/settings.svelte";
import type { Batch } from "./autosave.svelte";
import { docFromRuns, opsFromTransaction } from "./binding";
import { Desk } from "./desk.svelte";
import { runsOf } from "./flat";
import { carried } from "./footnotes";
import { Footnotes } from "./footnotes.svelte";
import type { LocalStep } from "./merge";
import { localSteps } from "./merge";
import { pluginsFor } from "./plugins";

/** Those of one novel, so that what is copied in one scene is known in the next. */
const plugins = pluginsFor({ language: "en", settings: new Settings() });

/** A scene with its notes as a sheet has it, and the host's side of it. */
function sheet(text: string) {
  const host = { cells: cellsFromRuns([{ text, attributes: {} }]), notes: {} };
  const queue: Batch[] = [];
  let refreshes = 0;
  const view: EditorView = new EditorView(document.body.appendChild(document.createElement("div")), {
    state: EditorState.create({
      doc: docFromRuns([{ text, attributes: {} }]),
      plugins,
    }),
    plugins: [],
    dispatchTransaction(transaction) {
      const { state, transactions } = view.state.applyTransaction(transaction);
      for (const tr of transactions) {
        const ops = opsFromTransaction(tr);
        if (ops.length > 0) queue.push({ ops, steps: localSteps(tr), typed: true });
      }
      view.updateState(state);
      for (const tr of transactions) notes.saw(opsFromTransaction(tr));
    },
  });
  const notes: Footnotes = new Footnotes({
    view: () => view,
    send: (batch) => queue.push(batch),
    refresh: () => (refreshes += 1),
    typing: () => [],
  });
  view.setProps({ plugins: [notes.plugin] });
  const take = (ops: readonly EditOp[]) => {
    host.cells = applyOps(host.cells, ops);
    host.notes = applyNotes(host.notes, ops);
  };
  return {
    view,
    notes,
    host,
    queue,
    take,
    /** Everything that waits reaches the host. */
    send: () => {
      for (const { ops } of queue.splice(0)) take(ops);
    },
    words: (id: string) =>
      ((host.notes as Record<string, { unit: string }[]>)[id] ?? []).map(({ unit }) => unit).join(""),
    refreshes: () => refreshes,
    /** What an author writes at the end of the open note. */
    write(words: string, id = notes.open as string) {
      const state = notes.stateOf(id);
      notes.apply(id, state.tr.insertText(words, state.doc.content.size - 1));
    },
    at(place: number) {
      view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, place)));
    },
    /** The scene is opened again, as the host has it. */
    reopen(unsent: LocalStep[], refused = false): Batch {
      const runs: Record<string, Run[]> = notesIn(host.cells, host.notes);
      return notes.merge(runs, unsent, { ops: [], steps: [], typed: true }, refused);
    },
  };
}

/** A footnote behind the first word, with words in it, all of it at the host. */
function written(words = "Not this one.") {
  const on = sheet("\nThe ferry.");
  on.at(4);
  on.notes.begin();
  const id = on.notes.open as string;
  on.write(words);
  on.send();
  return { ...on, id };
}

beforeEach(() => {
  document.body.replaceChildren();
  carried.clear();
});

describe("a footnote", () => {
  test("is a mark where the cursor is, with words that go to the host behind it", () => {
    const { host, id, words } = written();
    expect(host.cells.map(({ unit }) => unit).join("")).toBe("\nThe\ufffc ferry.");
    expect(words(id)).toBe("\nNot this one.");
  });

  test("that stands at the cursor is opened, and no second one is made", () => {
    const { notes, view, id } = written();
    notes.close();
    expect(view.state.selection.from).toBe(5);
    notes.begin();
    expect(notes.open).toBe(id);
    expect(view.dom.querySelectorAll("[data-footnote]").length).toBe(1);
  });

  test("is opened by Enter when it is selected", () => {
    const { notes, view, id } = written();
    notes.close();
    view.dispatch(view.state.tr.setSelection(NodeSelection.create(view.state.doc, 4)));
    const enter = new KeyboardEvent("keydown", { key: "Enter" });
    expect(notes.plugin.props.handleKeyDown?.call(notes.plugin, view, enter)).toBe(true);
    expect(notes.open).toBe(id);
  });

  test("without words goes with its mark when it is closed", () => {
    const on = sheet("\nThe ferry.");
    on.at(4);
    on.notes.begin();
    on.write("  ");
    on.notes.close();
    on.send();
    expect(on.host.cells.map(({ unit }) => unit).join("")).toBe("\nThe ferry.");
  });

  test("is counted by its place in the scene", () => {
    const { notes, view, id, at } = written();
    notes.close();
    expect(notes.numberOf(id)).toBe(1);
    at(1);
    notes.begin();
    expect(notes.numberOf(notes.open as string)).toBe(1);
    expect(notes.numberOf(id)).toBe(2);
    expect(view.dom.querySelector(".footnote")?.getAttribute("role")).toBe("img");
  });

  test("that was taken out comes back with its words, and the host is asked for what it has of them", () => {
    const { notes, view, words, send, id, refreshes } = written();
    notes.remove();
    send();
    expect(view.state.doc.textContent).toBe("The ferry.");
    undo(view.state, view.dispatch);
    send();
    expect(notes.numberOf(id)).toBe(1);
    expect([words(id), notes.textOf(id)]).toEqual(["\nNot this one.", "Not this one."]);
    expect(refreshes()).toBe(1);
  });
});

describe("a footnote and another laptop", () => {
  test("hold the words of both, also those that were not sent yet", () => {
    const { notes, take, write, queue, reopen, words, id } = written("mid");
    write(">");
    const unsent = queue.splice(0).flatMap(({ steps }) => steps);
    take([{ op: "note", note: id, ops: [{ op: "insert", at: 1, text: "<", attributes: {} }] }]);
    const again = reopen(unsent);
    expect(notes.textOf(id)).toBe("<mid>");
    take(again.ops);
    expect(words(id)).toBe("\n<mid>");
    expect(again.steps.every(({ note }) => note === id)).toBe(true);
  });

  test("send nothing again when the host has it all", () => {
    const { write, queue, take, reopen, id } = written("mid");
    write("!");
    const batches = queue.splice(0);
    for (const { ops } of batches) take(ops);
    expect(reopen(batches.flatMap(({ steps }) => steps))).toEqual({ ops: [], steps: [], typed: true });
    expect(id).not.toBe("");
  });

  test("send words behind a mark that the host has not heard of", () => {
    const on = sheet("\nThe ferry.");
    on.at(4);
    on.notes.begin();
    on.write("Late.");
    const [mark, ...rest] = on.queue.splice(0) as [Batch, ...Batch[]];
    const again = on.reopen(rest.flatMap(({ steps }) => steps));
    on.take(mark.ops);
    on.take(again.ops);
    expect(on.words(on.notes.open as string)).toBe("\nLate.");
    expect(on.notes.textOf(on.notes.open as string)).toBe("Late.");
  });

  test("do not send for ever what is refused because the note is not there", () => {
    const on = written();
    on.write("x");
    const unsent = on.queue.splice(0).flatMap(({ steps }) => steps);
    const nowhere = unsent.map((step) => ({ ...step, note: "nowhere" }));
    expect(on.reopen(nowhere, true).ops).toEqual([]);
  });
});

describe("marks that are copied", () => {
  const copyAll = (view: EditorView) =>
    view.serializeForClipboard(view.state.doc.slice(0, view.state.doc.content.size));

  test("are another note with the same words where the first still stands", () => {
    const { view, notes, send, host, words, id, at } = written();
    notes.close();
    const { dom } = copyAll(view);
    at(view.state.doc.content.size - 1);
    view.pasteHTML(dom.innerHTML);
    send();
    const ids = Object.keys(host.notes);
    const other = ids.find((one) => one !== id) as string;
    expect(ids.length).toBe(2);
    expect([words(id), words(other)]).toEqual(["\nNot this one.", "\nNot this one."]);
    expect(notes.textOf(other)).toBe("Not this one.");
  });

  test("bring their words into another scene, and are left out where nobody knows them", () => {
    const { view, notes } = written();
    notes.close();
    const { innerHTML } = copyAll(view).dom;
    const there = sheet("\nElsewhere.");
    there.at(1);
    there.view.pasteHTML(innerHTML);
    there.send();
    const [id] = Object.keys(there.host.notes);
    expect(there.words(id as string)).toBe("\nNot this one.");

    const stranger = sheet("\nElsewhere.");
    stranger.at(1);
    stranger.view.pasteHTML('<p>Words<sup data-footnote="f00">*</sup> here</p>');
    expect(stranger.view.state.doc.textContent).toContain("Words here");
    expect(stranger.view.dom.querySelector("[data-footnote]")).toBeNull();
  });
});

test("locking forgets every word of every note", () => {
  const { notes, id, view } = written();
  view.serializeForClipboard(view.state.doc.slice(0, view.state.doc.content.size));
  expect(carried.size).toBe(1);
  notes.forget();
  expect([notes.open, notes.textOf(id), carried.size]).toEqual([null, "", 0]);
});

test("notes of runs are read by their marks", () => {
  const atom = { kind: "footnote", id: "n" };
  const cells = cellsFromRuns([
    { text: "\n", attributes: {} },
    { text: "\ufffc", attributes: { atom } },
  ]);
  const notes = applyNotes({}, [{ op: "insert", at: 1, text: "\ufffc", attributes: { atom } }]);
  expect(notesIn(cells, notes)).toEqual({ n: runsOf([{ unit: "\n", attributes: {} }]) });
});

describe("on the desk", () => {
  async function desk() {
    const host = new FakeHost();
    const card = await fillLibrary(host);
    const [first, second] = [...host.scenes.keys()].slice(-8) as [string, string];
    const on = new Desk(host, card, new Settings(), { onEdited: () => {}, onRemote: () => {} });
    on.mount(document.body.appendChild(document.createElement("div")));
    await on.open(first);
    const notesOf = (scene: string) =>
      Object.values(host.scenes.get(scene)?.notes ?? {}).map((cells) =>
        cells.map(({ unit }) => unit).join(""),
      );
    return { host, on, first, second, notesOf };
  }
  const write = (notes: Footnotes, words: string) => {
    const id = notes.open as string;
    const state = notes.stateOf(id);
    notes.apply(id, state.tr.insertText(words, state.doc.content.size - 1));
  };

  test("a footnote is saved with its scene and is there when the scene is opened again", async () => {
    const { on, first, second, notesOf } = await desk();
    on.sheet?.footnotes.begin();
    write(on.sheet?.footnotes as Footnotes, "See the ledger.");
    await on.open(second);
    expect(notesOf(first)).toEqual(["\nSee the ledger."]);
    await on.open(first);
    const id = on.view?.dom.querySelector<HTMLElement>("[data-footnote]")?.dataset.footnote as string;
    expect(on.sheet?.footnotes.textOf(id)).toBe("See the ledger.");
  });

  test("words of another laptop come into the open note, and what is written meanwhile stays", async () => {
    const { host, on, first, notesOf } = await desk();
    const { footnotes } = on.sheet as { footnotes: Footnotes };
    footnotes.begin();
    write(footnotes, "ledger");
    await on.flush();
    const id = footnotes.open as string;
    host.editElsewhere(first, [
      { op: "note", note: id, ops: [{ op: "insert", at: 1, text: "The ", attributes: {} }] },
    ]);
    const again = on.refresh();
    write(footnotes, ", page 9");
    await again;
    await on.flush();
    expect([footnotes.textOf(id), notesOf(first)]).toEqual(["The ledger, page 9", ["\nThe ledger, page 9"]]);
  });

  test("quotes in a note are those of the novel, as in its text", async () => {
    const { on } = await desk();
    const { footnotes } = on.sheet as { footnotes: Footnotes };
    footnotes.begin();
    const id = footnotes.open as string;
    const editor: EditorView = new EditorView(document.body, {
      state: footnotes.stateOf(id),
      dispatchTransaction: (tr) => footnotes.apply(id, tr),
    });
    footnotes.hold(editor);
    const typed = () => editor.state.tr.insertText("'", 1);
    const taken = editor.someProp("handleTextInput", (handle) => handle(editor, 1, 1, "'", typed));
    expect([taken, footnotes.textOf(id)]).toEqual([true, "‘"]);
  });

  test("a mark and its words are carried into another scene", async () => {
    const { on, second, notesOf } = await desk();
    on.sheet?.footnotes.begin();
    write(on.sheet?.footnotes as Footnotes, "See the ledger.");
    on.sheet?.footnotes.close();
    const view = on.view as EditorView;
    const { innerHTML } = view.serializeForClipboard(view.state.doc.slice(0, 20)).dom;
    await on.open(second);
    on.view?.pasteHTML(innerHTML);
    await on.flush();
    expect(notesOf(second)).toEqual(["\nSee the ledger."]);
  });
});
