import { EditorState } from "prosemirror-state";
import { Transform } from "prosemirror-transform";
import { describe, expect, test } from "vitest";
import { Chance, cursorPosition, randomRuns, randomTransaction } from "../dev/random";
import { applyOps, cellsFromRuns } from "../host/fake-text";
import type { EditOp, Run } from "../host/host";
import {
  cutAt,
  docFromRuns,
  docPosition,
  flatPosition,
  opsFromSteps,
  opsFromTransaction,
  runsFromDoc,
} from "./binding";
import { runsOf } from "./flat";
import { applyDifference, localSteps, rebase } from "./merge";
import { schema } from "./schema";

const body = (text: string): Run[] =>
  text
    .split(/(\n)/)
    .filter(Boolean)
    .map((part) => ({ text: part, attributes: {} }));
const state = (runs: readonly Run[]) => EditorState.create({ doc: docFromRuns(runs) });
const applied = (runs: readonly Run[], ops: readonly EditOp[]) => runsOf(applyOps(cellsFromRuns(runs), ops));
const size = (ops: readonly EditOp[]) =>
  ops.reduce(
    (sum, op) => sum + (op.op === "insert" ? op.text.length : op.op === "delete" ? op.length : 0),
    0,
  );

describe("places", () => {
  test("in the document and in the flat text are each other's way back, and every one can hold a cursor", () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const doc = docFromRuns(randomRuns(new Chance(seed)));
      const length = doc.content.size - doc.childCount;
      for (let flat = 1; flat <= length; flat += 1) {
        const position = docPosition(doc, flat);
        expect(flatPosition(doc, position), `seed ${seed}`).toBe(flat);
        expect(doc.resolve(position).parent.inlineContent, `seed ${seed}`).toBe(true);
      }
    }
  });

  test("where a scene is cut: a paragraph's newline goes with the paragraph", () => {
    const doc = docFromRuns(body("\none\n\ntwo"));
    const cut = (flat: number) => cutAt(doc, docPosition(doc, flat));
    expect([1, 3, 4, 6, 8].map(cut)).toEqual([1, 3, 4, 5, 8]);
    expect(cutAt(doc, 6), "in the empty paragraph").toBe(4);
  });
});

describe("a scene's runs and the editor's document", () => {
  test("come back from each other unchanged, with every mark and atom, known or not", () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const runs = runsOf(cellsFromRuns(randomRuns(new Chance(seed))));
      expect(runsFromDoc(docFromRuns(runs)), `seed ${seed}`).toEqual(runs);
    }
  });

  test("an empty text is one empty paragraph", () => {
    expect(runsFromDoc(docFromRuns([]))).toEqual([{ text: "\n", attributes: {} }]);
  });

  test("paragraphs and atoms that arrive in one run are told apart", () => {
    const doc = docFromRuns([
      { text: "\n\nab", attributes: {} },
      { text: "\ufffc\ufffc", attributes: { atom: { kind: "break" } } },
    ]);
    expect([doc.childCount, doc.child(1).childCount]).toEqual([2, 3]);
  });
});

describe("a transaction as operations", () => {
  test("leaves the flat text as the document is, for random transactions in every alphabet", () => {
    for (let seed = 1; seed <= 4000; seed += 1) {
      const chance = new Chance(seed);
      let editor = state(randomRuns(chance));
      let runs = runsFromDoc(editor.doc);
      for (let round = 0; round < 6; round += 1) {
        const tr = randomTransaction(chance, editor, 4);
        runs = applied(runs, opsFromTransaction(tr));
        editor = editor.apply(tr);
        expect(runs, `seed ${seed}, round ${round}`).toEqual(runsFromDoc(editor.doc));
      }
    }
  }, 60_000);

  test("a letter is one insertion of one letter", () => {
    const tr = state(body("\nThe lamp\nwas lit")).tr.insertText("s", 9);
    expect(opsFromTransaction(tr)).toEqual([{ op: "insert", at: 9, text: "s", attributes: {} }]);
  });

  test("Enter is one newline, and joining deletes one", () => {
    const split = state(body("\nThe lamp")).tr.split(4);
    expect(opsFromTransaction(split)).toEqual([{ op: "insert", at: 4, text: "\n", attributes: {} }]);
    const joined = state(body("\nThe\n lamp")).tr.join(5);
    expect(opsFromTransaction(joined)).toEqual([{ op: "delete", at: 4, length: 1 }]);
  });

  test("a change of block is a mark on the newline and moves no text", () => {
    const tr = state(body("\nab\ncd")).tr.setNodeMarkup(4, null, { block: "quote", align: null });
    expect(opsFromTransaction(tr)).toEqual([{ op: "mark", from: 3, to: 4, key: "block", value: "quote" }]);
  });

  test("marks over several paragraphs leave the newlines between them alone", () => {
    const tr = state(body("\nab\ncd")).tr.addMark(2, 7, schema.mark("emphasis"));
    expect(opsFromTransaction(tr)).toEqual([
      { op: "mark", from: 2, to: 3, key: "emphasis", value: true },
      { op: "mark", from: 4, to: 6, key: "emphasis", value: true },
    ]);
  });

  test("one face for another replaces the whole pair", () => {
    const tr = state(body("\na😀b")).tr.insertText("😁", 2, 4);
    expect(opsFromTransaction(tr)).toEqual([
      { op: "delete", at: 2, length: 2 },
      { op: "insert", at: 2, text: "😁", attributes: {} },
    ]);
  });

  test("a step between the halves of a pair is widened to the pair", () => {
    const tr = state(body("\na😀b")).tr.insertText("\ude01", 3, 4);
    expect(applied(body("\na😀b"), opsFromTransaction(tr))).toEqual(body("\na😁b"));
  });

  test("taking out or preceding the first paragraph keeps its newline", () => {
    const runs: Run[] = [{ text: "\n", attributes: { block: "heading" } }, ...body("one\ntwo")];
    const removed = state(runs).tr.delete(0, 5);
    expect(applied(runs, opsFromTransaction(removed))).toEqual(body("\ntwo"));
    const preceded = state(runs).tr.insert(0, schema.node("paragraph", null, schema.text("zero")));
    expect(applied(runs, opsFromTransaction(preceded))).toEqual(runsFromDoc(preceded.doc));
  });

  test("selecting everything and typing keeps the first newline too", () => {
    const tr = state(body("\none\ntwo")).tr.delete(1, 9).insertText("x", 1);
    expect(applied(body("\none\ntwo"), opsFromTransaction(tr))).toEqual(body("\nx"));
  });

  test("a newline that slips into a paragraph's text is sent as a space", () => {
    const tr = state(body("\nab")).tr.insertText("x\ny", 2);
    expect(opsFromTransaction(tr)).toEqual([{ op: "insert", at: 2, text: "x y", attributes: {} }]);
  });

  test("a kind of paragraph that only a newer version knows stays, and is never made here", () => {
    const runs: Run[] = [{ text: "\n", attributes: { block: "epigraph", align: "slanted" } }, ...body("ab")];
    expect(runsFromDoc(docFromRuns(runs))).toEqual(runs);
    expect(opsFromTransaction(state(runs).tr.split(2))).toEqual([
      { op: "insert", at: 2, text: "\n", attributes: {} },
    ]);
    expect(opsFromTransaction(state(runs).tr.insertText("x", 2))).toHaveLength(1);
  });

  test("a moved selection is no operation", () => {
    expect(opsFromTransaction(state(body("\nab")).tr.scrollIntoView())).toEqual([]);
  });
});

describe("a text that comes from elsewhere", () => {
  test("is reached exactly, whatever it is", () => {
    for (let seed = 1; seed <= 1500; seed += 1) {
      const chance = new Chance(seed);
      const transform = new Transform(docFromRuns(randomRuns(chance)));
      const wanted = docFromRuns(randomRuns(chance));
      applyDifference(transform, wanted);
      expect(transform.doc.toJSON(), `seed ${seed}`).toEqual(wanted.toJSON());
    }
  });

  test("touches only the paragraphs that differ, so that the cursor stays with its word", () => {
    const editor = state(body("\none\ntwo\nthree"));
    const tr = editor.tr;
    applyDifference(tr, docFromRuns(body("\nbefore\none\ntwo, more\nthree")));
    expect(tr.mapping.map(12)).toBe(26);
    expect(size(opsFromTransaction(tr))).toBeLessThan(16);
  });

  test("local edits that are not sent yet are laid over it, and what is sent then fits it exactly", () => {
    for (let seed = 1; seed <= 2000; seed += 1) {
      const chance = new Chance(seed);
      const base = state(randomRuns(chance));
      const theirs = base.apply(randomTransaction(chance, base, 3)).doc;
      const mine = randomTransaction(chance, base, 3);
      const local = base.apply(mine);
      const tr = local.tr;
      const first = rebase(tr, localSteps(mine), theirs);
      expect(tr.docs[first]?.toJSON() ?? tr.doc.toJSON(), `seed ${seed}: their text first`).toEqual(
        theirs.toJSON(),
      );
      expect(applied(runsFromDoc(theirs), opsFromSteps(tr, first)), `seed ${seed}`).toEqual(
        runsFromDoc(tr.doc),
      );
    }
  });

  test("a word whose letters were typed one into another keeps their order", () => {
    const base = state(body("\none\ntwo"));
    const mine = base.tr.insertText("ad", 9).insertText("b", 10).insertText("c", 11);
    const tr = base.apply(mine).tr;
    const first = rebase(tr, localSteps(mine), docFromRuns(body("\nzero\none\ntwo")));
    expect(runsFromDoc(tr.doc)).toEqual(body("\nzero\none\ntwoabcd"));
    expect(applied(body("\nzero\none\ntwo"), opsFromSteps(tr, first))).toEqual(body("\nzero\none\ntwoabcd"));
  });

  test("words typed into a paragraph that was deleted elsewhere are kept, letter by letter", () => {
    const base = state(body("\none\ntwo\nthree"));
    const mine = base.tr.insertText("a", 8).insertText("b", 9).insertText("c", 10);
    const tr = base.apply(mine).tr;
    const theirs = body("\none\nthree");
    const first = rebase(tr, localSteps(mine), docFromRuns(theirs));
    const text = runsFromDoc(tr.doc)
      .map((run) => run.text)
      .join("");
    expect(text.split("abc").length).toBe(2);
    expect(applied(theirs, opsFromSteps(tr, first))).toEqual(runsFromDoc(tr.doc));
  });

  test("no letter that was typed and not sent goes missing, whatever the other laptop did", () => {
    for (let seed = 1; seed <= 2000; seed += 1) {
      const chance = new Chance(seed);
      const base = state(randomRuns(chance));
      const theirs = base.apply(randomTransaction(chance, base, 4)).doc;
      const mine = base.tr;
      const typed: string[] = [];
      for (let round = 0; round <= chance.below(4); round += 1) {
        const at = cursorPosition(chance, mine.doc);
        const word = `⟦${seed}.${round}⟧`;
        [...word].forEach((letter, index) => {
          mine.insertText(letter, at + index);
        });
        typed.push(...word);
      }
      const tr = base.apply(mine).tr;
      const first = rebase(tr, localSteps(mine), theirs);
      const text = [...tr.doc.textContent].sort().join("");
      const wanted = [...theirs.textContent, ...typed].sort().join("");
      expect(text, `seed ${seed}`).toBe(wanted);
      expect(applied(runsFromDoc(theirs), opsFromSteps(tr, first)), `seed ${seed}`).toEqual(
        runsFromDoc(tr.doc),
      );
    }
  }, 30_000);

  test("a word typed here and a paragraph written there are both kept", () => {
    const base = state(body("\none\ntwo"));
    const mine = base.tr.insertText(" more", 9);
    const tr = base.apply(mine).tr;
    rebase(tr, localSteps(mine), docFromRuns(body("\nzero\none\ntwo")));
    expect(runsFromDoc(tr.doc)).toEqual(body("\nzero\none\ntwo more"));
  });
});
