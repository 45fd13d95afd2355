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
