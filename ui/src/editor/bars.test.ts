/** The bar for finding, the card of a footnote and the keys of the page, with hands on the keys. */
import { beforeEach, describe, expect, test } from "vitest";
import { showDesk } from "../dev/desk";
import { fill, find, key, press, settled, until } from "../dev/screen";

const ctrl = { ctrlKey: true };
const shift = { shiftKey: true };
const there = (name: string) => document.querySelector(`[data-testid=${name}]`);

beforeEach(() => localStorage.clear());

describe("the bar for finding", () => {
  test("opens with Ctrl and F, goes through the places by keys, and leaves the cursor at the place", async () => {
    const { novel } = await showDesk();
    await key("f", find("editor"), ctrl);
    await until(() => expect(document.activeElement).toBe(find("seek-field")));
    await fill("seek-field", "lamp");
    const { seek } = novel;
    const first = seek.at;
    expect(seek.places).toBeGreaterThan(1);
    await key("Enter", find("seek-field"));
    await key("F3", find("seek-field"));
    await key("F3", find("seek-field"), shift);
    expect(seek.at).toBe((first % seek.places) + 1);
    expect(find("seek-said").textContent).toContain(String(seek.places));
    await key("Escape", find("seek-field"));
    await settled();
    expect([there("seek"), document.activeElement]).toEqual([null, find("editor")]);
    expect(novel.desk.selection?.to).toBe((novel.desk.selection?.from ?? 0) + 4);
  });

  test("says so when there is no such place", async () => {
    await showDesk();
    await key("f", find("editor"), ctrl);
    await fill("seek-field", "zeppelin");
    expect(find("seek-said").textContent).toBe("Not found");
    expect(find("seek-next").hasAttribute("disabled")).toBe(true);
  });

  test("has a second field for what shall stand there, and says what was done", async () => {
    const { novel } = await showDesk();
    await key("f", find("editor"), ctrl);
    await fill("seek-field", "lamp");
    const { places } = novel.seek;
    await press("seek-more");
    await until(() => expect(document.activeElement).toBe(find("seek-with")));
    await fill("seek-with", "lantern");
    await press("seek-all");
    expect(find("seek-replaced").textContent).toBe(`${places} places replaced.`);
    expect(novel.desk.view?.dom.textContent).toContain("lantern");
    expect(document.activeElement, "the button is out, and the focus is not lost").toBe(find("seek-field"));
  });

  test("looks in the scene that the cursor went to", async () => {
    const { novel } = await showDesk();
    await key("f", find("editor"), ctrl);
    await fill("seek-field", "the");
    const before = novel.seek.places;
    await novel.step(1);
    await settled();
    expect(novel.seek.places).not.toBe(before);
    expect(novel.desk.view?.dom.querySelectorAll(".sought").length).toBe(novel.seek.places);
  });

  test("is gone with everything in it when the vault is locked", async () => {
    const { novel, seshat } = await showDesk();
    await key("f", find("editor"), ctrl);
    await fill("seek-field", "lamp");
    await seshat.lock();
    expect([novel.seek.open, novel.seek.text]).toEqual([false, ""]);
  });
});

describe("a footnote", () => {
  test("takes the focus with its card, and gives it back behind its mark", async () => {
    const { novel } = await showDesk();
    novel.desk.sheet?.footnotes.begin();
    await until(() => find("footnote-text"));
    expect(document.activeElement).toBe(find("footnote-text"));
    expect(find("footnote").getAttribute("aria-label")).toBe("Footnote 1");
    const notes = novel.desk.sheet?.footnotes;
    const id = notes?.open as string;
    const state = notes?.stateOf(id);
    if (state) notes?.apply(id, state.tr.insertText("Indeed.", 1));
    await key("Escape", find("footnote-text"));
    await settled();
    expect([there("footnote"), document.activeElement]).toEqual([null, find("editor")]);
    expect(novel.desk.selection).toEqual({ from: 2, to: 2 });
  });

  test("is taken out by its button", async () => {
    const { novel } = await showDesk();
    novel.desk.sheet?.footnotes.begin();
    await until(() => find("footnote-remove"));
    await press("footnote-remove");
    await settled();
    expect(novel.desk.view?.dom.querySelector("[data-footnote]")).toBeNull();
    expect(document.activeElement).toBe(find("editor"));
  });
});

test("the window fills the screen at F11 and at F11 does no more", async () => {
  const { host } = await showDesk();
  await key("F11");
  await until(() => expect(host.filled).toBe(true));
  await key("F11");
  await until(() => expect(host.filled).toBe(false));
});

test("typewriter scrolling is turned on and off by its key, and said", async () => {
  const { seshat } = await showDesk();
  await key("T", find("editor"), { ...ctrl, ...shift });
  expect([seshat.settings.typewriter, seshat.notice]).toEqual([true, "Typewriter scrolling is on."]);
  await key("T", find("editor"), { ...ctrl, ...shift });
  expect([seshat.settings.typewriter, seshat.notice]).toEqual([false, "Typewriter scrolling is off."]);
});
