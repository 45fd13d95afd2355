/** Splitting, merging, copying, trashing and noting, with hands on the keys and with the way back. */
import { describe, expect, test } from "vitest";
import { focusedRow, rowNamed, showDesk, wordsOf } from "../dev/desk";
import { find, key, press, settled, until } from "../dev/screen";
import { failure } from "../host/fake";
import type { OutlineNode } from "../host/host";

const TITLES = ["A light that nobody lit", "What Tomas left out", "The drawer in the stair"];
const ctrl = { ctrlKey: true };
const ctrlShift = { ctrlKey: true, shiftKey: true };

describe("splitting the open scene", () => {
  test("makes two scenes of it where the cursor is, opens the second, and loses no word", async () => {
    const { host, card, novel, first, chapter } = await showDesk();
    const before = host.textOf(first);
    const words = wordsOf(host, (await host.outline(card.id)).nodes);
    const at = before.indexOf("She stood for a while");
    await novel.desk.show({ from: at, to: at });
    // The editor prevents what the browser does at Enter, whoever has a use for it.
    find("editor").addEventListener("keydown", (event) => event.preventDefault(), { once: true });
    await key("Enter", find("editor"), ctrl);
    await until(() => expect(novel.desk.scene).not.toBe(first));
    const made = novel.desk.scene as string;
    await until(() => expect(find("editor").textContent?.startsWith("She stood for a while")).toBe(true));
    expect(host.textOf(first) + host.textOf(made)).toBe(before);
    expect((await chapter(0)).children.map((node) => node.scene).slice(0, 2)).toEqual([first, made]);
    expect(wordsOf(host, (await host.outline(card.id)).nodes)).toEqual(words);
    await until(() => expect(document.activeElement).toBe(find("editor")));
  });

  test("in the middle of a paragraph is taken back to the very same text", async () => {
    const { host, novel, first, chapter } = await showDesk();
    const before = host.textOf(first);
    const at = before.indexOf("with one hand");
    await novel.desk.show({ from: at, to: at });
    await novel.split();
    expect(host.textOf(first)).toBe(before.slice(0, at));
    await press("notice-do");
    await until(() => expect(host.textOf(first)).toBe(before));
    expect((await chapter(0)).children.map((node) => node.title)).toEqual(TITLES);
    expect(novel.desk.scene).toBe(first);
    await until(() => expect(novel.desk.saveState.kind).toBe("saved"));
    await novel.redo();
    expect(host.textOf(first)).toBe(before.slice(0, at));
  });

  test("keeps what is typed while it happens, in one of the two", async () => {
    const { host, novel, first } = await showDesk();
    const original = host.splitScene.bind(host);
    host.splitScene = async (...place) => {
      novel.desk.type("Meanwhile. ");
      return original(...place);
    };
    const at = host.textOf(first).indexOf("She stood");
    await novel.desk.show({ from: at, to: at });
    await novel.split();
    await novel.desk.flush();
    const both = host.textOf(first) + host.textOf(novel.desk.scene as string);
    expect(both.split("Meanwhile. ").length).toBe(2);
  });

  test("that the program refuses says so and leaves the scene as it is", async () => {
    const { host, novel, first } = await showDesk();
    host.splitScene = async () => {
      throw failure("other", "The disk is full; nothing was changed.");
    };
    await novel.split();
    await settled();
    expect(find("notice").textContent).toBe("The disk is full; nothing was changed.");
    novel.desk.type("Still here. ");
    await novel.desk.flush();
    expect(host.textOf(first).startsWith("\nStill here. ")).toBe(true);
  });
});

describe("Ctrl and Z in the text", () => {
  test("takes back a split right after it and brings it again, and the text's own undo has its turn before", async () => {
    const { host, novel, first } = await showDesk();
    const before = host.textOf(first);
    novel.desk.type("Typed. ");
    await novel.desk.flush();
    const at = host.textOf(first).indexOf("She stood");
    await novel.desk.show({ from: at, to: at });
    await key("Enter", find("editor"), ctrl);
    await until(() => expect(document.activeElement?.textContent?.startsWith("She stood")).toBe(true));
    const made = novel.desk.scene as string;
    novel.desk.type("More. ");
    await key("z", find("editor"), ctrl);
    expect(novel.desk.scene).toBe(made);
    await until(() => expect(find("editor").textContent?.startsWith("She stood")).toBe(true));
    await key("z", find("editor"), ctrl);
    await until(() => expect(host.textOf(first)).toBe(before.replace("\n", "\nTyped. ")));
    await until(() => expect(document.activeElement).toBe(find("editor")));
    expect(novel.desk.scene).toBe(first);
    await key("Z", find("editor"), ctrlShift);
    await until(() => expect(novel.desk.scene).not.toBe(first));
    await until(() => expect(host.textOf(first)).not.toContain("She stood"));
    expect(host.textOf(first).startsWith("\nTyped. The lamp")).toBe(true);
  });

  test("takes back a new scene and is in the old one again", async () => {
    const { novel, first, chapter } = await showDesk();
    await novel.add("scene");
    await until(() => expect(document.activeElement).toBe(find("editor")));
    expect([novel.desk.scene === first, (await chapter(0)).children.length]).toEqual([false, 4]);
    await key("z", find("editor"), ctrl);
    await until(() => expect(novel.desk.scene).toBe(first));
    await until(async () => expect((await chapter(0)).children.length).toBe(3));
    await until(() => expect(document.activeElement).toBe(find("editor")));
    await key("Z", find("editor"), ctrlShift);
    await until(async () => expect((await chapter(0)).children.length).toBe(4));
    await until(() => expect(novel.desk.scene).not.toBe(first));
  });

  test("takes back a new chapter whole", async () => {
    const { host, card, novel, first } = await showDesk();
    await novel.add("chapter");
    expect((await host.outline(card.id)).nodes.length).toBe(4);
    await key("z", find("editor"), ctrl);
    await until(async () => expect((await host.outline(card.id)).nodes.length).toBe(3));
    await until(() => expect(novel.desk.scene).toBe(first));
  });

  test("takes back a new name and a move", async () => {
    const { novel, chapter } = await showDesk();
    const { id } = (await chapter(0)).children[1] as OutlineNode;
    const titles = async () => (await chapter(0)).children.map((node) => node.title);
    await novel.rename(id, "Another");
    await novel.move(id, -1);
    expect((await titles())[0]).toBe("Another");
    await key("z", find("editor"), ctrl);
    await until(async () => expect((await titles())[1]).toBe("Another"));
    await key("z", find("editor"), ctrl);
    await until(async () => expect(await titles()).toEqual(TITLES));
  });

  test("is nobody's while an input method is composing", async () => {
    const { novel, chapter } = await showDesk();
    await novel.rename((await chapter(0)).children[1]?.id ?? "", "Another");
    await key("z", find("editor"), { ...ctrl, isComposing: true });
    expect((await chapter(0)).children[1]?.title).toBe("Another");
  });
});

describe("the place in the text", () => {
  test("is where it was when the novel is opened again", async () => {
    const { host, seshat, card, novel, chapter } = await showDesk();
    const scene = (await chapter(0)).children[1]?.scene as string;
    await novel.go(scene);
    await novel.desk.show({ from: 7, to: 7 });
    await seshat.openLibrary();
    expect(host.places.get(card.id)).toEqual({ scene, at: 7 });
    await press("novel");
    await until(() => expect(find("editor").textContent).toContain("Tomas ate an egg"));
    await until(() => expect(document.activeElement).toBe(find("editor")));
    if (seshat.screen.kind !== "write") throw new Error("not on the desk");
    expect(seshat.screen.novel.desk.scene).toBe(scene);
    expect(seshat.screen.novel.desk.selection).toEqual({ from: 7, to: 7 });
  });

  test("in a scene that is gone is the novel's beginning", async () => {
    await showDesk((host, card) => host.places.set(card.id, { scene: "gone", at: 3 }));
    expect(find("editor").textContent).toContain("The lamp was burning");
  });
});

describe("the page", () => {
  test("shows a chapter or the book with titles between, and the cursor stays where it was", async () => {
    const { seshat, novel, first } = await showDesk();
    const leaves = () => [...document.querySelectorAll<HTMLElement>("[data-leaf]")];
    const editor = find("editor");
    await novel.desk.show({ from: 5, to: 5 });
    seshat.settings.extent = "chapter";
    await settled();
    expect(leaves().length).toBe(3);
    seshat.settings.extent = "book";
    await settled();
    expect(leaves().length).toBe(8);
    expect(leaves().flatMap((leaf) => leaf.querySelector("h1")?.textContent ?? [])).toEqual([
      "The Keeper’s Ledger",
      "Low Water",
      "The Twelfth Keeper",
    ]);
    expect([novel.desk.scene, novel.desk.selection?.from]).toEqual([first, 5]);
    expect([document.activeElement === editor, find("editor") === editor]).toEqual([true, true]);
    seshat.settings.extent = "scene";
    await settled();
    expect([leaves().length, document.activeElement === editor]).toEqual([1, true]);
  });

  test("leaves a scene by its end with the arrow keys, and the binder goes along", async () => {
    const { seshat, novel, chapter } = await showDesk();
    seshat.settings.extent = "book";
    await settled();
    const next = (await chapter(0)).children[1] as OutlineNode;
    await novel.desk.show({ from: novel.desk.length, to: novel.desk.length });
    await key("ArrowRight", find("editor"));
    await until(() => expect(novel.desk.scene).toBe(next.scene));
    await until(() => expect(document.activeElement?.textContent).toContain("Tomas ate an egg"));
    expect([novel.desk.selection?.from, novel.binder.current]).toEqual([1, next.id]);
    await key("ArrowLeft");
    await until(() => expect(novel.desk.selection?.from).toBe(novel.desk.length));
  });
});

describe("merging with the next scene", () => {
  test("takes its words in, keeps the cursor, and is taken back with title, synopsis and status", async () => {
    const { host, card, novel, first, chapter } = await showDesk();
    const [was, next] = (await chapter(0)).children;
    const before = [host.textOf(first), host.textOf(next?.scene ?? "")];
    const words = wordsOf(host, (await host.outline(card.id)).nodes);
    await novel.desk.show({ from: 5, to: 8 });
    await key("J", find("editor"), ctrlShift);
    await until(() => expect(host.textOf(first)).toBe(before.join("")));
    await until(() => expect(find("editor").textContent).toContain("Tomas ate an egg"));
    expect(novel.desk.selection).toEqual({ from: 5, to: 8 });
    expect(wordsOf(host, (await host.outline(card.id)).nodes)).toEqual(words);
    await press("notice-do");
    await until(() => expect(host.textOf(first)).toBe(before[0]));
    await until(async () => expect((await chapter(0)).children.length).toBe(3));
    const facts = (of: OutlineNode | undefined) => [of?.title, of?.synopsis, of?.status];
    await until(async () =>
      expect((await chapter(0)).children.slice(0, 2).map(facts)).toEqual([was, next].map(facts)),
    );
    expect(host.textOf((await chapter(0)).children[1]?.scene ?? "")).toBe(before[1]);
  });

  test("at the end of a chapter says that there is none", async () => {
    const { novel, chapter } = await showDesk();
    await novel.go((await chapter(0)).children[2]?.scene ?? "");
    await novel.merge();
    await settled();
    expect(find("notice").textContent).toContain("no scene behind this one");
  });
});

describe("the trash", () => {
  test("gives back a whole chapter to where it was, from its list, and the focus stays in the list", async () => {
    const { card, host, chapter } = await showDesk();
    rowNamed("2")?.focus();
    rowNamed("Low Water")?.focus();
    await key("Delete");
    await until(async () => expect((await host.outline(card.id)).nodes.length).toBe(2));
    await press("open-trash");
    await until(() => find("trash-list"));
    expect(find("trash-list").textContent).toContain("Low Water");
    await press("restore");
    await until(async () => expect((await chapter(1)).title).toBe("Low Water"));
    await until(() =>
      expect(document.querySelector("dialog")?.textContent).toContain("Nothing is in the trash."),
    );
    expect(document.querySelector("dialog")?.contains(document.activeElement)).toBe(true);
  });

  test("takes back with Ctrl and Z in the binder, and does it again with Shift", async () => {
    const { card, host } = await showDesk();
    const titles = async () => (await host.outline(card.id)).nodes[0]?.children.map((node) => node.title);
    rowNamed(TITLES[1] as string)?.focus();
    await key("Delete");
    await until(async () => expect(await titles()).toEqual([TITLES[0], TITLES[2]]));
    await until(() => expect(focusedRow()).toContain("The drawer"));
    await key("z", document.activeElement as Element, ctrl);
    await until(async () => expect(await titles()).toEqual(TITLES));
    await until(() => expect(focusedRow()).toContain("What Tomas left out"));
    await key("Z", document.activeElement as Element, ctrlShift);
    await until(async () => expect((await titles())?.length).toBe(2));
  });

  test("takes a move and a new name back, too", async () => {
    const { card, host } = await showDesk();
    const titles = async () => (await host.outline(card.id)).nodes[0]?.children.map((node) => node.title);
    rowNamed(TITLES[0] as string)?.focus();
    await key("ArrowDown", document.activeElement as Element, { altKey: true });
    await until(async () => expect((await titles())?.[1]).toBe(TITLES[0]));
    await key("F2");
    const field = find<HTMLInputElement>("rename");
    field.value = "Another name";
    await key("Enter", field);
    await until(async () => expect((await titles())?.[1]).toBe("Another name"));
    await until(() => expect(focusedRow()).toContain("Another name"));
    await key("z", document.activeElement as Element, ctrl);
    await until(async () => expect((await titles())?.[1]).toBe(TITLES[0]));
    await key("z", document.activeElement as Element, ctrl);
    await until(async () => expect(await titles()).toEqual(TITLES));
  });
});

describe("notes", () => {
  test("stand below the manuscript, are written on the same page and count for nothing", async () => {
    const { host, card, novel } = await showDesk();
    const words = (await host.outline(card.id)).novel.words;
    const before = novel.desk.scene;
    await press("add-note");
    await until(() => expect(novel.desk.scene).not.toBe(before));
    await until(() => expect(document.activeElement).toBe(find("editor")));
    novel.desk.type("Ask about the tide tables.");
    await novel.desk.flush();
    const outline = await host.outline(card.id);
    expect(outline.notes.map((note) => [note.kind, note.words])).toEqual([["note", 5]]);
    expect(outline.novel.words).toBe(words);
    await until(() => expect(find("novel-words").textContent).toContain(String(words)));
  });

  test("go into folders with Alt and an arrow, and out again", async () => {
    const { host, card } = await showDesk();
    await press("add-folder");
    await until(() => find("rename"));
    const field = find<HTMLInputElement>("rename");
    field.value = "Research";
    await key("Enter", field);
    await until(() => expect(focusedRow()).toContain("Research"));
    await key("ArrowUp");
    await press("add-note");
    await until(async () => expect((await host.outline(card.id)).notes.length).toBe(2));
    find("row-note").focus();
    await key("ArrowRight", document.activeElement as Element, { altKey: true });
    await until(async () => expect((await host.outline(card.id)).notes[0]?.children.length).toBe(1));
    await until(() => expect(document.activeElement).toBe(find("row-note")));
    await key("ArrowLeft", document.activeElement as Element, { altKey: true });
    await until(async () =>
      expect((await host.outline(card.id)).notes.map((node) => node.kind)).toEqual(["folder", "note"]),
    );
  });

  test("are reached from the manuscript with the arrow keys", async () => {
    const { novel } = await showDesk();
    await novel.addNote("note");
    await settled();
    rowNamed("The inspector at the instrument")?.focus();
    await key("ArrowDown");
    expect(document.activeElement).toBe(find("row-note"));
  });
});

describe("a row's menu", () => {
  test("opens with Shift and F10, is walked with arrows, and gives the focus back on Escape", async () => {
    await showDesk();
    rowNamed(TITLES[1] as string)?.focus();
    await key("F10", document.activeElement as Element, { shiftKey: true });
    expect(document.activeElement).toBe(find("menu-rename"));
    await key("End");
    expect(document.activeElement).toBe(find("menu-trash"));
    await key("Escape");
    await until(() => expect(focusedRow()).toContain("What Tomas left out"));
    expect(document.querySelector("[role=menu]")).toBe(null);
  });

  test("copies a chapter with its texts, and leaves a scene out of exports", async () => {
    const { host, card } = await showDesk();
    rowNamed("Low Water")?.focus();
    await key("F10", document.activeElement as Element, { shiftKey: true });
    await press("menu-duplicate");
    await until(async () => expect((await host.outline(card.id)).nodes.length).toBe(4));
    const [, original, copy] = (await host.outline(card.id)).nodes;
    const texts = (node = original) => node?.children.map((child) => host.textOf(child.scene ?? ""));
    expect(texts(copy)).toEqual(texts(original));
    expect(copy?.children[0]?.scene).not.toBe(original?.children[0]?.scene);
    rowNamed(TITLES[0] as string)?.focus();
    await key("F10", document.activeElement as Element, { shiftKey: true });
    expect(find("menu-include").getAttribute("aria-checked")).toBe("true");
    await press("menu-include");
    await until(() => expect(focusedRow()).toContain("left out of exports"));
    expect((await host.outline(card.id)).nodes[0]?.children[0]?.included).toBe(false);
  });
});

test("label, target and export of a scene are set beside it", async () => {
  const { host, first, card } = await showDesk();
  const change = async (testid: string, value: string) => {
    const field = find<HTMLInputElement>(testid);
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    await settled();
  };
  await change("label", " Ines ");
  await change("target", "800");
  await change("target", "-3");
  find<HTMLInputElement>("included").click();
  await settled();
  const node = (await host.outline(card.id)).nodes[0]?.children.find((one) => one.scene === first);
  expect([node?.label, node?.target, node?.included]).toEqual(["Ines", 800, false]);
  await until(() => expect(document.querySelector("progress")?.max).toBe(800));
  await change("target", "");
  expect((await host.outline(card.id)).nodes[0]?.children[0]?.target).toBe(null);
});

test("what lives on although it was in the trash says so until the author has seen it", async () => {
  const { host, card } = await showDesk((host) => {
    const node = host.novels[0]?.nodes[0]?.children[0];
    if (node) node.kept = true;
  });
  expect(rowNamed(TITLES[0] as string)?.getAttribute("aria-label")).toContain("in the trash");
  await press("acknowledge");
  await until(() => expect(document.querySelector("[data-testid=kept]")).toBe(null));
  expect((await host.outline(card.id)).nodes[0]?.children[0]?.kept).toBe(false);
});

describe("a chapter's number in the binder", () => {
  test("stands before its name, and not before a name that is a number itself", async () => {
    const { host, card, novel, chapter } = await showDesk();
    const shown = async (title: string) => {
      await host.renameNode(card.id, (await chapter(0)).id, title);
      await novel.binder.refresh();
      await settled();
      return document
        .querySelector("[data-testid=row-chapter] .title")
        ?.textContent?.replace(/\s+/g, " ")
        .trim();
    };
    expect(await shown("The lamp")).toBe("1 The lamp");
    expect(await shown("MIX")).toBe("MIX");
    for (const title of ["I", "XIV.", "ii", "12"]) expect(await shown(title)).toBe(title);
    for (const title of ["Mix", "I am", "12 men"]) expect(await shown(title)).toBe(`1 ${title}`);
  });
});
