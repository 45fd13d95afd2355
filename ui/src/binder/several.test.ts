/** Rows of the binder that are carried, chosen and changed together. */
import { beforeEach, describe, expect, test } from "vitest";
import { focusedRow, rowNamed, showDesk } from "../dev/desk";
import { find, key, press, settled, until } from "../dev/screen";
import { FakeHost, failure } from "../host/fake";
import { Binder } from "./binder.svelte";
import { dropAt, fitsIn, isNote } from "./nesting";
import { markRows, moveRows, stepOf } from "./several";

/** Part (A (a b c), B (d)), C (e f) and beside them the folder F (n) and the note m. */
async function shelf() {
  const host = new FakeHost();
  host.state = "open";
  const { id: novel } = await host.createNovel("Salt", "en");
  const [first] = (await host.outline(novel)).nodes;
  await host.trashNode(novel, first?.id ?? "");
  const add = async (
    kind: "part" | "chapter" | "scene" | "folder" | "note",
    title: string,
    parent: string | null,
  ) => (await host.addNode(novel, { kind, parent, after: null, title })).id;
  const part = await add("part", "Part", null);
  const a = await add("chapter", "A", part);
  for (const title of ["a", "b", "c"]) await add("scene", title, a);
  await add("scene", "d", await add("chapter", "B", part));
  const c = await add("chapter", "C", null);
  for (const title of ["e", "f"]) await add("scene", title, c);
  await add("note", "n", await add("folder", "F", null));
  await add("note", "m", null);
  const binder = new Binder(host, await host.outline(novel));
  const row = (title: string) => {
    const found = binder.everything.find(({ node }) => node.title === title);
    if (!found) throw new Error(`no row ${title}`);
    return found;
  };
  const rows = (titles: string) => [...titles].map(row);
  const list = () => binder.everything.map(({ node, level }) => `${level}${node.title}`).join(" ");
  const drop = (titles: string, on: string, down: number) => {
    const over = row(on);
    const shown = isNote(over.node.kind) ? binder.notes : binder.manuscript;
    return dropAt({ dragged: titles === "Part" ? [row("Part")] : rows(titles), row: over, down }, shown);
  };
  return { host, novel, binder, row, rows, list, drop };
}

const WHOLE = "1Part 2A 3a 3b 3c 2B 3d 1C 2e 2f 1F 2n 1m";
let at: Awaited<ReturnType<typeof shelf>>;
beforeEach(async () => {
  at = await shelf();
});

test("a new chapter has one scene, the one that the program begins it with", async () => {
  const { host, novel, binder } = at;
  const add = host.addNode.bind(host);
  host.addNode = async (id, node) => {
    const made = await add(id, node);
    if (node.kind !== "chapter") return made;
    const scene = await add(id, { kind: "scene", parent: made.id, after: null, title: "" });
    return { ...made, children: [scene] };
  };
  const scene = await binder.add("chapter", null);
  const chapter = (await host.outline(novel)).nodes.at(-1);
  expect(chapter?.children.map(({ id }) => id)).toEqual([scene.id]);
});

describe("what is carried over a row", () => {
  const place = (titles: string, on: string, down: number) => {
    const found = at.drop(titles, on, down);
    if (!found) return null;
    const title = (id: string | null) => (id === null ? null : at.binder.find(id)?.node.title);
    return [title(found.parent), title(found.after), `${title(found.mark.row)} ${found.mark.edge}`];
  };

  test.each([
    ["a", "d", 0.2, ["B", null, "d before"]],
    ["a", "d", 0.8, ["B", "d", "d after"]],
    ["c", "b", 0.2, ["A", "a", "b before"]],
    ["ac", "b", 0.2, ["A", null, "b before"]],
    ["a", "B", 0.5, ["B", null, "B after"]],
    ["C", "A", 0.5, ["Part", null, "A before"]],
    ["C", "c", 0.5, ["Part", "A", "c after"]],
    ["C", "d", 0.9, ["Part", "B", "d after"]],
    ["C", "Part", 0.1, [null, null, "Part before"]],
    ["C", "Part", 0.6, ["Part", null, "Part after"]],
    ["Part", "f", 0.9, [null, "C", "f after"]],
    ["m", "F", 0.5, ["F", null, "F after"]],
    ["m", "n", 0.9, ["F", "n", "n after"]],
    ["n", "m", 0.9, [null, "m", "m after"]],
  ])("%s over %s at %f stands in, behind and with its line at %j", (titles, on, down, wanted) => {
    expect(place(titles as string, on as string, down as number)).toEqual(wanted);
  });

  test("a folded chapter takes a scene in behind its last one", () => {
    at.binder.fold(at.row("C").node.id, "folded");
    expect(place("a", "C", 0.5)).toEqual(["C", "f", "C into"]);
  });

  test.each([
    ["A", "b"],
    ["A", "A"],
    ["Part", "d"],
    ["a", "m"],
    ["a", "F"],
    ["m", "a"],
    ["aC", "e"],
  ])("%s may not stand at %s", (titles, on) => {
    for (const down of [0.1, 0.5, 0.9]) expect(at.drop(titles, on, down)).toBeNull();
  });

  test("no drop over any row names a holder that does not hold it, or itself", () => {
    for (const { node } of at.binder.everything)
      for (const over of at.binder.everything)
        for (const down of [0, 0.3, 0.6, 1]) {
          const found = at.drop(node.title, over.node.title, down);
          if (!found) continue;
          const holder = found.parent === null ? null : at.binder.find(found.parent);
          expect(fitsIn(node.kind, holder?.node.kind ?? null)).toBe(true);
          expect(at.binder.holds(node.id, holder?.node.scene ?? "")).toBe(false);
        }
  });
});

describe("several rows", () => {
  test.each([
    ["ac", "B", "d", "1Part 2A 3b 2B 3d 3a 3c 1C 2e 2f 1F 2n 1m"],
    ["bc", "A", null, "1Part 2A 3b 3c 3a 2B 3d 1C 2e 2f 1F 2n 1m"],
    ["ab", "A", "c", "1Part 2A 3c 3a 3b 2B 3d 1C 2e 2f 1F 2n 1m"],
    ["ade", "C", "f", "1Part 2A 3b 3c 2B 1C 2f 2a 2d 2e 1F 2n 1m"],
    ["A", "", "C", "1Part 2B 3d 1C 2e 2f 1A 2a 2b 2c 1F 2n 1m"],
    ["n", "", "m", "1Part 2A 3a 3b 3c 2B 3d 1C 2e 2f 1F 1m 1n"],
  ])(
    "%s moved into %s behind %s stand one behind the other, and go back to where each was",
    async (titles, into, behind, list) => {
      const spot = {
        parent: into === "" ? null : at.row(into).node.id,
        after: behind === null ? null : at.row(behind).node.id,
      };
      const done = await moveRows(at.binder, at.rows(titles), spot);
      expect(at.list()).toBe(list);
      await done?.undo();
      expect(at.list()).toBe(WHOLE);
      await done?.redo();
      expect(at.list()).toBe(list);
    },
  );

  test("that are there already are no deed", async () => {
    expect(
      await moveRows(at.binder, at.rows("bc"), { parent: at.row("A").node.id, after: at.row("a").node.id }),
    ).toBeNull();
  });

  test("of which one cannot be moved all stay where they were", async () => {
    const move = at.host.moveNode.bind(at.host);
    at.host.moveNode = async (novel, node, parent, index) => {
      if (node === at.row("c").node.id) throw failure("other", "The disk is full.");
      return move(novel, node, parent, index);
    };
    const spot = { parent: at.row("C").node.id, after: null };
    await expect(moveRows(at.binder, at.rows("ac"), spot)).rejects.toThrow();
    expect(at.list()).toBe(WHOLE);
  });

  test.each([
    ["bc", -1, "A", null],
    ["ab", 1, "A", "c"],
    ["bc", 1, "B", null],
    ["ef", -1, "B", "d"],
  ] as const)("%s go %i within and over the edge of their chapter", (titles, by, parent, after) => {
    expect(stepOf(at.binder, at.rows(titles), by)).toEqual({
      parent: at.row(parent).node.id,
      after: after === null ? null : at.row(after).node.id,
    });
  });

  test("get a status together, chapters with all their scenes, and each gets its own back", async () => {
    await at.host.setStatus(at.novel, at.row("b").node.id, "final");
    await at.binder.refresh();
    const done = await markRows(at.host, at.binder, [at.row("A"), at.row("e")], "revised");
    const statuses = () => [..."abcdef"].map((title) => at.row(title).node.status);
    expect(statuses()).toEqual(["revised", "revised", "revised", "todo", "revised", "todo"]);
    await done?.undo();
    expect(statuses()).toEqual(["todo", "final", "todo", "todo", "todo", "todo"]);
  });

  test("that are folded away are chosen no more, and what stands in a chosen chapter is not chosen twice", () => {
    const { binder, row } = at;
    binder.selection.extend(row("c").node.id, row("A").node.id);
    expect(binder.selection.rows.map(({ node }) => node.title).join("")).toBe("Aabc");
    expect(binder.selection.tops.map(({ node }) => node.title)).toEqual(["A"]);
    binder.selection.toggle(row("A").node.id, null);
    binder.fold(row("A").node.id, "folded");
    expect(binder.selection.any).toBe(false);
  });
});

describe("with hands on the keys", () => {
  const TITLES = ["A light that nobody lit", "What Tomas left out", "The drawer in the stair"];
  const row = (title: string) => rowNamed(title) as HTMLElement;
  const selected = () =>
    [...document.querySelectorAll('[role=row][aria-selected="true"]')].map((line) =>
      line.getAttribute("aria-label"),
    );
  const click = async (title: string, held: MouseEventInit = {}) => {
    row(title).dispatchEvent(new MouseEvent("click", { bubbles: true, ...held }));
    await settled();
  };

  test("Shift and an arrow choose, Alt and an arrow move together, Ctrl and Z takes it back as one", async () => {
    const { chapter } = await showDesk();
    const titles = async () => (await chapter(0)).children.map(({ title }) => title);
    row(TITLES[0] as string).focus();
    await key("ArrowDown", row(TITLES[0] as string), { shiftKey: true });
    expect(selected().map((name) => name?.split(",")[0])).toEqual(TITLES.slice(0, 2));
    expect(focusedRow()).toContain(TITLES[1]);
    await key("ArrowDown", row(TITLES[1] as string), { altKey: true });
    await until(async () => expect(await titles()).toEqual([TITLES[2], TITLES[0], TITLES[1]]));
    expect(find("notice").textContent).toBe("2 rows moved.");
    await until(() => expect(focusedRow()).toContain(TITLES[1]));
    await key("z", row(TITLES[1] as string), { ctrlKey: true });
    await until(async () => expect(await titles()).toEqual(TITLES));
  });

  test("Ctrl and a click bring the open scene and another one together into the trash and out of it again", async () => {
    const { chapter, novel } = await showDesk();
    await click(TITLES[2] as string, { ctrlKey: true });
    expect(selected().length).toBe(2);
    row(TITLES[2] as string).focus();
    await key("Delete", row(TITLES[2] as string));
    await until(async () =>
      expect((await chapter(0)).children.map(({ title }) => title)).toEqual([TITLES[1]]),
    );
    await until(() => expect(novel.binder.rowOf(novel.desk.scene)?.node.title).toBe("A boat with no name"));
    expect(find("notice").textContent).toBe("2 rows are in the trash.");
    await press("notice-do");
    await until(async () => expect((await chapter(0)).children.map(({ title }) => title)).toEqual(TITLES));
  });

  test("a plain click, a plain arrow and Escape end the choice", async () => {
    await showDesk();
    for (const end of [
      () => click(TITLES[1] as string),
      () => key("ArrowDown", row(TITLES[2] as string)),
      () => key("Escape", row(TITLES[2] as string)),
    ]) {
      await click(TITLES[1] as string);
      await click(TITLES[2] as string, { shiftKey: true });
      expect(selected().length).toBe(2);
      row(TITLES[2] as string).focus();
      await end();
      expect(selected().length).toBe(1);
    }
  });

  test("Ctrl and A choose all that stands in the chapter, and the menu marks them together", async () => {
    const { chapter } = await showDesk();
    row(TITLES[0] as string).focus();
    await key("a", row(TITLES[0] as string), { ctrlKey: true });
    expect(selected().length).toBe(TITLES.length);
    await key("F10", row(TITLES[0] as string), { shiftKey: true });
    await press("menu-status-final");
    await until(async () =>
      expect(new Set((await chapter(0)).children.map(({ status }) => status))).toEqual(new Set(["final"])),
    );
    expect(find("notice").textContent).toContain("Final");
  });
});
