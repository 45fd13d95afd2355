import { describe, expect, test } from "vitest";
import { type Deed, Deeds } from "./deeds";

function deedOn(list: string[], name: string): Deed {
  return {
    undo: async () => void list.splice(list.indexOf(name), 1),
    redo: async () => void list.push(name),
  };
}

function three() {
  const list = ["a", "b", "c"];
  const deeds = new Deeds();
  const [a, b, c] = list.map((name) => deedOn(list, name)) as [Deed, Deed, Deed];
  for (const deed of [a, b, c]) deeds.did(deed);
  return { deeds, list, a, b, c };
}

describe("deeds in the binder", () => {
  test("are taken back from the last to the first, and done again in their order", async () => {
    const { deeds, list } = three();
    expect(await deeds.undo()).toBe(true);
    expect(await deeds.undo()).toBe(true);
    expect(list).toEqual(["a"]);
    await deeds.redo();
    await deeds.redo();
    expect([list, await deeds.redo()]).toEqual([["a", "b", "c"], false]);
  });

  test("one that is pointed at is taken back once, whatever came behind it", async () => {
    const { deeds, list, b } = three();
    expect([await deeds.undo(b), await deeds.undo(b)]).toEqual([true, false]);
    expect(list).toEqual(["a", "c"]);
  });

  test("a new one ends what could be done again", async () => {
    const { deeds, list } = three();
    await deeds.undo();
    deeds.did(deedOn(list, "a"));
    expect(await deeds.redo()).toBe(false);
  });

  test("one that cannot be taken back stays, says why, and is tried again", async () => {
    const deeds = new Deeds();
    let tries = 0;
    const undo = async () => {
      tries += 1;
      if (tries === 1) throw new Error("The disk is full.");
    };
    deeds.did({ undo, redo: async () => {} });
    await expect(deeds.undo()).rejects.toThrow("The disk is full.");
    expect([await deeds.undo(), await deeds.undo()]).toEqual([true, false]);
  });

  test("two that are asked for at once happen one after the other", async () => {
    const { deeds, list } = three();
    await Promise.all([deeds.undo(), deeds.undo(), deeds.undo(), deeds.undo()]);
    expect(list).toEqual([]);
  });
});

describe("one order over deeds and what is typed", () => {
  test("gives a deed its turn only when nothing was typed since", async () => {
    const { deeds } = three();
    expect(deeds.next("undo")).toBe("deed");
    deeds.stroke("one", "typed");
    expect(deeds.next("undo")).toBe("text");
    deeds.stroke("one", "undone");
    expect(deeds.next("undo")).toBe("deed");
  });

  test("goes back through both in the order in which they happened, and forth again", async () => {
    const { deeds, list } = three();
    deeds.stroke("one", "typed");
    deeds.did(deedOn(list, "d"));
    list.push("d");
    deeds.stroke("two", "typed");
    deeds.stroke("two", "undone");
    expect(deeds.next("undo")).toBe("deed");
    await deeds.undo();
    expect([deeds.next("undo"), list]).toEqual(["text", ["a", "b", "c"]]);
    deeds.stroke("one", "undone");
    expect(deeds.next("undo")).toBe("deed");
    expect(deeds.next("redo")).toBe("text");
    deeds.stroke("one", "redone");
    expect(deeds.next("redo")).toBe("deed");
    await deeds.redo();
    expect([deeds.next("redo"), list]).toEqual(["text", ["a", "b", "c", "d"]]);
  });

  test("does not do a deed again over something that was typed since", async () => {
    const { deeds } = three();
    await deeds.undo();
    expect(deeds.next("redo")).toBe("deed");
    deeds.stroke("one", "same");
    expect([deeds.next("redo"), await deeds.redo()]).toEqual(["text", false]);
  });

  test("leaves what was typed into another scene where it is", () => {
    const { deeds } = three();
    deeds.stroke("one", "typed");
    deeds.stroke("two", "undone");
    expect(deeds.next("undo")).toBe("text");
  });

  test("does not take for typed what a deed writes when it is taken back", async () => {
    const deeds = new Deeds();
    const deed = { undo: async () => deeds.stroke("one", "typed"), redo: async () => {} };
    deeds.did(deed);
    await deeds.undo();
    expect([deeds.next("undo"), deeds.next("redo")]).toEqual(["text", "deed"]);
  });

  test("keeps the deeds that it can take back when much is typed", () => {
    const deeds = new Deeds();
    for (let at = 0; at < 70; at += 1) deeds.did(deedOn([], String(at)));
    deeds.stroke("one", "typed");
    deeds.stroke("one", "undone");
    expect(deeds.next("undo")).toBe("deed");
  });
});
