import { describe, expect, test } from "vitest";
import { fillLibrary } from "../dev/library";
import { fill, find, key, press, settled, showWindow, submit, until } from "../dev/screen";
import { FakeHost } from "../host/fake";

const PASSWORD = "seven lamps over cold water";

async function writing() {
  const host = new FakeHost();
  host.state = "open";
  host.password = PASSWORD;
  const card = await fillLibrary(host);
  const shown = await showWindow(host);
  await press("novel");
  await until(() => expect(find("editor").textContent).toContain("The lamp was burning"));
  await until(() => expect(document.activeElement).toBe(find("editor")));
  return { ...shown, card };
}

describe("a new vault", () => {
  test("is made with a good password, and only after three words of the kit the library is there", async () => {
    const { host } = await showWindow();
    await fill("password", "abc");
    expect(find("strength").textContent).toContain("Far too easy");
    await submit("create-vault");
    expect(host.state).toBe("absent");

    await fill("password", PASSWORD);
    await submit("create-vault");
    const words = [...find("kit-words").querySelectorAll(".word")].map((word) => word.textContent ?? "");
    expect(words.length).toBe(24);
    await press("kit-next");
    for (const at of [1, 2, 3]) {
      const place = Number(find(`confirm-${at}`).dataset.place);
      await fill(`confirm-${at}`, at === 2 ? "wrong" : (words[place - 1] ?? ""));
    }
    await submit("kit-confirm");
    expect(document.querySelector("[role=alert]")?.textContent).toContain("Look at your copy again");
    await fill("confirm-2", ` ${words[Number(find("confirm-2").dataset.place) - 1]?.toUpperCase()} `);
    await submit("kit-confirm");
    await until(() => find("sample-novel"));
    expect(document.body.textContent).not.toContain(words[0]);
  });

  test("leaves no password and no kit word in the window's storage", async () => {
    await showWindow();
    await fill("password", PASSWORD);
    await submit("create-vault");
    expect(JSON.stringify({ ...localStorage })).not.toMatch(/lamps|harbor/);
  });
});

describe("a locked vault", () => {
  test("says plainly that the password is wrong, and opens with the right one", async () => {
    const host = new FakeHost();
    host.state = "locked";
    host.password = PASSWORD;
    await showWindow(host);
    await fill("password", "something else");
    await submit("unlock");
    expect(document.querySelector("[role=alert]")?.textContent).toContain("does not open the vault");
    await fill("password", PASSWORD);
    await submit("unlock");
    await until(() => find("new-novel"));
  });

  test("opens with the Emergency Kit under a new password", async () => {
    const host = new FakeHost();
    host.state = "locked";
    host.password = "forgotten";
    await showWindow(host);
    await press("go-recover");
    await fill("kit-text", "only three words");
    await fill("password", PASSWORD);
    await submit("recover");
    expect(document.querySelector("[role=alert]")?.textContent).toContain("no Emergency Kit");
    await fill("kit-text", Array(24).fill("harbor").join(" "));
    await submit("recover");
    await until(() => find("new-novel"));
    expect(host.password).toBe(PASSWORD);
  });

  test("is what a window shows whose vault was locked from elsewhere, with no text left on it", async () => {
    const { host } = await writing();
    await host.lock();
    await until(() => find("unlock"));
    expect(document.body.textContent).not.toContain("The lamp");
  });
});

describe("writing", () => {
  test("a new novel opens on an empty page, and what is typed is saved and counted", async () => {
    const host = new FakeHost();
    host.state = "open";
    const { seshat } = await showWindow(host);
    await press("new-novel");
    await fill("title", "Salt");
    await submit("create-novel");
    await until(() => find("editor"));
    if (seshat.screen.kind !== "write") throw new Error("not on the desk");
    const { desk } = seshat.screen.novel;
    await until(() => expect(desk.state.kind).toBe("open"));
    desk.type("One two three.");
    await settled();
    expect(find("saved").dataset.state).toBe("saving");
    await until(() => expect(find("saved").dataset.state).toBe("saved"));
    expect(find("words").textContent).toBe("3 words");
    expect(find("novel-words").textContent).toBe("3 in the novel");
  });

  test("a failed save says so in words and goes away by itself", async () => {
    const { host, seshat } = await writing();
    if (seshat.screen.kind !== "write") throw new Error("not on the desk");
    host.troubles = [{ code: "other", message: "The disk is full." }];
    seshat.screen.novel.desk.type("x");
    await until(() => expect(find("saved").textContent).toBe("Not saved yet"));
    await until(() => expect(find("saved").dataset.state).toBe("saved"));
  });

  test("locking sends everything first", async () => {
    const { host, seshat } = await writing();
    if (seshat.screen.kind !== "write") throw new Error("not on the desk");
    const scene = seshat.screen.novel.desk.scene ?? "";
    seshat.screen.novel.desk.type("Last words. ");
    await key("l", document.body, { ctrlKey: true });
    await until(() => find("unlock"));
    expect(host.textOf(scene).startsWith("\nLast words. The lamp")).toBe(true);
  });

  test("finding a word opens its scene with the word selected", async () => {
    const { seshat } = await writing();
    await key("f", document.body, { ctrlKey: true, shiftKey: true });
    await fill("find-field", "hollow");
    await until(() => find("hit"));
    await press("hit");
    await until(() => expect(find("editor").textContent).toContain("rang hollow"));
    await settled();
    if (seshat.screen.kind !== "write") throw new Error("not on the desk");
    seshat.screen.novel.desk.type("like a drum");
    await until(() => expect(find("editor").textContent).toContain("rang like a drum."));
  });

  test("no key of the desk does anything during a composition", async () => {
    const { seshat } = await writing();
    await key("l", document.body, { ctrlKey: true, isComposing: true });
    await key(",", document.body, { ctrlKey: true, keyCode: 229 });
    expect([seshat.screen.kind, seshat.overlay]).toEqual(["write", "none"]);
  });
});

describe("the binder", () => {
  const row = () => document.activeElement?.getAttribute("aria-label") ?? "";

  test("is walked with arrows, Home and End, and is one stop for Tab", async () => {
    await writing();
    const rows = [...find("binder").querySelectorAll<HTMLElement>("[role=row]")];
    expect(rows.filter((line) => line.tabIndex === 0).length).toBe(1);
    rows[1]?.focus();
    await key("ArrowDown");
    expect(row()).toBe("What Tomas left out, Revised, 40 words");
    await key("ArrowLeft");
    expect(row()).toContain("The Keeper’s Ledger");
    await key("ArrowLeft");
    expect(document.activeElement?.getAttribute("aria-expanded")).toBe("false");
    await key("End");
    expect(row()).toContain("The inspector at the instrument");
    await key("Home");
    await key("ArrowRight");
    expect(find("binder").querySelectorAll("[role=row]").length).toBe(rows.length);
  });

  test("opens with Enter, renames with F2, moves with Alt and an arrow, and keeps the focus", async () => {
    const { host, card } = await writing();
    const second = find("binder").querySelectorAll<HTMLElement>("[role=row]")[2];
    second?.focus();
    await key("F2");
    const field = find<HTMLInputElement>("rename");
    expect(document.activeElement).toBe(field);
    field.value = "Breakfast";
    await key("Enter", field);
    await until(() => expect(row()).toContain("Breakfast"));
    await key("ArrowDown", document.activeElement ?? document.body, { altKey: true });
    await until(async () =>
      expect((await host.outline(card.id)).nodes[0]?.children[2]?.title).toBe("Breakfast"),
    );
    await until(() => expect(row()).toContain("Breakfast"));
    await key("ArrowDown", document.activeElement ?? document.body, { altKey: true });
    await until(async () =>
      expect((await host.outline(card.id)).nodes[1]?.children[0]?.title).toBe("Breakfast"),
    );
    await key("Enter");
    await until(() => expect(find("editor").textContent).toContain("Tomas ate an egg"));
  });

  test("puts a scene in the trash at once, opens the next one, and offers the way back without taking the focus", async () => {
    const { host, card } = await writing();
    find("binder").querySelectorAll<HTMLElement>("[role=row]")[1]?.focus();
    await key("Delete");
    await until(() => expect(find("editor").textContent).toContain("Tomas ate an egg"));
    expect((await host.outline(card.id)).nodes[0]?.children.length).toBe(2);
    await until(() => expect(row()).toContain("What Tomas left out"));
    expect(find("notice").textContent).toBe("“A light that nobody lit” is in the trash.");
    await press("notice-do");
    await until(async () => expect((await host.outline(card.id)).nodes[0]?.children.length).toBe(3));
    expect((await host.outline(card.id)).nodes[0]?.children[0]?.title).toBe("A light that nobody lit");
    expect(row(), "the focus stays in the binder").not.toBe("");
  });
});
