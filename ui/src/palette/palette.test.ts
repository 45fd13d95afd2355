/** The table of acts, the palette and the way to a scene, with hands on the keys. */
import { describe, expect, test } from "vitest";
import { showDesk } from "../dev/desk";
import { fill, find, key, press, showWindow, until } from "../dev/screen";
import { FakeHost } from "../host/fake";
import { t } from "../shared/i18n.svelte";
import { fits } from "../views/keys";
import { ACTS, ELSEWHERE, GROUPS, possible, sheets, shownKeys } from "./acts";
import { likeness } from "./fuzzy";

const ctrl = { ctrlKey: true };
const options = () => [...document.querySelectorAll<HTMLElement>("[role=option]")];
const chosen = () => document.querySelector("[role=option][aria-selected=true]");

describe("the table of acts", () => {
  test("names every act once, and no two that can be done at once show the same key", async () => {
    const names = [...ACTS, ...ELSEWHERE].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const { seshat } = await showDesk();
    const keys = possible(seshat).flatMap((act) => shownKeys(act) ?? []);
    expect(new Set(keys).size, `each of ${keys}`).toBe(keys.length);
  });

  test("is what the key sheet shows", async () => {
    const { seshat } = await showDesk();
    await key("F1");
    const shown = document.querySelector("dialog")?.textContent ?? "";
    for (const { rows } of sheets()) for (const row of rows) expect(shown).toContain(t(row.label));
    expect(sheets().map(({ rows }) => rows.length > 0)).toEqual(GROUPS.map(() => true));
    await key("F1");
    expect(seshat.overlay).toBe("none");
  });

  test("knows a key by where it lies when another layout or another script types something else there", () => {
    const press = (init: KeyboardEventInit) => new KeyboardEvent("keydown", { ctrlKey: true, ...init });
    expect(fits("Mod 1", press({ key: "&", code: "Digit1" }))).toBe(true);
    expect(fits("Mod K", press({ key: "л", code: "KeyK" }))).toBe(true);
    expect(fits("Mod K", press({ key: "k", code: "KeyT" }))).toBe(true);
    expect(fits("Mod K", press({ key: "t", code: "KeyK" }))).toBe(false);
    expect(fits("Mod Shift \\", press({ key: "|", code: "Backslash", shiftKey: true }))).toBe(true);
    expect(fits("Mod K", press({ key: "K", code: "KeyK", shiftKey: true }))).toBe(false);
  });
});

describe("the palette", () => {
  test("opens with Ctrl and K, does what is chosen, and gives the focus back to the page", async () => {
    const { novel, seshat } = await showDesk();
    await key("k", find("editor"), ctrl);
    expect(document.activeElement).toBe(find("palette"));
    expect(find("palette").getAttribute("aria-activedescendant")).toBe(chosen()?.id);
    await fill("palette", "next sc");
    expect(options()[0]?.dataset.testid).toBe("choice-next");
    const before = novel.desk.scene;
    await key("Enter", find("palette"));
    await until(() => expect(novel.desk.scene).not.toBe(before));
    expect(seshat.overlay).toBe("none");
    await until(() => expect(document.activeElement).toBe(find("editor")));
  });

  test("offers what was done lately first, and keeps names of acts only", async () => {
    await showDesk();
    await key("k", find("editor"), ctrl);
    await fill("palette", "focus mode");
    await key("Enter", find("palette"));
    await until(() => expect(find("write").dataset.focus).toBe("on"));
    await key("k", document.body, ctrl);
    expect(options()[0]?.dataset.testid).toBe("choice-focus");
    expect(localStorage.getItem("seshat.lately")).toBe('["focus"]');
  });

  test("does not offer what cannot be done: the library has no scene to split", async () => {
    const host = new FakeHost();
    host.state = "open";
    await showWindow(host);
    await key("k", document.body, ctrl);
    const names = options().map((one) => one.dataset.testid);
    expect(names).toContain("choice-novel");
    expect(names).not.toContain("choice-split");
  });

  test("is walked with the arrows, round the ends, and says when nothing fits", async () => {
    await showDesk();
    await key("k", find("editor"), ctrl);
    await key("ArrowUp", find("palette"));
    expect(chosen()).toBe(options().at(-1));
    await key("ArrowDown", find("palette"));
    expect(chosen()).toBe(options()[0]);
    await fill("palette", "zzz");
    expect(options()).toEqual([]);
    expect(find("palette").hasAttribute("aria-activedescendant")).toBe(false);
    expect(document.querySelector("dialog .none")?.textContent).toBe(t("palette.none"));
  });

  test("gives the open scene a status, with the way back, and does not offer the one that it has", async () => {
    const { novel } = await showDesk();
    const status = () => novel.binder.rowOf(novel.desk.scene)?.node.status;
    const before = status();
    await key("k", find("editor"), ctrl);
    expect(document.querySelector(`[data-testid="choice-mark-${before}"]`)).toBeNull();
    await fill("palette", "status revised");
    await key("Enter", find("palette"));
    await until(() => expect(status()).toBe("revised"));
    await press("notice-do");
    await until(() => expect(status()).toBe(before));
  });

  test("does nothing with Enter while an input method is composing", async () => {
    const { seshat } = await showDesk();
    await key("k", find("editor"), ctrl);
    await key("Enter", find("palette"), { isComposing: true });
    expect(seshat.overlay).toBe("palette");
  });
});

describe("going to a place", () => {
  test("finds a scene by a piece of its title and opens it", async () => {
    const { novel } = await showDesk();
    await key("p", find("editor"), ctrl);
    await fill("goto", "drawer stair");
    expect(options()[0]?.textContent).toContain("The drawer in the stair");
    await key("Enter", find("goto"));
    await until(() =>
      expect(novel.binder.title(novel.binder.rowOf(novel.desk.scene)?.node as never)).toContain("drawer"),
    );
    await until(() => expect(document.activeElement).toBe(find("editor")));
  });

  test("shows a chapter in the binder, unfolded to it, with the focus on its row", async () => {
    const { novel } = await showDesk();
    const chapter = novel.binder.everything.find(({ node }) => node.kind === "chapter");
    await key("p", find("editor"), ctrl);
    await fill("goto", novel.binder.title(chapter?.node as never));
    await key("Enter", find("goto"));
    await until(() => expect(document.activeElement?.getAttribute("data-node")).toBe(chapter?.node.id));
  });

  test("keeps nothing of the novel outside the vault", async () => {
    await showDesk();
    await key("p", find("editor"), ctrl);
    await fill("goto", "drawer");
    await key("Enter", find("goto"));
    expect(JSON.stringify({ ...localStorage })).not.toMatch(/drawer/i);
  });
});

describe("a name is found", () => {
  const order = (wish: string, names: string[]) =>
    names
      .map((name) => ({ name, fit: likeness(wish, name) }))
      .filter((one) => one.fit !== null)
      .sort((a, b) => (b.fit?.score ?? 0) - (a.fit?.score ?? 0))
      .map(({ name }) => name);

  test.each([
    ["eté", "L’Été à Corvo"],
    ["oeuvre", "Une œuvre"],
    ["strasse", "Straße der Nacht"],
    ["ŁÓDŹ", "lodz"],
    ["corvo ete", "L’Été à Corvo"],
    ["gtn", "Go to note"],
    ["מגד", "מִגְדַּלּוֹר"],
    ["灯", "灯台"],
  ])("%s finds %s", (wish, name) => expect(likeness(wish, name)).not.toBeNull());

  test.each([
    ["tea", "The lamp"],
    ["lampp", "The lamp"],
    ["lamp sea", "The lamp"],
  ])("%s does not find %s", (wish, name) => expect(likeness(wish, name)).toBeNull());

  test("its beginning before a word of it, a word before the middle of one, and all before scattered letters", () => {
    const names = ["Sea room and pen", "Reopening", "The open door", "Open water"];
    expect(order("open", names)).toEqual(["Open water", "The open door", "Reopening"]);
    expect(order("srap", names)).toEqual(["Sea room and pen"]);
  });

  test("and the letters that were meant are marked where they stand, accents and ligatures too", () => {
    expect(likeness("ete", "L’Été")?.marks).toEqual([2, 3, 4]);
    expect(likeness("oeu", "Une œuvre")?.marks).toEqual([4, 5]);
  });
});
