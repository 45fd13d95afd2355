import { describe, expect, test } from "vitest";
import { FakeHost } from "../host/fake";
import { heightOf, kept, type Leaf, leavesOf } from "./stack";

/** A part with two chapters, a chapter of its own, and a note. */
async function novel() {
  const host = new FakeHost();
  host.state = "open";
  const { id } = await host.createNovel("Salt", "en");
  const made = host.novels.at(-1);
  if (made) made.nodes = [];
  const add = (kind: "part" | "chapter" | "scene" | "note", parent: string | null, title: string) =>
    host.addNode(id, { kind, parent, after: null, title });
  const part = await add("part", null, "Part");
  for (const [holder, title] of [
    [part.id, "One"],
    [part.id, "Two"],
    [null, "Three"],
  ] as const) {
    const chapter = await add("chapter", holder, title);
    for (const scene of ["a", "b"]) await add("scene", chapter.id, `${title} ${scene}`);
  }
  await add("note", null, "Tides");
  const { nodes, notes } = await host.outline(id);
  const all = leavesOf(
    nodes,
    notes,
    leavesOf(nodes, notes, null, "book")[0]?.scene ?? firstOf(nodes),
    "book",
  );
  const named = (title: string) => all.find((leaf) => leaf.node.title === title)?.scene ?? "";
  return { host, id, nodes, notes, named };
}

const firstOf = (nodes: readonly Leaf["node"][]): string => {
  const [node] = nodes;
  return node?.scene ?? firstOf(node?.children ?? []);
};
const titles = (leaves: readonly Leaf[]) => leaves.map((leaf) => leaf.node.title);

describe("what stands on the page", () => {
  test("is the open scene, its chapter, or the whole book in reading order", async () => {
    const { nodes, notes, named } = await novel();
    const shown = (extent: "scene" | "chapter" | "book") =>
      titles(leavesOf(nodes, notes, named("Two b"), extent));
    expect(shown("scene")).toEqual(["Two b"]);
    expect(shown("chapter")).toEqual(["Two a", "Two b"]);
    expect(shown("book")).toEqual(["One a", "One b", "Two a", "Two b", "Three a", "Three b"]);
  });

  test("has a chapter's title before its first scene only, and a part's before its first chapter", async () => {
    const { nodes, notes, named } = await novel();
    const leaves = leavesOf(nodes, notes, named("One a"), "book");
    expect(leaves.map((leaf) => leaf.chapter?.title ?? "")).toEqual(["One", "", "Two", "", "Three", ""]);
    expect(leaves.map((leaf) => leaf.part?.title ?? "")).toEqual(["Part", "", "", "", "", ""]);
    expect(leaves.map((leaf) => leaf.first)).toEqual([true, false, false, false, false, false]);
  });

  test("is a note alone, whatever the page shows", async () => {
    const { nodes, notes } = await novel();
    const note = notes[0]?.scene ?? "";
    expect(titles(leavesOf(nodes, notes, note, "book"))).toEqual(["Tides"]);
  });

  test("is nothing where no scene is open", async () => {
    const { nodes, notes } = await novel();
    expect([leavesOf(nodes, notes, null, "book"), leavesOf(nodes, notes, "gone", "scene")]).toEqual([[], []]);
  });

  test("stays the same leaf while words are typed, and another after a new name", async () => {
    const { host, id, nodes, notes, named } = await novel();
    const scene = named("One a");
    const before = leavesOf(nodes, notes, scene, "book");
    const words = structuredClone(nodes);
    for (const part of words) part.words = 99;
    const typed = kept(before, leavesOf(words, notes, scene, "book"));
    expect(typed.map((leaf, at) => leaf === before[at])).toEqual(before.map(() => true));
    await host.renameNode(id, before[2]?.node.id ?? "", "Other");
    const renamed = kept(before, leavesOf((await host.outline(id)).nodes, notes, scene, "book"));
    expect(renamed.map((leaf, at) => leaf === before[at])).toEqual([true, true, false, true, true, true]);
  });
});

describe("the room for a scene that is not drawn", () => {
  const setting = { size: 19, leading: 1.63, width: 646 };

  test("grows with its words and with the type, and is a line at least", () => {
    expect(heightOf(0, setting)).toBe(31);
    const page = heightOf(1500, setting);
    expect(page).toBeGreaterThan(3000);
    expect(page).toBeLessThan(6000);
    expect(heightOf(1500, { ...setting, size: 26 })).toBeGreaterThan(page);
    expect(heightOf(1500, { ...setting, width: 300 })).toBeGreaterThan(page);
  });

  test("is a page's before the page was measured", () => {
    expect(heightOf(1500, { ...setting, width: 0 })).toBe(heightOf(1500, setting));
  });
});
